"""The false discovery rate."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import FloatArray, floats


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Return p-values adjusted by Benjamini & Hochberg's method: reject below q, and of those q are false on average.

    Source: Benjamini & Hochberg (1995). NaN stays NaN and is not counted.

    Args:
        p: [tests] between 0 and 1.

    Returns:
        float64 [tests].

    Raises:
        ValueError: a p-value outside [0, 1].
    """
    values = floats("p", p, ndim=1, nan=True)
    known = np.flatnonzero(~np.isnan(values))
    if len(known) and not 0.0 <= values[known].min() <= values[known].max() <= 1.0:
        raise ValueError("p-values must lie between 0 and 1")
    found = np.full(len(values), np.nan)
    order = known[np.argsort(values[known], kind="stable")[::-1]]
    share = len(order) / np.arange(len(order), 0, -1)
    found[order] = np.minimum(1.0, np.minimum.accumulate(values[order] * share))
    return found
