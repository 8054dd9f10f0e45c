"""Judges that follow places: they prefer what stands in one place more often than one response."""

from collections.abc import Iterator
from dataclasses import dataclass

from judgebench.core.item import Verdict
from judgebench.engine.evidence import Evidence
from judgebench.engine.units import by_slot
from judgebench.stats import mcnemar

LEVEL = 0.05
"""Of the two-sided test that a judge prefers one place as often as one response, below which it is told."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What a judge preferred in `pairs` units judged in both orders: the same place, or the same response.

    `judge` is its key. The others of the pairs are ties, in one order or both.
    """

    judge: str
    place: int
    response: int
    pairs: int

    @property
    def follows_places(self) -> bool:
        """One place more often than one response, by more than chance (an exact test)."""
        return self.place > self.response and mcnemar(self.place, self.response) <= LEVEL

    def told(self, name: str) -> str:
        """A sentence about the judge of this name."""
        preferred = f"the same place in {self.place} of {self.pairs} pairs, the same response in {self.response}"
        return f"{name} prefers {preferred}: it follows places more than responses"


def doubts(evidence: Evidence) -> dict[str, str]:
    """What is to be said of each judge that follows places, by its key."""
    found = (one for one in placings(evidence) if one.follows_places)
    return {one.judge: one.told(evidence.shown(one.judge)) for one in found}


def placings(evidence: Evidence) -> Iterator[Placing]:
    """Of every judge that gave verdicts in both orders of something, in the evidence's order."""
    there: dict[tuple[object, ...], dict[tuple[int, ...], Verdict]] = {}
    for key, _ in evidence.planned:
        line = evidence.content.verdicts.get(key.record)
        if line is not None and line.verdict is not None and len(key.order) > 1:
            unit = (key.judge, key.slots, key.item.id, key.turn, key.repeat)
            there.setdefault(unit, {})[key.order] = line.verdict
    counted: dict[str, list[int]] = {}
    for (judge, *_), verdicts in there.items():
        for order, verdict in verdicts.items():
            reverse = order[::-1]
            if order < reverse and (other := verdicts.get(reverse)) is not None:
                counts = counted.setdefault(str(judge), [0, 0, 0])
                counts[2] += 1
                first, second = _best(verdict, order), _best(other, reverse)
                if first is not None and second is not None:
                    counts[0] += order.index(first) == reverse.index(second)
                    counts[1] += first == second
    for judge, (place, response, pairs) in counted.items():
        yield Placing(judge, place, response, pairs)


def _best(verdict: Verdict, order: tuple[int, ...]) -> int | None:
    """The slot that alone is best; None where several are."""
    values = by_slot(verdict, order)
    best = max(values)
    return values.index(best) if values.count(best) == 1 else None
