"""Pairs of subjects, compared on shared replicates: differences, intervals, p-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray, floats
from judgebench.stats.intervals import bca, percentile
from judgebench.stats.resample import acceleration

BLOCK_CELLS = 1 << 20
"""Differences (replicates × pairs) held at a time: 8 MB."""


@dataclass(frozen=True, slots=True)
class Differences:
    """The first subject of each pair less the second: float [pairs] each, in the values' unit.

    `standard_error` is the standard deviation (ddof 1) of the replicates of the difference.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray


def pairs(n: int) -> tuple[IntArray, IntArray]:
    """Return all pairs i < j of n subjects, in order: two int arrays [n (n - 1) / 2]."""
    first, second = np.triu_indices(n, k=1)
    return first, second


def differences(
    point: FloatArray,
    replicates: FloatArray,
    first: IntArray,
    second: IntArray,
    confidence: float,
    *,
    interval: Literal["bca", "percentile"] = "bca",
    strata: IntArray | None = None,
    without_one: FloatArray | None = None,
) -> Differences:
    """Return the differences of pairs with their intervals: a difference is resampled as any other statistic is.

    Args:
        point: [subjects] estimates on the data themselves.
        replicates: [replicates, subjects], every row under the same weights for all subjects: this pairs them.
        first, second: [pairs] columns.
        confidence: between 0 and 1, for example 0.95.
        interval: bca needs strata [clusters] and without_one [clusters, subjects], as `acceleration` does.

    Raises:
        ValueError: as for `percentile`, `bca` and `acceleration`; strata or without_one lacking for bca.
    """
    value = point[first] - point[second]
    low, high, error = (np.empty(len(value)) for _ in range(3))
    columns = np.ascontiguousarray(replicates.T)
    for block in _blocks(len(value), len(replicates)):
        gaps = (columns[first[block]] - columns[second[block]]).T
        error[block] = deviation(gaps)
        if interval == "percentile":
            low[block], high[block] = percentile(gaps, confidence)
            continue
        if strata is None or without_one is None:
            raise ValueError("bca needs the strata and the values without each cluster")
        skew = acceleration(strata, without_one[:, first[block]] - without_one[:, second[block]])
        low[block], high[block] = bca(value[block], gaps, skew, confidence)
    return Differences(value, low, high, error)


def bootstrap_p(
    point: FloatArray, replicates: FloatArray, first: IntArray, second: IntArray, floor: FloatArray | float = 0.0
) -> FloatArray:
    """Return the two-sided p-value of no difference, for each pair: (1 + #{|D* - D| ≥ |D|}) / (1 + B).

    The replicates, moved to a mean difference of 0, stand for what chance gives. Ties up to rounding count as
    exceeding. A replicate without data (NaN) is left out of its pair, in B too.
    Source: Davison & Hinkley (1997), section 4.4.1; Hall & Wilson (1991), on centring.

    Args:
        point, replicates, first, second: as for `differences`.
        floor: the least p there can be, for each pair or for all.

    Returns:
        float64 [pairs], at most 1; 1 where there is no difference at all, NaN where a point is NaN.
    """
    value = point[first] - point[second]
    found = np.empty(len(value))
    columns = np.ascontiguousarray(replicates.T)
    for block in _blocks(len(value), len(replicates)):
        away = columns[first[block]] - columns[second[block]]
        known = np.isfinite(away).sum(axis=1)
        away -= value[block, None]
        np.abs(away, out=away)
        same = ROUNDING * np.fmax(np.abs(point[first[block]]), np.abs(point[second[block]]))
        beyond = (away >= (np.abs(value[block]) - same)[:, None]).sum(axis=1)
        found[block] = (1 + beyond) / (1 + known)
    return np.where(np.isnan(value), np.nan, np.minimum(1.0, np.maximum(found, floor)))


def equivalence(value: float, gaps: FloatArray, margin: float, floor: float = 0.0) -> float:
    """Return the p-value of two one-sided tests for |difference| < margin: the larger of the two.

    Each asks how often the replicates, moved to a difference of -margin (or +margin), lie as far inside as the value
    does. Source: Schuirmann (1987), by the bootstrap.

    Args:
        value: the difference.
        gaps: [replicates] of the difference; NaN is left out.
        margin: above 0, in the unit of the difference.
        floor: the least p there can be.

    Raises:
        ValueError: margin not positive.
    """
    if not margin > 0.0:
        raise ValueError(f"the margin must be positive, not {margin}")
    away = floats("gaps", gaps, ndim=1, nan=True) - value
    away = away[~np.isnan(away)]
    same = ROUNDING * max(abs(value), margin)
    below = (1 + int((away >= value + margin - same).sum())) / (1 + len(away))
    above = (1 + int((away <= value - margin + same).sum())) / (1 + len(away))
    return min(1.0, max(below, above, floor))


def deviation(replicates: FloatArray) -> FloatArray:
    """Return the standard deviation (ddof 1) of each column, NaN left out; NaN for fewer than two numbers."""
    known: BoolArray = np.isfinite(replicates)
    if len(replicates) > 1 and known.all():
        return np.asarray(replicates.std(axis=0, ddof=1))
    n = known.sum(axis=0)
    mean = np.where(known, replicates, 0.0).sum(axis=0) / np.maximum(n, 1)
    squares = (np.where(known, replicates - mean, 0.0) ** 2).sum(axis=0)
    return np.asarray(np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan))


def _blocks(columns: int, rows: int) -> list[slice]:
    step = max(1, BLOCK_CELLS // max(1, rows))
    return [slice(start, min(start + step, columns)) for start in range(0, columns, step)]
