"""What a stage keeps, and how much it drops for which reason: nothing disappears without being counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Dropped(Exception):
    """Why one thing does not go on: a short reason, the same for all that are dropped for it (`equal scores`)."""

    @property
    def reason(self) -> str:
        """The reason, under which it is counted."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What went on, in order, and for each reason how many did not."""

    rows: tuple[T, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)

    def then(self, make: Callable[[T], S]) -> "Kept[S]":
        """Make something of each that was kept; what `make` drops is counted beside what was dropped before."""
        further = keep(self.rows, make)
        return Kept(further.rows, added(self.dropped, further.dropped))


def keep(things: Iterable[S], make: Callable[[S], T]) -> Kept[T]:
    """Make something of each; where `make` raises Dropped, its reason is counted instead."""
    rows, dropped = [], Counter[str]()
    for thing in things:
        try:
            rows.append(make(thing))
        except Dropped as drop:
            dropped[drop.reason] += 1
    return Kept(tuple(rows), dict(dropped))


def added(*counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by reason, added up, in the order in which the reasons first appear."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)
