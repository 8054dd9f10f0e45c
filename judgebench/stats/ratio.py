"""The ratio estimator: sums by cluster, and weighted ratios of them for all replicates and subjects at once."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import CountArray, FloatArray, IntArray, floats, integers

BLOCK_CELLS = 1 << 19
"""Weights (replicates × clusters) converted at a time: a buffer of 4 MB, reused over the blocks."""


def ratio(weights: FloatArray | CountArray, numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return Σ w·numerator / Σ w·denominator over the clusters, for every replicate and subject.

    With sums by cluster this is the mean over rows, resampled by cluster: a ratio estimator, since the clusters differ
    in size. Source: Cochran (1977), chapter 6; Davison & Hinkley (1997), section 2.7 (the ratio and its influence).
    A subject without data in a cluster has 0 in both sums there. Where the weighted denominator is 0 there are no
    data: NaN.

    Args:
        weights: [replicates, clusters] ones, counts or leave-one-out weights; converted to float64 in blocks, so that
            a matrix of counts costs no second copy.
        numerator: [clusters, subjects] sums of the values, in their units.
        denominator: [clusters, subjects] sums of what they are divided by, often the number of rows.

    Returns:
        float64 [replicates, subjects], in units of numerator per denominator.

    Raises:
        ValueError: shapes that do not fit, or a value that is not finite.
    """
    top = floats("numerator", numerator, ndim=2)
    bottom = floats("denominator", denominator, ndim=2)
    if top.shape != bottom.shape:
        raise ValueError(f"numerator and denominator must have one shape, not {top.shape} and {bottom.shape}")
    if weights.ndim != 2 or weights.shape[1] != len(top):
        raise ValueError(f"weights must be [replicates, {len(top)} clusters], not of shape {weights.shape}")
    replicates, clusters = weights.shape
    block = max(1, min(replicates, BLOCK_CELLS // max(1, clusters)))
    buffer = np.empty((block, clusters)) if weights.dtype != np.float64 else None
    divisor = np.empty((block, top.shape[1]))
    values = np.empty((replicates, top.shape[1]))
    for start in range(0, replicates, block):
        part = values[start : start + block]
        rows = weights[start : start + block]
        if buffer is not None:
            buffer[: len(part)] = rows
            rows = buffer[: len(part)]
        below = divisor[: len(part)]
        np.matmul(rows, top, out=part)
        np.matmul(rows, bottom, out=below)
        if not (np.isfinite(part).all() and np.isfinite(below).all()):
            raise ValueError("weights must be finite")
        empty = below == 0.0
        below[empty] = 1.0
        part /= below
        part[empty] = np.nan
    return values


def cluster_sums(
    cluster: IntArray, subject: IntArray, values: FloatArray, n_clusters: int, n_subjects: int
) -> FloatArray:
    """Sum the rows of each cluster and subject; 0 where there are none.

    Args:
        cluster: [rows] from 0 to n_clusters - 1.
        subject: [rows] from 0 to n_subjects - 1.
        values: [rows] what is summed; ones count the rows.
        n_clusters: number of clusters, at least 1.
        n_subjects: number of subjects, at least 1.

    Returns:
        float64 [clusters, subjects], in the units of the values.

    Raises:
        ValueError: columns of different lengths, an index out of range or not an integer, a value that is not finite.
    """
    if n_clusters < 1 or n_subjects < 1:
        raise ValueError(f"n_clusters and n_subjects must be at least 1, not {n_clusters} and {n_subjects}")
    rows = integers("cluster", cluster)
    columns = integers("subject", subject)
    summed = floats("values", values, ndim=1)
    if not len(rows) == len(columns) == len(summed):
        raise ValueError(
            f"cluster, subject and values must have one length, not {len(rows)}, {len(columns)} and {len(summed)}"
        )
    for name, index, bound in (("cluster", rows, n_clusters), ("subject", columns, n_subjects)):
        if len(index) and not 0 <= index.min() <= index.max() < bound:
            raise ValueError(f"{name} must lie between 0 and {bound - 1}, not {index.min()} to {index.max()}")
    sums = np.bincount(rows * n_subjects + columns, weights=summed, minlength=n_clusters * n_subjects)
    # bincount of no rows gives integers, whatever the weights.
    return sums.astype(np.float64).reshape(n_clusters, n_subjects)
