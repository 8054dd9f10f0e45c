"""The plan: pure and seeded. The same functions say what to run and, later, what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from judgebench.core.item import Item, Response, Trial
from judgebench.engine.select import draw
from judgebench.store.lines import TrialName
from judgebench.store.manifest import Planned


@dataclass(frozen=True, slots=True)
class TrialKey:
    """A trial before its responses are known: enough to name it in the record."""

    judge: str
    slots: tuple[str, ...]
    item: Item
    order: tuple[int, ...]
    repeat: int
    turn: int = 0

    @property
    def record(self) -> TrialName:
        """The key under which the record holds its verdict."""
        return (self.judge, self.slots, self.item.id, self.order, self.repeat, self.turn)

    def trial(self, responses: Sequence[Response]) -> Trial:
        """The trial, given the whole responses in slot order."""
        shown = tuple(responses[k].first_turns(self.turn) for k in self.order)
        return Trial(self.item.first_turns(self.turn), shown, self.order, self.repeat)


def slots(item: Item, policy: str | None, opponent: str | None = None, alone: bool = False) -> tuple[str, ...] | None:
    """Who is compared on an item: a policy and its opponent or the baseline, or the ready responses' authors by number.

    A policy that is judged alone has no opponent. None where the item has nothing to compare with.
    """
    if policy is not None and alone:
        return (policy,)
    if policy is not None and opponent is not None:
        return (policy, opponent)
    if policy is not None:
        return None if item.baseline is None else (policy, item.baseline.author)
    return tuple(response.author for response in item.responses) if len(item.responses) > 1 else None


def trials(planned: Planned, selected: Mapping[str, Sequence[Item]], seed: int) -> Iterator[TrialKey]:
    """Every trial of a plan, given the items of every selection; none of what was imported, which no rule gives."""
    if planned.order == "recorded":
        return
    for item in selected[planned.selection]:
        authors = slots(item, planned.policy, planned.opponent, planned.alone)
        if authors is None:
            continue
        for repeat in range(planned.repeats):
            for turn in range(1, len(item.turns) + 1) if planned.by_turn else (0,):
                for order in _orders(len(authors), planned.order, seed, item.id, repeat):
                    yield TrialKey(planned.judge, authors, item, order, repeat, turn)


def _orders(responses: int, wanted: str, seed: int, item: str, repeat: int) -> list[tuple[int, ...]]:
    """Both orders are the straight one and its reverse; a seeded one is any of all, each as likely."""
    straight = tuple(range(responses))
    if responses == 1:
        return [straight]
    if wanted == "both":
        return [straight, straight[::-1]]
    if responses == 2:
        return [straight if draw(seed, "order", item, repeat) < 0.5 else straight[::-1]]
    return [tuple(sorted(straight, key=lambda k: draw(seed, "order", item, repeat, k)))]
