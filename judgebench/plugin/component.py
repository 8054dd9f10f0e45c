"""What all kinds of components share."""

from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar


class Component(ABC):
    """What all kinds share: a name, and what of its surroundings can change its results."""

    kind: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str] = ""
    status: ClassVar[str] = ""
    """What a user should know of its state, such as `untested on a GPU`: shown by `judgebench list`."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Options with the values of a paper or an official program, by name: `preset=NAME` sets them, others given win."""

    def fingerprint(self) -> Mapping[str, str]:
        """Digests of what the options only point to (a template's text, a model file): part of the identity."""
        return {}
