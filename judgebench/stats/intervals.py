"""Confidence intervals: from bootstrap replicates (percentile, BCa) and for a single proportion (Wilson).

Quantiles are of one definition throughout: Hyndman & Fan (1996) type 7, linear between the order statistics at
(m - 1) p, as numpy's and scipy's default.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from judgebench.stats.arrays import ROUNDING, FloatArray, floats

_NORMAL = NormalDist()


def percentile(replicates: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Return the percentile interval of each subject: the (1 ± confidence)/2 quantiles of its replicates.

    Source: Efron & Tibshirani (1993), eq. 13.5. A replicate that is NaN (a resample in which the subject has no data)
    is left out of its column; a column of NaN only gives NaN.

    Args:
        replicates: [replicates, subjects] bootstrap values.
        confidence: between 0 and 1, for example 0.95.

    Returns:
        Low ends [subjects] and high ends [subjects].

    Raises:
        ValueError: replicates infinite, without rows or not two-dimensional; confidence outside (0, 1).
    """
    tail = _tail(confidence)
    ordered, known = _ordered(replicates)
    return _quantile(ordered, known, tail), _quantile(ordered, known, 1.0 - tail)


def bca(
    point: FloatArray, replicates: FloatArray, acceleration: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Return the bias-corrected and accelerated (BCa) interval of each subject.

    The ends are the Φ(z0 + (z0 + z)/(1 - a (z0 + z))) quantiles of the replicates, for z = Φ⁻¹((1 ± confidence)/2).
    z0 is Φ⁻¹ of the part of the replicates below the point, ties (up to rounding) counted as one half.
    Source: Efron (1987), eq. 2.3; Efron & Tibshirani (1993), eqs. 14.9, 14.10 and 14.14.

    The ends are finite wherever there are data: z0 is clipped to ±Φ⁻¹(1 - 1/(2m)), what m replicates can resolve, for
    a point at the border of its replicates; and where 1 - a (z0 + z) is not positive, the end is the extreme
    replicate, to which it tends. Replicates without spread (up to rounding) give the point as both ends. A replicate
    that is NaN is left out of its column; a column of NaN only, a point or an acceleration that is NaN, give NaN.

    Args:
        point: [subjects] estimates on the data themselves.
        replicates: [replicates, subjects] bootstrap values.
        acceleration: [subjects] as from `judgebench.stats.acceleration`; zeros give the bias-corrected interval.
        confidence: between 0 and 1, for example 0.95.

    Returns:
        Low ends [subjects] and high ends [subjects].

    Raises:
        ValueError: as for `percentile`; point or acceleration infinite, or of another length.
    """
    tail = _tail(confidence)
    ordered, known = _ordered(replicates)
    centre = floats("point", point, ndim=1, nan=True)
    skew = floats("acceleration", acceleration, ndim=1, nan=True)
    if not len(centre) == len(skew) == len(ordered):
        raise ValueError(
            "point, replicates and acceleration must be of the same subjects: "
            f"{len(centre)}, {len(ordered)} and {len(skew)}"
        )
    lowest = ordered[:, 0]
    highest = np.take_along_axis(ordered, np.maximum(known - 1, 0)[:, None], axis=1)[:, 0]
    same = ROUNDING * np.fmax(np.abs(centre), np.fmax(np.abs(lowest), np.abs(highest)))
    below = (ordered < (centre - same)[:, None]).sum(axis=1)
    upto = (ordered <= (centre + same)[:, None]).sum(axis=1)
    resolved = np.maximum(known, 1)
    share = np.clip((below + upto) / (2 * resolved), 0.5 / resolved, 1.0 - 0.5 / resolved)
    bias = _each(_NORMAL.inv_cdf, share)
    flat = highest - lowest <= same

    def end(probability: float) -> FloatArray:
        shift = bias + _NORMAL.inv_cdf(probability)
        room = 1.0 - skew * shift
        passed = room <= 0.0
        stretched = np.where(passed, np.copysign(np.inf, shift), shift / np.where(passed, 1.0, room))
        found = _quantile(ordered, known, _each(_NORMAL.cdf, bias + stretched))
        return np.where(np.isnan(centre), np.nan, np.where(flat, centre, found))

    return end(tail), end(1.0 - tail)


def wilson(successes: float, n: float, confidence: float) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion, within [0, 1].

    Source: Wilson (1927). Counts need not be whole: a tie may be half a success, which makes the interval
    conservative, since halves vary less than a Bernoulli variable of the same mean.

    Args:
        successes: between 0 and n.
        n: number of independent trials, above 0.
        confidence: between 0 and 1, for example 0.95.

    Returns:
        Low end and high end.

    Raises:
        ValueError: n not positive and finite; successes outside [0, n]; confidence outside (0, 1).
    """
    z = _NORMAL.inv_cdf(1.0 - _tail(confidence))
    if not 0.0 < n < math.inf:
        raise ValueError(f"n must be positive and finite, not {n}")
    if not 0.0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n = {n}, not {successes}")
    rate = successes / n
    centre = (rate + z * z / (2.0 * n)) / (1.0 + z * z / n)
    reach = z * math.sqrt(rate * (1.0 - rate) / n + z * z / (4.0 * n * n)) / (1.0 + z * z / n)
    low = 0.0 if successes == 0 else max(0.0, centre - reach)
    high = 1.0 if successes == n else min(1.0, centre + reach)
    return low, high


def of_difference(
    first: tuple[FloatArray, FloatArray, FloatArray], second: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a difference from the intervals of its two sides: for sides without spread of their own.

    The ends are d - √((v₁ - l₁)² + (u₂ - v₂)²) and d + √((u₁ - v₁)² + (v₂ - l₂)²): as if the sides were independent,
    which is conservative for paired ones that go together. Source: Newcombe (1998), method 10; Zou & Donner (2008).

    Args:
        first, second: values, low ends and high ends, [pairs] each.

    Returns:
        Low ends [pairs] and high ends [pairs].
    """
    (value, low, high), (other, other_low, other_high) = first, second
    gap = value - other
    below, above = np.hypot(value - low, other_high - other), np.hypot(high - value, other - other_low)
    return np.asarray(gap - below), np.asarray(gap + above)


def _tail(confidence: float) -> float:
    """Return the probability outside the interval on one side; ValueError for a confidence outside (0, 1)."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return (1.0 - confidence) / 2.0


def _ordered(replicates: FloatArray) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Return the replicates of each subject in order [subjects, replicates], NaN last, and how many are numbers."""
    values = floats("replicates", replicates, ndim=2, nan=True)
    if not len(values):
        raise ValueError("replicates must have at least one row")
    ordered = np.array(values.T, order="C")
    ordered.sort(axis=1)
    return ordered, ordered.shape[1] - np.isnan(ordered).sum(axis=1)


def _quantile(ordered: FloatArray, known: npt.NDArray[np.intp], probability: float | FloatArray) -> FloatArray:
    """Return each row's quantile (Hyndman & Fan type 7) among its first `known` values; NaN where there are none."""
    place = np.maximum(known - 1, 0) * probability
    lower = np.floor(np.where(np.isnan(place), 0.0, place)).astype(np.intp)
    upper = np.minimum(lower + 1, np.maximum(known - 1, 0))
    row = np.arange(len(ordered))
    start = ordered[row, lower]
    found: FloatArray = start + (place - lower) * (ordered[row, upper] - start)
    return found


def _each(function: Callable[[float], float], values: FloatArray) -> FloatArray:
    return np.array([function(value) for value in values.tolist()], dtype=np.float64)
