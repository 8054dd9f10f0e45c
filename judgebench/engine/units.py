"""Units of comparison: the trials of two responses to one item under one judge, in both orders, as one row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import nan
from typing import Literal

from judgebench.core.item import Item, Preference, Response, Score, Verdict
from judgebench.engine.evidence import Evidence
from judgebench.engine.plan import TrialKey
from judgebench.store.manifest import Planned

About = Literal["policy", "policy under judge", "judge"]
SubjectKey = tuple[str, str | None]


def _no() -> list[bool]:
    return [False, False]


@dataclass(slots=True)
class Unit:
    """One row of a table, as `judgebench.stats.table.Table` describes it; lists hold one value an order."""

    subject: SubjectKey
    item: Item
    opponent: str | None = None
    itself: bool = False
    gold: float = nan
    responses: tuple[Response | None, Response | None] = (None, None)
    planned: list[bool] = field(default_factory=_no)
    asked: list[bool] = field(default_factory=_no)
    valid: list[bool] = field(default_factory=_no)
    strong: list[bool] = field(default_factory=_no)
    preference: list[float] = field(default_factory=lambda: [0.0, 0.0])


@dataclass(frozen=True, slots=True)
class Side:
    """Whom a trial is about; `flipped`: it is the one in slot 1, whose unit has the slots the other way round."""

    subject: SubjectKey
    opponent: str | None
    flipped: bool = False


def units(evidence: Evidence, about: Literal["policy under judge", "judge"]) -> Iterator[Unit]:
    """One unit per subject, judge, pair of slots, item and repeat; of two policies that are measured, one for each."""
    found: dict[tuple[SubjectKey, str, tuple[str, ...], str, int], Unit] = {}
    for key, plan in evidence.planned:
        shown = evidence.responses(key)
        for side in _sides(key, plan, about):
            slots = key.slots[::-1] if side.flipped else key.slots
            name = (side.subject, key.judge, slots, key.item.id, key.repeat)
            unit = found.get(name)
            if unit is None:
                unit = found[name] = Unit(side.subject, key.item, side.opponent)
                unit.itself = plan.opponent is None and evidence.named(plan.policy) == key.slots[1]
                if plan.policy is None and key.item.gold is not None:
                    unit.gold = key.item.gold.probs[0]
            _add(unit, key, shown, evidence, side.flipped)
    yield from found.values()


def _sides(key: TrialKey, plan: Planned, about: Literal["policy under judge", "judge"]) -> Iterator[Side]:
    if about == "judge":
        yield Side((key.judge, None), None)
    elif plan.policy is not None:
        yield Side((plan.policy, key.judge), plan.opponent)
        if plan.mutual and plan.opponent is not None:
            yield Side((plan.opponent, key.judge), plan.policy, flipped=True)


def _add(unit: Unit, key: TrialKey, shown: tuple[Response, ...] | None, evidence: Evidence, flipped: bool) -> None:
    column = int((key.order[0] != 0) != flipped)
    unit.planned[column] = True
    if shown is None:
        return
    unit.responses = (shown[1], shown[0]) if flipped else (shown[0], shown[1])
    line = evidence.content.verdicts.get(key.record)
    unit.asked[column] = line is not None
    if line is not None and line.verdict is not None:
        unit.valid[column] = True
        first = first_slot(line.verdict, key.order)
        unit.preference[column] = 1.0 - first if flipped else first
        label = line.preference.label if line.preference is not None else None
        unit.strong[column] = label is not None and (">>" in label or "<<" in label)


def text(response: Response | None) -> str | None:
    """A response's text, all turns joined; None where it has none."""
    return None if response is None or not response.turns else "\n".join(response.turns)


def first_slot(verdict: Verdict, order: tuple[int, ...]) -> float:
    """P(the response in slot 0 is better): the verdict turned back from shown order.

    Scores are compared: the higher one is better, equal ones are a tie.
    """
    place = order.index(0)
    match verdict:
        case Preference(probs):
            return probs[place]
        case Score(values):
            mine, others = values[place], [value for k, value in enumerate(values) if k != place]
            best = max(others)
            return 0.5 if mine == best else float(mine > best)
