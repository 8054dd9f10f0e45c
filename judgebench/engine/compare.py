"""Decisions: is one subject better than another, worse, equivalent within a margin, or is it undecided?"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.core.leaderboard import Comparison
from judgebench.engine.analyse import build_measures, compared
from judgebench.engine.contrast import families
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference, measured, resampled
from judgebench.plugin.kinds import Mode
from judgebench.plugin.options import nearest
from judgebench.plugin.registry import Registry
from judgebench.stats import benjamini_hochberg, equivalence, needed, needed_for_equivalence

Outcome = Literal["better", "worse", "different", "equivalent", "undecided"]
POWER = 0.8
MOST = 12
"""Subjects of which every pair is compared; of more, two must be named."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of `a` against `b` on one measure.

    `p_used` is the p-value that decides: that of the test where two subjects were named beforehand, else adjusted over
    all pairs, and by Benjamini and Hochberg's method where there are several benchmarks. `p_equivalence` is that of
    two one-sided tests against `margin` (Holm's adjustment over the pairs shown). `deciding` is the number of items
    with which an undecided difference, if it stays as it is, would be decided with a power of 80 %: infinite where
    there is no difference at all. `values` are those of a and b; `unit` is theirs, and the margin's.
    """

    comparison: Comparison
    values: tuple[float, float]
    unit: str
    better: str | None
    outcome: Outcome
    p_used: float
    margin: float | None = None
    p_equivalence: float | None = None
    deciding: float | None = None


def compare(
    evidence: Sequence[Evidence],
    registry: Registry,
    inference: Inference,
    measures: Sequence[str] = (),
    a: str | None = None,
    b: str | None = None,
    margin: float | None = None,
    mode: Mode = "corrected",
) -> list[Decision]:
    """Decide for each measure and judge: `a` against `b`; `a` against everyone; or, with neither, every pair.

    ConfigError for a name that no subject has, for a margin that is not positive, and where nothing can be compared.
    """
    if margin is not None and not 0.0 < margin < math.inf:
        raise ConfigError(
            f"the margin is {margin:g}", "give the smallest difference that matters, in the measure's unit"
        )
    if b is not None and a is None:
        raise ConfigError("--b is given without --a", "name both, or --a alone to compare it with everyone")
    _known(evidence, a, b)
    decided = [
        decision
        for piece in evidence
        for decision in _of_piece(piece, registry, inference, measures, a, b, margin, mode)
    ]
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
    registry: Registry,
    inference: Inference,
    measures: Sequence[str],
    a: str | None,
    b: str | None,
    margin: float | None,
    mode: Mode,
) -> Iterator[Decision]:
    seed = inference.seed_of(evidence)
    built = build_measures(evidence, registry, measures, mode)
    if a is not None and b is not None and not any(chosen.measure.joint for chosen in built.values()):
        evidence = evidence.of((a, b))  # nobody else is needed, and fits cost time
    for found in resampled(measured(evidence, built), inference, seed):
        measure = found.of.measure
        if measure.better is None and not measures:
            continue  # neither more nor less of it is better: compared where it is asked for
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
                )


def _wanted(names: dict[str, int], a: str | None, b: str | None) -> list[tuple[int, int]]:
    """The pairs of columns to compare, among the subjects of one family."""
    if a is not None:
        return [(names[a], column) for name, column in names.items() if a in names and name != a and b in (None, name)]
    if len(names) > MOST:
        raise ConfigError(
            f"there are {len(names)} subjects, {len(names) * (len(names) - 1) // 2} pairs",
            "name two with --a and --b, or one with --a",
        )
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
    enough = needed(difference, error, n, confidence=comparison.confidence, power=POWER)
    if decision.margin is not None:
        enough = min(
            enough,
            needed_for_equivalence(
                difference, error, n, decision.margin, confidence=comparison.confidence, power=POWER
            ),
        )
    return replace(decision, deciding=enough)
