"""Resample weights over clusters: bootstrap counts, their scale, leave-one-out weights, the acceleration they give."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from judgebench.stats.arrays import ROUNDING, CountArray, FloatArray, IntArray, floats, integers

BLOCK_CELLS = 1 << 17
"""Cells (replicates × clusters) drawn at a time: the temporaries take about 1 MB each and stay in the cache."""


def joined_strata(strata: IntArray, least: int = 5) -> IntArray:
    """Join the strata of fewer than `least` clusters into one, so that every stratum can show its own spread.

    Where the joint stratum is still smaller than `least`, it takes in the smallest other stratum (of equal ones the
    one with the lowest label) until it is not, or until it is the only one. It bears the lowest label of its members.
    Differences between the strata that it joins count as spread, so intervals become wider, never narrower.

    Source: Cochran (1977), section 5A.12 (collapsed strata, which overestimate the variance).

    Args:
        strata: [clusters] the stratum of each cluster, any integers.
        least: number of clusters that a stratum needs.

    Returns:
        int [clusters], the labels after joining.

    Raises:
        ValueError: strata empty, not integers or not one-dimensional.
    """
    by_size = sorted(_members(strata), key=len)  # stable: equal ones stay in the order of their labels
    labels = integers("strata", strata)
    taken = sum(len(member) < least for member in by_size)
    while 0 < taken < len(by_size) and sum(map(len, by_size[:taken])) < least:
        taken += 1
    if taken:
        joint = np.concatenate(by_size[:taken])
        labels[joint] = labels[joint].min()
    return labels


def bootstrap_counts(strata: IntArray, replicates: int, seed: int) -> CountArray:
    """Count how often each cluster is drawn in each bootstrap resample: n_h - 1 draws from a stratum of n_h clusters.

    Resample weights are `bootstrap_counts(strata, ...) * rescaling(strata)`: a mean of 1 for each cluster, and a sum
    of n_h in every stratum and replicate. n_h draws instead would make the variance too small by (n_h - 1)/n_h. A
    stratum of one cluster always counts 1. Each stratum has its own stream (PCG64 on a child of `SeedSequence(seed)`,
    in the order of the labels), read replicate by replicate: the first replicates of a longer run are those of a
    shorter one, and the result depends on nothing but the arguments (and on numpy's `Generator.integers`).

    Source: Rao & Wu (1988), section 2, the rescaling bootstrap with m_h = n_h - 1, as weights: Rao, Wu & Yue (1992).

    Args:
        strata: [clusters] the stratum of each cluster, any integers.
        replicates: number of resamples, at least 1.
        seed: non-negative integer.

    Returns:
        uint16 [replicates, clusters].

    Raises:
        ValueError: strata empty, not integers or not one-dimensional; replicates < 1; seed < 0.
    """
    members = _members(strata)
    if replicates < 1:
        raise ValueError(f"replicates must be at least 1, not {replicates}")
    if seed < 0:
        raise ValueError(f"seed must not be negative, not {seed}")
    clusters = sum(len(member) for member in members)
    draws = [max(1, len(member) - 1) for member in members]
    streams = [np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(len(members))]
    counts = np.empty((replicates, clusters), dtype=np.uint16)
    block = max(1, BLOCK_CELLS // clusters)
    for start in range(0, replicates, block):
        rows = min(block, replicates - start)
        offset = clusters * np.arange(rows)[:, None]
        drawn = np.empty((rows, sum(draws)), dtype=np.intp)
        column = 0
        for member, number, stream in zip(members, draws, streams, strict=True):
            # int64 draws read whole 32-bit words in order; narrower types buffer them within a call, and would make
            # the result depend on the size of the block.
            places = stream.integers(0, len(member), size=(rows, number), dtype=np.int64)
            drawn[:, column : column + number] = member[places]
            column += number
        drawn += offset
        counts[start : start + rows] = np.bincount(drawn.ravel(), minlength=rows * clusters).reshape(rows, clusters)
    return counts


def rescaling(strata: IntArray) -> FloatArray:
    """Return what a draw of each cluster weighs: n_h / (n_h - 1), as n_h - 1 draws stand for n_h clusters.

    A cluster alone in its stratum weighs 1. Source: Rao & Wu (1988), Rao, Wu & Yue (1992).

    Args:
        strata: [clusters] the stratum of each cluster, any integers.

    Returns:
        float64 [clusters].

    Raises:
        ValueError: strata empty, not integers or not one-dimensional.
    """
    members = _members(strata)
    scale = np.empty(sum(map(len, members)))
    for member in members:
        scale[member] = len(member) / max(1, len(member) - 1)
    return scale


def jackknife_weights(strata: IntArray, rows: slice = slice(None)) -> FloatArray:
    """Return leave-one-out weights: row i drops cluster i and gives its weight to the rest of its stratum.

    The other n_h - 1 clusters of its stratum weigh n_h / (n_h - 1), so that the strata keep their shares; all other
    clusters weigh 1. A cluster alone in its stratum cannot be left out: its row is ones, and it contributes no
    variance. Source: Davison & Hinkley (1997), section 3.2.1 (several samples); the scaling keeps each stratum's size.

    Args:
        strata: [clusters] the stratum of each cluster, any integers.
        rows: the rows to make; the whole matrix is large where there are thousands of clusters.

    Returns:
        float64 [rows, clusters].

    Raises:
        ValueError: strata empty, not integers or not one-dimensional.
    """
    members = _members(strata)
    clusters = sum(len(member) for member in members)
    stratum, size = np.empty(clusters, dtype=np.intp), np.empty(clusters)
    for number, member in enumerate(members):
        stratum[member], size[member] = number, len(member)
    out = np.arange(clusters)[rows]
    out_size = size[out][:, None]
    alike = (stratum[out][:, None] == stratum) & (out_size > 1)
    weights = np.where(alike, out_size / np.maximum(out_size - 1, 1), 1.0)
    weights[np.arange(len(out)), out] = np.where(size[out] > 1, 0.0, 1.0)
    return weights


def acceleration(strata: IntArray, jack_values: FloatArray) -> FloatArray:
    """Return the BCa acceleration of each subject from its leave-one-out values.

    a = Σ d³ / (6 (Σ d²)^{3/2}), where d_hj = (n_h - 1)/n_h · (mean_h - value_hj) for cluster j of stratum h, and
    mean_h is the mean of the stratum's leave-one-out values. (n_h - 1)(mean_h - value_hj) is the jackknife influence
    of the cluster within its stratum; its division by n_h makes Σ d² the variance of the stratified estimate.

    Source: Efron (1987), section 6; Efron & Tibshirani (1993), eq. 14.15, for one stratum; Davison & Hinkley (1997),
    section 5.3.2, for strata.

    A value that is NaN (without this cluster the subject has no data) counts as no deviation, as the resamples
    without data are left out of the interval. No deviation at all (up to rounding) gives 0; all NaN gives NaN.

    Args:
        strata: [clusters] the stratum of each cluster, any integers.
        jack_values: [clusters, subjects] the statistic under each row of `jackknife_weights(strata)`.

    Returns:
        float64 [subjects], between -1/6 and 1/6.

    Raises:
        ValueError: strata as for `jackknife_weights`; jack_values of another length, or infinite.
    """
    members = _members(strata)
    values = floats("jack_values", jack_values, ndim=2, nan=True)
    clusters = sum(len(member) for member in members)
    if len(values) != clusters:
        raise ValueError(f"jack_values must have one row per cluster: {len(values)} rows, {clusters} clusters")
    known = ~np.isnan(values)
    values = np.where(known, values, 0.0)
    squares = np.zeros(values.shape[1])
    cubes = np.zeros(values.shape[1])
    negligible = ROUNDING * np.abs(values).max(axis=0)
    for member in members:
        here = known[member]
        mean = values[member].sum(axis=0) / np.maximum(here.sum(axis=0), 1)
        deviations = np.where(here, mean - values[member], 0.0)
        deviations[np.abs(deviations) <= negligible] = 0.0
        deviations *= (len(member) - 1) / len(member)
        squares += (deviations**2).sum(axis=0)
        cubes += (deviations**3).sum(axis=0)
    flat = squares == 0.0
    result = np.where(flat, 0.0, cubes / (6.0 * np.where(flat, 1.0, squares) ** 1.5))
    return np.where(known.any(axis=0), result, np.nan)


def _members(strata: IntArray) -> list[npt.NDArray[np.intp]]:
    """Return the clusters of each stratum, in the order of the labels; ValueError if there are none."""
    labels = integers("strata", strata)
    if not len(labels):
        raise ValueError("strata must hold at least one cluster")
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
