"""Many pairs at once: p-values adjusted for their number, and the ranks that they leave open."""

from __future__ import annotations

from typing import Literal

import numpy as np

from judgebench.stats.arrays import ROUNDING, FloatArray, IntArray
from judgebench.stats.pairs import deviation

BLOCK_CELLS = 1 << 19


def stepdown(
    point: FloatArray, replicates: FloatArray, first: IntArray, second: IntArray, floor: FloatArray | float = 0.0
) -> FloatArray:
    """Return p-values of no difference, adjusted over the family of these pairs by step-down max-T.

    Each pair's statistic is |difference| / standard error. The largest is held against the largest of all pairs in each
    replicate (of the differences moved to 0), the second against the largest of all but the first, and so on: the
    probability of even one false claim stays below the level. No difference gives 1; a difference without spread is an
    infinite statistic, at its floor, and no part of the others' largest.

    Source: Romano & Wolf (2005), algorithm 4.1; Romano & Wolf (2016), section 3, for the p-values.

    Args:
        point: [subjects] estimates on the data themselves.
        replicates: [replicates, subjects]; NaN (no data in this resample) is left out of its pairs, in B too, and of
            the largest that others are held against.
        first, second: [pairs] columns.
        floor: the least p there can be, for each pair or for all.

    Returns:
        float64 [pairs], at most 1; NaN where a point is NaN.
    """
    value = point[first] - point[second]
    error = _errors(replicates, first, second)
    same = ROUNDING * np.fmax(np.abs(point[first]), np.abs(point[second]))
    none = np.abs(value) <= same
    spread = error > same
    scale = np.where(spread, 1.0 / np.where(spread, error, 1.0), 0.0)
    # too few replicates to know the spread: no evidence, as in `bootstrap_p`
    statistic = np.where(none | np.isnan(error), 0.0, np.where(spread, np.abs(value) * scale, np.inf))
    statistic[np.isnan(value)] = np.nan  # sorted last, and NaN exceeds nothing
    order = np.argsort(-statistic, kind="stable")
    a, b = first[order], second[order]
    centre = value[order]
    limit = (statistic - same * scale)[order]
    scale = scale[order]
    beyond = np.zeros(len(value), dtype=np.int64)
    tried = np.full(len(value), len(replicates))
    gappy = bool(np.isnan(replicates).any())
    step = max(1, BLOCK_CELLS // max(1, len(value)))
    for start in range(0, len(replicates), step):
        rows = replicates[start : start + step]
        gaps = rows[:, a]
        gaps -= rows[:, b]
        gaps -= centre
        np.abs(gaps, out=gaps)
        gaps *= scale
        missing = np.isnan(gaps) if gappy else None
        backwards = gaps[:, ::-1]
        np.fmax.accumulate(backwards, axis=1, out=backwards)
        if missing is not None:
            gaps[missing] = -np.inf
            tried -= missing.sum(axis=0)
        beyond += (gaps >= limit).sum(axis=0)
    adjusted = np.empty(len(value))
    adjusted[order] = np.maximum.accumulate((1 + beyond) / (1 + tried))
    adjusted[none] = 1.0
    return np.where(np.isnan(value), np.nan, np.minimum(1.0, np.maximum(adjusted, floor)))


def rank_intervals(
    n: int,
    first: IntArray,
    second: IntArray,
    difference: FloatArray,
    p: FloatArray,
    alpha: float,
    better: Literal["higher", "lower"],
) -> tuple[IntArray, IntArray]:
    """Return the ranks that are open to each of n subjects, from 1, the best.

    The best is 1 + the number of those that are significantly better, the worst n less those significantly worse. With
    family-wise p-values all of them hold together. Source: Mogstad, Romano, Shaikh & Wilhelm (2024).

    Args:
        n: number of subjects.
        first, second: [pairs] of subjects.
        difference: [pairs] of the first less the second.
        p: [pairs] adjusted.
        alpha: the level, for example 0.05.
        better: whether more or less is better.

    Returns:
        Best and worst ranks, int [n] each.
    """
    apart = (p <= alpha) & (difference != 0.0)
    ahead = difference > 0.0 if better == "higher" else difference < 0.0
    winner, loser = np.where(ahead, first, second)[apart], np.where(ahead, second, first)[apart]
    return 1 + np.bincount(loser, minlength=n), n - np.bincount(winner, minlength=n)


def _errors(replicates: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Standard errors of the differences, block by block."""
    error = np.empty(len(first))
    step = max(1, (1 << 20) // max(1, len(replicates)))
    for start in range(0, len(first), step):
        block = slice(start, start + step)
        error[block] = deviation(replicates[:, first[block]] - replicates[:, second[block]])
    return error
