"""Dropping rows at random where one kind has too many."""

from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import TypeVar

from judgebench_loops.kept import Kept

T = TypeVar("T")


def grouped(rows: Sequence[T], kind: Callable[[T], Hashable]) -> dict[Hashable, list[int]]:
    """The indices of the rows of each kind; the kinds in the order in which they first appear."""
    groups: dict[Hashable, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(kind(row), []).append(index)
    return groups


def at_most(rows: Sequence[T], kind: Callable[[T], Hashable], cap: int, rng: Random, reason: str) -> Kept[T]:
    """Keep at most `cap` rows of each kind, drawn without replacement; their order stays, the rest counts as `reason`.

    Every row of a kind is equally likely to stay.
    """
    if cap < 0:
        raise ValueError("cap must not be negative")
    stay: set[int] = set()
    for indices in grouped(rows, kind).values():
        stay.update(indices if len(indices) <= cap else rng.sample(indices, cap))
    out = len(rows) - len(stay)
    return Kept(tuple(rows[index] for index in sorted(stay)), {reason: out} if out else {})
