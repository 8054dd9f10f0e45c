"""Decisions: which of two responses a judge prefers, as hard outcomes."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import ROUNDING, FloatArray
from judgebench.stats.table import Table


def hard(preference: FloatArray) -> FloatArray:
    """Return the decision that a probability of slot 0 stands for: 1 slot 0, 0 slot 1, 0.5 a tie; NaN stays.

    Probabilities that differ from one half by rounding alone are ties.
    """
    apart = preference - 0.5
    return np.asarray(0.5 + 0.5 * np.sign(np.where(np.abs(apart) <= ROUNDING, 0.0, apart)))


def decision(table: Table) -> FloatArray:
    """Return how often slot 0 wins over a unit's planned orders, each decided on its own.

    Returns:
        float64 [units] in 0..1; NaN where a planned order has no verdict.
    """
    won = np.where(table.valid, hard(table.preference), 0.0).sum(axis=1)
    return np.where(table.complete, won / np.maximum(table.valid.sum(axis=1), 1), np.nan)
