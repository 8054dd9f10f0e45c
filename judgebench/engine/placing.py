"""Judges that follow places: they prefer what stands in one place more often than one response."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from judgebench.core.item import Verdict
from judgebench.engine.evidence import Evidence
from judgebench.engine.units import by_slot
from judgebench.stats import mcnemar

LEVEL = 0.05
"""Of the two-sided test that a judge prefers one place as often as one response, below which it is told."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a judge preferred where it was asked in both orders: 1: the same place, -1: the same response, 0: neither.

    `judge` is its key, `policies` those of the policies whose responses were compared.
    """

    judge: str
    policies: frozenset[str]
    cluster: str
    preferred: int


@dataclass(frozen=True, slots=True)
class Placing:
    """What a judge preferred in so many `pairs`: the same place, or the same response; the others are ties.

    `clusters` are those in which one place was preferred more often than one response, and the other way round.
    """

    place: int
    response: int
    pairs: int
    clusters: tuple[int, int]

    @property
    def follows_places(self) -> bool:
        """One place more often than one response, by more than chance: an exact test over clusters."""
        place, response = self.clusters
        return self.place > self.response and place > response and mcnemar(place, response) <= LEVEL

    def told(self, name: str) -> str:
        """A sentence about the judge of this name."""
        preferred = f"the same place in {self.place} of {self.pairs} pairs, the same response in {self.response}"
        return f"{name} prefers {preferred}: it follows places more than responses"


def doubts(evidence: Evidence, found: Iterable[Placed]) -> dict[str, str]:
    """What is to be said of each judge that follows places, by its key."""
    judged: dict[str, list[Placed]] = {}
    for one in found:
        judged.setdefault(one.judge, []).append(one)
    counted = {judge: placing(mine) for judge, mine in judged.items()}
    return {judge: one.told(evidence.shown(judge)) for judge, one in counted.items() if one.follows_places}


def placing(found: Collection[Placed]) -> Placing:
    """The counts of one judge."""
    counts = Counter(one.preferred for one in found)
    net: Counter[str] = Counter()
    for one in found:
        net[one.cluster] += one.preferred
    clusters = (sum(value > 0 for value in net.values()), sum(value < 0 for value in net.values()))
    return Placing(counts[1], counts[-1], len(found), clusters)


def placed(evidence: Evidence) -> Iterator[Placed]:
    """All that was judged in both orders, in the evidence's order."""
    there: dict[tuple[object, ...], dict[tuple[int, ...], Verdict]] = {}
    for key, plan in evidence.planned:
        line = evidence.content.verdicts.get(key.record)
        if line is None or line.verdict is None or len(key.order) < 2:
            continue
        unit = (key.judge, key.slots, key.item.id, key.turn, key.repeat)
        verdicts = there.setdefault(unit, {})
        verdicts[key.order] = line.verdict
        order = key.order[::-1]
        if (other := verdicts.get(order)) is not None:
            policies = frozenset(name for name in (plan.policy, plan.opponent) if name is not None)
            cluster = key.item.cluster or key.item.id
            yield Placed(key.judge, policies, cluster, _preferred(line.verdict, key.order, other, order))


def _preferred(one: Verdict, order: tuple[int, ...], other: Verdict, reverse: tuple[int, ...]) -> int:
    first, second = _best(one, order), _best(other, reverse)
    if first is None or second is None:
        return 0
    return int(order.index(first) == reverse.index(second)) - int(first == second)  # the middle of three is both


def _best(verdict: Verdict, order: tuple[int, ...]) -> int | None:
    """The slot that alone is best; None where several are."""
    values = by_slot(verdict, order)
    best = max(values)
    return values.index(best) if values.count(best) == 1 else None
