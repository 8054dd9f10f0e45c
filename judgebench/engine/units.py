"""Units of comparison: the trials of the same responses to one item under one judge, in all orders, as one row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any, Literal

from judgebench.core.item import Item, Part, Preference, Response, Score, Verdict
from judgebench.engine.authorship import Authorship
from judgebench.engine.evidence import HUMANS, Evidence
from judgebench.engine.execute import responses
from judgebench.engine.plan import TrialKey
from judgebench.store.manifest import Planned

About = Literal["policy", "policy under judge", "judge"]
SubjectKey = tuple[str, str | None]
INCONSISTENT = "tie (inconsistent)"
"""The label of a recorded tie that stands for two orders that disagreed."""


def _no() -> list[bool]:
    return [False, False]


@dataclass(slots=True)
class Unit:
    """One row of a table, as `judgebench.stats.table.Table` describes it; lists of two hold one value an order.

    `authors` are those of the responses, in slot order. `ready`: it is about the item's ready responses, which alone
    have gold labels.
    """

    subject: SubjectKey
    item: Item
    authors: tuple[str, ...] = ("", "")
    turn: int = 0
    ready: bool = True
    opponent: str | None = None
    itself: bool = False
    inconsistent: bool = False
    responses: tuple[Response | None, ...] = (None, None)
    planned: list[bool] = field(default_factory=_no)
    asked: list[bool] = field(default_factory=_no)
    valid: list[bool] = field(default_factory=_no)
    strong: list[bool] = field(default_factory=_no)
    scored: list[bool] = field(default_factory=_no)
    preference: list[float] = field(default_factory=lambda: [0.0, 0.0])
    values: list[tuple[float, ...]] = field(default_factory=lambda: [(), ()])
    parts: list[tuple[Part, ...]] = field(default_factory=lambda: [(), ()])
    own: tuple[bool, ...] = (False, False)
    tokens: list[tuple[float, float]] = field(default_factory=lambda: [(nan, nan), (nan, nan)])
    seconds: list[float] = field(default_factory=lambda: [nan, nan])

    @property
    def slots(self) -> int:
        """How many responses it is about."""
        return len(self.authors)

    @property
    def pair(self) -> tuple[Response | None, Response | None]:
        """The responses in slots 0 and 1."""
        first, second, *_ = (*self.responses, None, None)
        return first, second

    @property
    def subsets(self) -> tuple[str, ...]:
        """The parts of the benchmark that it belongs to."""
        return subsets(self.item, self.turn)

    @property
    def ratings(self) -> tuple[float, ...]:
        """The item's gold numbers of its ready responses, or the gold label's probabilities; nothing without either."""
        if not self.ready:
            return ()
        return self.item.ratings or (self.item.gold.probs if self.item.gold is not None else ())

    @property
    def gold(self) -> float:
        """P(slot 0 is better) of two ready responses by the gold label, or by their ratings; NaN without either."""
        if len(self.ratings) != 2:
            return nan
        if self.item.gold is not None:
            return self.item.gold.probs[0]
        return first_slot(Score(self.ratings), (0, 1))


def subsets(item: Item, turn: int = 0) -> tuple[str, ...]:
    """The parts of the benchmark that an item, or one turn of it, belongs to: those that it names, else its stratum.

    As specs can name them: with a dash for blanks and for the marks of a spec.
    """
    named = [re.sub(r"[\s:=@,*]+", "-", name) for name in item.subsets or ((item.stratum,) if item.stratum else ())]
    return (*named, f"turn-{turn}") if turn else tuple(named)


def parts(evidence: Evidence) -> list[str]:
    """All parts that anything planned belongs to, sorted."""
    return sorted({name for key, _ in evidence.planned for name in subsets(key.item, key.turn)})


@dataclass(frozen=True, slots=True)
class Side:
    """Whom a trial is about; `flipped`: it is the one in slot 1, whose unit has the slots the other way round."""

    subject: SubjectKey
    opponent: str | None
    flipped: bool = False


def units(evidence: Evidence, about: Literal["policy under judge", "judge"]) -> Iterator[Unit]:
    """One unit per subject, judge, slots, item, turn and repeat; of two policies that are measured, one for each.

    About judges, the people whose votes the items bring have one an item.
    """
    found: dict[tuple[Any, ...], Unit] = {}
    voted: dict[str, Item] = {}
    own, policies = Authorship(evidence.subjects).own, frozenset(evidence.keys("policy"))
    for key, plan in evidence.planned:
        if key.item.votes and plan.policy is None:
            voted[key.item.id] = key.item
        shown = responses(key, policies, evidence.content)
        for side in _sides(key, plan, about):
            slots = key.slots[::-1] if side.flipped else key.slots
            name = (side.subject, key.judge, slots, key.item.id, key.turn, key.repeat, _drawn(key.order))
            unit = found.get(name)
            if unit is None:
                unit = found[name] = Unit(side.subject, key.item, slots, key.turn, plan.policy is None, side.opponent)
                alone = about != "judge" and plan.opponent is None
                unit.itself = alone and evidence.named(plan.policy) in slots[1:2]
                unit.own = tuple(own(key.judge, slot) for slot in slots)
            _add(unit, key, shown, evidence, side.flipped, plan.order == "recorded")
    yield from found.values()
    if about == "judge":
        for item in voted.values():
            yield Unit((HUMANS.key, None), item, itself=True, planned=[True, False])


def _drawn(order: tuple[int, ...]) -> tuple[int, ...]:
    """What tells a unit's orders from those of another: of more than two responses, one order and its reverse."""
    return min(order, order[::-1]) if len(order) > 2 else ()


