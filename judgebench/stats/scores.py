"""Scores: the numbers that judges give to responses, one a row, and what is said of their distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table


def scored(table: Table) -> BoolArray:
    """Return which units are of judges that give scores, whether or not they gave one there: bool [units]."""
    shown = (table.scored & table.valid).any(axis=1)
    return np.isin(table.subject, np.unique(table.subject[shown])) & ~table.itself


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a row, of every response, order, repeat and judge: int, int and float [scores]."""

    subject: IntArray
    cluster: IntArray
    value: FloatArray

    @classmethod
    def of(cls, table: Table) -> Scores:
        """All scores of a table; no preference is one."""
        given = np.isfinite(table.values) & (table.valid & table.scored)[:, :, None]
        unit, _, _ = np.nonzero(given)
        return cls(table.subject[unit], table.cluster[unit], table.values[given])

    def most(self, subjects: int) -> FloatArray:
        """Return the largest score of each subject: float [subjects], NaN where there is none."""
        found = np.full(subjects, -np.inf)
        np.maximum.at(found, self.subject, self.value)
        return np.where(np.isfinite(found), found, np.nan)


def wanted(table: Table) -> FloatArray:
    """Return how many scores each unit should have brought: float [units], one a response and planned order."""
    return np.asarray(np.where(scored(table), table.slots * table.planned.sum(axis=1), 0), dtype=np.float64)


def given(table: Table) -> FloatArray:
    """Return how many scores each unit brought: float [units]."""
    there = np.isfinite(table.values) & (table.valid & table.scored)[:, :, None]
    return np.asarray(there.sum(axis=(1, 2)), dtype=np.float64)


def at_least(value: FloatArray, most: FloatArray) -> BoolArray:
    """Return where a score is no less than the most, but for rounding: shapes that go together."""
    return np.asarray(value >= most - ROUNDING * np.abs(most))


def entropy(counts: FloatArray) -> FloatArray:
    """Return the entropy of categories in bits, Σ -p log2 p. Source: Shannon (1948), section 6.

    Args:
        counts: [..., categories], not negative.

    Returns:
        float64 [...]; NaN where all are 0.
    """
    total = counts.sum(axis=-1, keepdims=True)
    share = counts / np.where(total > 0, total, 1.0)
    bits = -(share * np.log2(np.where(share > 0, share, 1.0))).sum(axis=-1)
    return np.asarray(np.where(total[..., 0] > 0, bits + 0.0, np.nan))
