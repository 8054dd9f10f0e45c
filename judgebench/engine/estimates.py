"""Estimates: a measure's values with their intervals."""

from collections.abc import Iterator

import numpy as np

from judgebench.core.leaderboard import Estimate
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference, Resampled
from judgebench.engine.notes import warnings
from judgebench.plugin.measure import Measure, Mode
from judgebench.stats import acceleration, bca, deviation, percentile, wilson
from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray

BOUNDS = ("limits", "at least", "at most")
"""How an interval from a measure's own limits is named, by whether the value is a bound: 0, 1, -1."""


def estimated(
    evidence: Evidence, found: Resampled, inference: Inference, mode: Mode
) -> Iterator[tuple[Estimate, int, list[str]]]:
    """The estimates of one measure with their columns, each with what a reader must know of its interval."""
    one = found.of
    low, high, flat = ends(found, inference)
    method = np.where(flat, "wilson", inference.interval).astype(object)
    if one.prepared.limits is not None:
        own = one.prepared.limits.alone(inference.confidence)
        known = np.isfinite(own[0])
        low, high = _instead(low, own[0]), _instead(high, own[1])
        method[known] = np.array(BOUNDS)[one.prepared.limits.bound[known]]
    value, error, confidence = found.point, deviation(found.replicates), inference.confidence
    published = one.prepared.published
    if published is not None and getattr(one.measure, "mode", mode) == "official":
        value, error = _instead(value, published.value), _instead(error, published.standard_error)
        if published.low is not None and published.high is not None:
            theirs = np.isfinite(published.low)
            low, high = _instead(low, published.low), _instead(high, published.high)
            method, confidence = np.where(theirs, published.method, method), published.confidence
    for number, (subject, judge) in enumerate(one.keys):
        n, missing, clusters = (int(p[number]) for p in (one.support.n, one.support.missing, one.support.clusters))
        if n == 0 or not np.isfinite(found.point[number]):
            continue  # no data gives no estimate
        details = {name: float(column[number]) for name, column in one.prepared.details.items()}
        estimate = Estimate(
            benchmark=evidence.manifests[0].benchmark,
            subject=evidence.shown(subject),
            judge=None if judge is None else evidence.shown(judge),
            measure=one.label,
            value=float(value[number]),
            low=float(low[number]),
            high=float(high[number]),
            confidence=confidence,
            n=n,
            missing=missing,
            method=str(method[number]),
            standard_error=float(error[number]),
            details={name: number for name, number in details.items() if np.isfinite(number)},
        )
        yield estimate, number, list(warnings(estimate, one.measure, clusters))


def _instead(ours: FloatArray, theirs: FloatArray | None) -> FloatArray:
    """What the official code gives, where it gives something."""
    return ours if theirs is None else np.where(np.isnan(theirs), ours, theirs)


def ends(found: Resampled, inference: Inference) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Low and high ends [subjects], and where they are Wilson's: resampling saw no spread, the binomial does."""
    if found.without_one is None:
        low, high = percentile(found.replicates, inference.confidence)
    else:
        skew = acceleration(found.of.table.strata, found.without_one)
        low, high = bca(found.point, found.replicates, skew, inference.confidence)
    flat = _flat(found.of.measure, found.replicates) & np.isfinite(found.point) & (found.of.support.clusters > 0)
    for number in np.flatnonzero(flat):
        value, clusters = float(found.point[number]), int(found.of.support.clusters[number])
        bounds = found.of.measure.bounds
        if bounds is not None:
            low[number], high[number] = _binomial(value, bounds, clusters, inference.confidence)
    return low, high, flat


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
