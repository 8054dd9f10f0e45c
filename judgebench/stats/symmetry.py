"""A test that deviations lie evenly on both sides of 0."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import ROUNDING, FloatArray, floats
from judgebench.stats.exact import mcnemar
from judgebench.stats.permutation import sign_flips

FLIPS = 10_000
"""Sign patterns that are drawn, where there are more."""


def symmetry(deviations: FloatArray, flips: int = FLIPS, seed: int = 0) -> FloatArray:
    """Return two-sided p-values of a sum of deviations that are as likely positive as negative, cluster by cluster.

    Where all deviations that are not 0 have one size, each cluster is a plain outcome and the test is exact: twice the
    tail of the binomial distribution, as McNemar's (1947). Else the signs of the clusters are flipped (Fisher 1935).

    Args:
        deviations: [clusters, subjects] sums by cluster, 0 where a cluster says nothing.
        flips: sign patterns to draw where there are more, at least 1.
        seed: non-negative integer.

    Returns:
        float64 [subjects]; 1 where every deviation is 0.

    Raises:
        ValueError: deviations not finite or not two-dimensional; flips < 1; seed < 0.
    """
    checked = floats("deviations", deviations, ndim=2)
    subjects = checked.shape[1]
    found = np.empty(subjects)
    size = np.abs(checked)
    most = size.max(axis=0, initial=0.0)
    plain = ((size <= ROUNDING * most) | (size >= (1.0 - ROUNDING) * most)).all(axis=0)
    for k in np.flatnonzero(plain):
        above = checked[size[:, k] > ROUNDING * most[k], k] > 0.0
        found[k] = mcnemar(int(above.sum()), int((~above).sum()))
    rest = np.flatnonzero(~plain)
    if len(rest):
        against = np.column_stack([checked[:, rest], np.zeros(len(checked))])
        found[rest] = sign_flips(against, np.arange(len(rest)), np.full(len(rest), len(rest)), flips, seed)
    return found
