"""One line of a suite."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from judgebench.testing.subject import Subject


def _every(cls: type[Any]) -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """What is checked, in words that follow a component's name; how; and which classes it concerns."""

    about: str
    check: Callable[[Subject[Any]], None]
    concerns: Callable[[type[Any]], bool] = _every
