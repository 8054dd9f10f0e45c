"""RewardBench's averages: subsets into sections by the published example counts, sections into one number."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import FloatArray


def section(accuracies: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Σ weight·accuracy / Σ weight over the subsets with a weight.

    The official code goes over the subsets with data, so a subset that a model has none of is given no weight. A subset
    with a weight and no accuracy, as where a resample misses it, gives NaN: a mean of the others is another number.

    Args:
        accuracies: [..., subsets], NaN where a subset has no data.
        weights: [subsets] or [..., subsets], 0 for one that does not count.

    Returns:
        float64 [...], in the unit of the accuracies; NaN also where no subset has a weight.
    """
    summed = (np.where(weights > 0, accuracies, 0.0) * weights).sum(axis=-1)
    total = np.asarray(weights.sum(axis=-1))
    return np.asarray(np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan))


def overall(sections: FloatArray) -> FloatArray:
    """Return the mean of the four sections [..., 4]; NaN where one lacks: a mean of fewer is another number."""
    return np.asarray(sections.mean(axis=-1))


def overall_with_prior(sections: FloatArray, prior: FloatArray) -> FloatArray:
    """Return the older average of four sections [..., 4] and prior sets [...], weights 2, 2, 2, 2, 1; NaN as above."""
    return np.asarray((2.0 * sections.sum(axis=-1) + prior) / 9.0)
