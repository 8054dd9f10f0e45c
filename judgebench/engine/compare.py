"""Decisions: is one subject better than another, worse, equivalent within a margin, or is it undecided?"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.discovery.registry import Registry
from judgebench.engine.analyse import build_measures, compared
from judgebench.engine.contrast import families
from judgebench.engine.decision import Decision, Outcome
from judgebench.engine.evidence import Evidence
from judgebench.engine.gate import can_close
from judgebench.engine.inference import Inference, Measured, measured, resampled
from judgebench.engine.placing import Placed, doubts, placed
from judgebench.engine.units import SubjectKey
from judgebench.plugin.measure import Mode
from judgebench.plugin.options import nearest
from judgebench.stats import benjamini_hochberg, equivalence, needed, needed_for_equivalence

POWER = 0.8
MOST = 12
"""Subjects of which every pair is compared; of more, two must be named."""


def compare(
    evidence: Sequence[Evidence],
    registry: Registry,
    inference: Inference,
    measures: Sequence[str] = (),
    a: str | None = None,
    b: str | None = None,
    margin: float | None = None,
    mode: Mode = "corrected",
    gate: Sequence[str] = (),
) -> list[Decision]:
    """Decide for each measure and judge: `a` against `b`; `a` against everyone; or, with neither, every pair.

    `gate` are outcomes of which every measure must be able to have one. ConfigError for a name that no subject has,
    for a margin that is not positive, where nothing or too much would be compared, and for a gate that cannot close.
    """
    if margin is not None and not 0.0 < margin < math.inf:
        raise ConfigError(
            f"the margin is {margin:g}", "give the smallest difference that matters, in the measure's unit"
        )
    if b is not None and a is None:
        raise ConfigError("--b is given without --a", "name both, or --a alone to compare it with everyone")
    _known(evidence, a, b)
    ready = []  # of every benchmark, before anything is resampled, which takes its time
    for piece in evidence:
        built = build_measures(piece, registry, measures, mode)
        if not measures:  # where neither more nor less of it is better, it is compared when it is asked for
            built = {label: chosen for label, chosen in built.items() if chosen.measure.better is not None}
        for label, chosen in built.items():
            can_close(gate, label, chosen.measure.better, margin)
        kept = piece
        if a is not None and b is not None and not any(chosen.measure.joint for chosen in built.values()):
            kept = piece.of((a, b))  # nobody else is needed, and fits cost time
        ready.append((kept, list(placed(kept)), measured(kept, built)))
        if a is None:
            _few_enough(ready[-1][2])
    decided = [decision for one in ready for decision in _of_piece(*one, inference, a, b, margin)]
    if not decided:
        raise ConfigError(
            "there are no two subjects to compare", "name runs with two policies under one judge, or two judges"
        )
    if len({decision.comparison.benchmark for decision in decided}) > 1:
        q = benjamini_hochberg(np.array([decision.p_used for decision in decided]))
        decided = [replace(decision, p_used=float(value)) for decision, value in zip(decided, q, strict=True)]
    return [_concluded(decision) for decision in _holm(decided)]


def _known(evidence: Sequence[Evidence], *names: str | None) -> None:
    subjects = {piece.shown(key) for piece in evidence for key in piece.subjects}
    for name in names:
        if name is not None and name not in subjects:
            raise ConfigError(f"no subject is called '{name}'", nearest(name, subjects))


def _of_piece(
    evidence: Evidence,
    judged: Sequence[Placed],
    ready: Sequence[Measured],
    inference: Inference,
    a: str | None,
    b: str | None,
    margin: float | None,
) -> Iterator[Decision]:
    seed = inference.seed_of(evidence)
    for found in resampled(ready, inference, seed):
        measure = found.of.measure
        for family in families(found, seed):
            names = {evidence.shown(found.of.keys[column][0]): column for column in family.subjects.tolist()}
            wanted = _wanted(names, a, b)
            for (first, second), comparison in zip(wanted, compared(evidence, family, wanted, inference), strict=True):
                floor = 2.0 ** (1.0 - comparison.clusters)
                gap = found.replicates[:, first] - found.replicates[:, second]
                yield Decision(
                    comparison,
                    (float(found.point[first]), float(found.point[second])),
                    measure.unit,
                    measure.better,
                    "undecided",
                    comparison.p if b is not None else comparison.p_adjusted,
                    margin,
                    None if margin is None else equivalence(comparison.difference, gap, margin, min(floor, 1.0)),
                    apart=int(family.apart[family.at(first, second)[0]]),
                    doubts=_doubts(evidence, judged, [found.of.keys[column] for column in (first, second)]),
                )


def _doubts(evidence: Evidence, judged: Sequence[Placed], pair: Sequence[SubjectKey]) -> tuple[str, ...]:
    """Of the judges behind a comparison: of two policies by the pairs that one of them is in, of judges by all."""
    (a, judge), (b, _) = pair
    if judge is not None:
        mine = [one for one in judged if one.judge == judge and not one.policies.isdisjoint((a, b))]
    else:  # two judges, or policies by what no judge said of them
        mine = [one for one in judged if one.judge in (a, b)]
    return tuple(doubts(evidence, mine).values())


def _few_enough(found: Sequence[Measured]) -> None:
    """ConfigError where every pair would be too many: known before anything is resampled."""
    for one in found:
        _, sizes = np.unique(one.table.family[one.support.n > 0], return_counts=True)
        if (most := int(sizes.max(initial=0))) > MOST:
            raise ConfigError(
                f"there are {most} subjects, {most * (most - 1) // 2} pairs",
                "name two with --a and --b, or one with --a",
            )


def _wanted(names: dict[str, int], a: str | None, b: str | None) -> list[tuple[int, int]]:
    """The pairs of columns to compare, among the subjects of one family."""
    if a is not None:
        return [(names[a], column) for name, column in names.items() if a in names and name != a and b in (None, name)]
    columns = list(names.values())
    return [(first, second) for k, first in enumerate(columns) for second in columns[k + 1 :]]


def _holm(decisions: list[Decision]) -> Iterable[Decision]:
    """Decisions with their p-values of equivalence adjusted over all of them. Source: Holm (1979)."""
    order = sorted(range(len(decisions)), key=lambda k: decisions[k].p_equivalence or 0.0)
    adjusted: dict[int, float] = {}
    running = 0.0
    for place, k in enumerate(order):
        p = decisions[k].p_equivalence
        if p is None:
            return decisions
        running = max(running, min(1.0, p * (len(order) - place)))
        adjusted[k] = running
    return [replace(decision, p_equivalence=adjusted[k]) for k, decision in enumerate(decisions)]


def _concluded(decision: Decision) -> Decision:
    """Equivalence first: a difference within the margin does not matter, however certain it is."""
    comparison = decision.comparison
    level = 1.0 - comparison.confidence
    if decision.p_equivalence is not None and decision.p_equivalence <= level:
        return replace(decision, outcome="equivalent")
    if decision.p_used <= level:
        ahead = (comparison.difference > 0) == (decision.better == "higher")
        outcome: Outcome = "different" if decision.better is None else "better" if ahead else "worse"
        return replace(decision, outcome=outcome)
    difference, error, n = comparison.difference, comparison.standard_error, comparison.clusters
    if error == 0.0 and decision.margin is not None:  # nothing varies: how many items would show it is not known
        return decision
    enough = needed(difference, error, n, confidence=comparison.confidence, power=POWER)
    if decision.margin is not None:
        enough = min(
            enough,
            needed_for_equivalence(
                difference, error, n, decision.margin, confidence=comparison.confidence, power=POWER
            ),
        )
    if enough <= n:  # the approximation by a normal distribution says too little of so few items
        return decision
    return replace(decision, deciding=enough)
