"""A stage that keeps nothing ends the loop, and says what was dropped and why."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from judgebench import DataError
from judgebench_loops.writing.dataset import NOTHING, reasons

T = TypeVar("T")


def filled(stage: str, rows: Sequence[T], dropped: Mapping[str, int]) -> list[T]:
    """The rows. DataError where there is none, whose hint says what was dropped."""
    if not rows:
        raise DataError(f"{stage}: nothing is left", f"dropped: {reasons(dropped)}" if dropped else NOTHING)
    return list(rows)
