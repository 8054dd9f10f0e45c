"""Style features of two responses against each other, as Arena-Hard controls for them."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import FloatArray
from judgebench.stats.games import Version

NAMES = ("tokens", "headers", "lists", "bold")
"""Of each response: its length in tokens, and how many headers, list items and bold texts its markdown has."""


def contrasts(counts: FloatArray, form: Version) -> FloatArray:
    """float [units, 4] from counts [units, 2, 4] in the order of NAMES; positive where slot 0 has more.

    v0.1: (a - b)/(a + b + 1) of each. v2.0: (a - b)/(a + b) of tokens, and (a - b)/(a + b + 1) of the others per token,
    each divided by tokens + 1; two empty responses are alike. Both are antisymmetric: 0 where the two have one style.
    Source: Li et al. (2024), arena-hard-auto, `construct_style_matrices` and `print_leaderboard_with_style_features`.
    """
    a, b = counts[:, 0], counts[:, 1]
    if form == "v0.1":
        return np.asarray((a - b) / (a + b + 1.0))
    tokens = np.where(a[:, :1] + b[:, :1] > 0, (a[:, :1] - b[:, :1]) / np.maximum(a[:, :1] + b[:, :1], 1.0), 0.0)
    dense_a, dense_b = a[:, 1:] / (a[:, :1] + 1.0), b[:, 1:] / (b[:, :1] + 1.0)
    return np.hstack([tokens, (dense_a - dense_b) / (dense_a + dense_b + 1.0)])


def moments(values: FloatArray, weight: FloatArray, ddof: int) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation [k] of rows [rows, k] that count `weight` times each; deviation 1 where all agree."""
    total = weight.sum()
    mean = weight @ values / total
    spread = np.sqrt(weight @ (values - mean) ** 2 / max(total - ddof, 1.0))
    return mean, np.where(spread > 0, spread, 1.0)
