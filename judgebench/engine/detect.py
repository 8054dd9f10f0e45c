"""What a planned number of items can show: the smallest detectable difference, from a recorded run's variance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from judgebench.discovery.registry import Registry
from judgebench.engine.analyse import build_measures
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference, Resampled, measured, resampled
from judgebench.stats import detectable

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest true difference that so many items find significant with a power of 80 %, in the measure's unit.

    `deviation` is the standard deviation, over items, of two subjects' paired differences: the median of the pairs of
    a recorded run, from `least` to `most` over them.
    """

    measure: str
    judge: str | None
    unit: str
    items: int
    deviation: float
    smallest: float
    least: float
    most: float


def detected(
    evidence: Sequence[Evidence], registry: Registry, inference: Inference, measures: Sequence[str], items: int
) -> list[Detectable]:
    """For each measure that has a better end, and each judge, with at least two subjects in the evidence."""
    return [
        found
        for piece in evidence
        for one in resampled(
            measured(piece, build_measures(piece, registry, measures, "corrected")),
            inference,
            inference.seed_of(piece),
        )
        if one.of.measure.better is not None
        for found in _families(piece, one, inference, items)
    ]


def stated(deviation: float, confidence: float, items: int, unit: str = "points") -> Detectable:
    """From a standard deviation that the user states."""
    smallest = detectable(deviation, items, confidence=confidence, power=POWER)
    return Detectable("stated", None, unit, items, deviation, smallest, smallest, smallest)


def _families(evidence: Evidence, found: Resampled, inference: Inference, items: int) -> Iterator[Detectable]:
    table, support = found.of.table, found.of.support
    for family in np.unique(table.family):
        columns = np.flatnonzero((table.family == family) & (support.clusters > 1))
        if len(columns) < 2:
            continue
        # a subject without data in a resample: the few others stand for the whole
        rows = found.replicates[np.isfinite(found.replicates[:, columns]).all(axis=1)][:, columns]
        if len(rows) < 2:
            continue
        covariance = np.cov(rows, rowvar=False)
        first, second = np.triu_indices(len(columns), k=1)
        variance = covariance[first, first] + covariance[second, second] - 2.0 * covariance[first, second]
        clusters = np.minimum(support.clusters[columns[first]], support.clusters[columns[second]])
        deviations = np.sqrt(np.maximum(variance, 0.0) * clusters)

        def smallest(deviation: float) -> float:
            return detectable(deviation, items, confidence=inference.confidence, power=POWER)

        typical = float(np.median(deviations))
        judge = found.of.keys[columns[0]][1]
        yield Detectable(
            found.of.label,
            None if judge is None else evidence.shown(judge),
            found.of.measure.unit,
            items,
            typical,
            smallest(typical),
            smallest(float(deviations.min())),
            smallest(float(deviations.max())),
        )
