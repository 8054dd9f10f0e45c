"""The plan: pure and seeded. The same functions say what to run and, later, what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from judgebench.core.item import Item, Response, Trial
from judgebench.engine.select import draw
from judgebench.store.manifest import Planned


@dataclass(frozen=True, slots=True)
class TrialKey:
    """A trial before its responses are known: enough to name it in the record."""

    judge: str
    slots: tuple[str, ...]
    item: Item
    order: tuple[int, ...]
    repeat: int

    @property
    def record(self) -> tuple[str, tuple[str, ...], str, tuple[int, ...], int]:
        """The key under which the record holds its verdict."""
        return (self.judge, self.slots, self.item.id, self.order, self.repeat)

    def trial(self, responses: Sequence[Response]) -> Trial:
        """The trial, given the responses in slot order."""
        return Trial(self.item, tuple(responses[k] for k in self.order), self.order, self.repeat)


def slots(item: Item, policy: str | None, opponent: str | None = None) -> tuple[str, ...] | None:
    """Who is compared on an item: a policy and its opponent or the baseline, or the ready responses' authors by number.

    None where the item has nothing to compare with.
    """
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
        authors = slots(item, planned.policy, planned.opponent)
        if authors is None:
            continue
        straight = tuple(range(len(authors)))
        swapped = straight[::-1]
        for repeat in range(planned.repeats):
            if planned.order == "both":
                orders = [straight, swapped]
            else:
                orders = [straight if draw(seed, "order", item.id, repeat) < 0.5 else swapped]
            for order in orders:
                yield TrialKey(planned.judge, authors, item, order, repeat)
