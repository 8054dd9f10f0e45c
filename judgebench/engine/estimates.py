"""Estimates: a measure's values with their intervals."""

from collections.abc import Iterator

import numpy as np

from judgebench.core.leaderboard import Estimate
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference, Resampled
from judgebench.engine.notes import warnings
from judgebench.plugin.kinds import Measure, Mode
from judgebench.stats import acceleration, bca, deviation, percentile, wilson
from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray


def estimated(
    evidence: Evidence, found: Resampled, inference: Inference, mode: Mode
) -> Iterator[tuple[Estimate, int, list[str]]]:
    """The estimates of one measure with their columns, each with what a reader must know of its interval."""
    one = found.of
    low, high = _ends(found, inference)
    flat = _flat(one.measure, found.replicates)
    spread = deviation(found.replicates)
    published = one.prepared.published_error
    errors = spread if mode == "corrected" or published is None else np.where(np.isnan(published), spread, published)
    for number, (subject, judge) in enumerate(one.keys):
        n, missing, clusters = (int(p[number]) for p in (one.support.n, one.support.missing, one.support.clusters))
        if n == 0 or not np.isfinite(found.point[number]):
            continue  # no data gives no estimate
        value, ends = float(found.point[number]), (float(low[number]), float(high[number]))
        method: str = inference.interval
        if one.measure.bounds is not None and flat[number]:
            # all clusters alike: resampling sees no spread, the binomial does
            ends, method = _binomial(value, one.measure.bounds, clusters, inference.confidence), "wilson"
        details = {name: float(column[number]) for name, column in one.prepared.details.items()}
        estimate = Estimate(
            benchmark=evidence.manifests[0].benchmark,
            subject=evidence.shown(subject),
            judge=None if judge is None else evidence.shown(judge),
            measure=one.measure.name,
            value=value,
            low=ends[0],
            high=ends[1],
            confidence=inference.confidence,
            n=n,
            missing=missing,
            method=method,
            standard_error=float(errors[number]),
            details={name: number for name, number in details.items() if np.isfinite(number)},
        )
        yield estimate, number, list(warnings(estimate, one.measure, clusters))


def _ends(found: Resampled, inference: Inference) -> tuple[FloatArray, FloatArray]:
    if found.without_one is None:
        return percentile(found.replicates, inference.confidence)
    skew = acceleration(found.of.table.strata, found.without_one)
    return bca(found.point, found.replicates, skew, inference.confidence)


def _flat(measure: Measure, replicates: FloatArray) -> BoolArray:
    """bool [subjects]: the replicates do not differ by more than rounding, for a measure that has bounds."""
    if measure.bounds is None:
        return np.zeros(replicates.shape[1], dtype=bool)
    least, most = measure.bounds
    lowest, highest = np.fmin.reduce(replicates, axis=0), np.fmax.reduce(replicates, axis=0)
    return np.asarray(highest - lowest <= ROUNDING * (most - least))


def _binomial(value: float, bounds: tuple[float, float], clusters: int, confidence: float) -> tuple[float, float]:
    """Wilson's interval of the share that a value has of the way between its bounds, in the value's unit."""
    least, most = bounds
    share = min(max((value - least) / (most - least), 0.0), 1.0)
    low, high = wilson(share * clusters, clusters, confidence)
    return least + (most - least) * low, least + (most - least) * high


def place(estimate: Estimate, measure: Measure) -> tuple[str, float, str]:
    """Judge by judge, the better subject first."""
    sign = {"higher": -1.0, "lower": 1.0, None: -1.0}[measure.better]
    return (estimate.judge or "", sign * estimate.value, estimate.subject)