def _sides(key: TrialKey, plan: Planned, about: Literal["policy under judge", "judge"]) -> Iterator[Side]:
    if about == "judge":
        yield Side((key.judge, None), None)
    elif plan.policy is not None:
        yield Side((plan.policy, key.judge), plan.opponent)
        if plan.mutual and plan.opponent is not None:
            yield Side((plan.opponent, key.judge), plan.policy, flipped=True)


def _add(
    unit: Unit,
    key: TrialKey,
    shown: tuple[Response, ...] | None,
    evidence: Evidence,
    flipped: bool,
    recorded: bool,
) -> None:
    straight = tuple(range(len(key.order)))
    reverse = len(straight) > 1 and key.order == straight[::-1]
    column = int(reverse != flipped)
    unit.planned[column] = True
    if shown is None:
        return
    unit.responses = shown[::-1] if flipped else shown
    line = evidence.content.verdicts.get(key.record)
    unit.asked[column] = line is not None
    if line is not None and (line.samples or not recorded):
        usage = [sample.completion.usage for sample in line.samples]
        unit.tokens[column] = (sum(one.input_tokens for one in usage), sum(one.output_tokens for one in usage))
        unit.seconds[column] = sum(
            nan if sample.completion.seconds is None else sample.completion.seconds for sample in line.samples
        )
    if line is not None and line.parts:
        turned = [tuple(part[key.order.index(slot)] for slot in straight) if part else () for part in line.parts]
        unit.parts[column] = tuple(part[::-1] if flipped else part for part in turned)
    if line is not None and line.verdict is not None:
        unit.valid[column] = True
        unit.scored[column] = line.score is not None
        first = first_slot(line.verdict, key.order)
        unit.preference[column] = 1.0 - first if flipped else first
        values = by_slot(line.verdict, key.order)
        unit.values[column] = values[::-1] if flipped else values
        label = line.preference.label if line.preference is not None else None
        unit.strong[column] = label is not None and (">>" in label or "<<" in label)
        unit.inconsistent |= label == INCONSISTENT


def text(response: Response | None) -> str | None:
    """A response's text, all turns joined; None where it has none."""
    return None if response is None or not response.turns else "\n".join(response.turns)


def by_slot(verdict: Verdict, order: Sequence[int]) -> tuple[float, ...]:
    """A verdict's probabilities or scores turned back from shown order: one number a slot."""
    shown = verdict.probs if isinstance(verdict, Preference) else verdict.values
    return tuple(shown[order.index(slot)] for slot in range(len(order)))


def first_slot(verdict: Verdict, order: tuple[int, ...]) -> float:
    """P(the response in slot 0 is better): the verdict turned back from shown order.

    Scores are compared: the higher one is better, equal ones are a tie. A response alone is neither: one half.
    """
    mine, *others = by_slot(verdict, order)
    if isinstance(verdict, Preference):
        return mine
    best = max(others, default=mine)
    return 0.5 if mine == best else float(mine > best)
