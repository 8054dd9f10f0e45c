"""Repeats: how often two of several verdicts on the same trial say the same."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.decisions import hard
from judgebench.stats.table import Table


def alike(wins: FloatArray, ties: FloatArray, losses: FloatArray) -> FloatArray:
    """Return the share of the pairs of different verdicts that say the same: Σ c(c - 1) / (m(m - 1)).

    It is a U-statistic, without bias for the probability that two verdicts agree, whatever their number m. Source:
    Hoeffding (1948); by category, Fleiss (1971), equation 2.

    Args:
        wins, ties, losses: numbers of verdicts of each kind, all of one shape.

    Returns:
        float64 of that shape; NaN where there are fewer than two verdicts.
    """
    m = wins + ties + losses
    pairs = m * (m - 1.0)
    same = sum(c * (c - 1.0) for c in (wins, ties, losses))
    return np.asarray(np.where(m >= 2, same / np.where(m >= 2, pairs, 1.0), np.nan))


def of_samples(table: Table) -> tuple[FloatArray, BoolArray]:
    """Return how much the votes or jurors of a unit say the same, averaged over the orders with two or more of them.

    Returns:
        float64 [units], NaN where no order has two; bool [units], whose judge has several votes or jurors at all.
    """
    said = hard(table.parts)
    found = _over_orders(alike(*((said == kind).sum(axis=2).astype(np.float64) for kind in (1.0, 0.5, 0.0))))
    several = np.unique(table.subject[np.isfinite(found)])
    return found, np.isin(table.subject, several) & ~table.itself


def of_repeats(table: Table) -> tuple[FloatArray, IntArray]:
    """Return how much the repeats of a comparison say the same in the same order, averaged over such orders.

    Returns:
        float64 [units], NaN where no order has two verdicts, and but for the first unit of each subject and two
        responses, which stands for all of them; int [units], how many units it stands for, 0 for the others.
    """
    units = len(table.subject)
    key = table.subject * (int(table.shown.max(initial=-1)) + 1) + table.shown
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    said = np.where(table.valid, hard(table.preference), np.nan)
    counts = [np.zeros((len(first), 2)) for _ in range(3)]
    for count, kind in zip(counts, (1.0, 0.5, 0.0), strict=True):
        np.add.at(count, group, said == kind)
    found, stands = np.full(units, np.nan), np.zeros(units, dtype=np.intp)
    found[first] = _over_orders(alike(*counts))
    stands[first] = np.bincount(group, minlength=len(first))
    return found, stands


def _over_orders(found: FloatArray) -> FloatArray:
    """The mean over the second axis of what is not NaN."""
    known = np.isfinite(found)
    number = known.sum(axis=1)
    return np.where(number > 0, np.where(known, found, 0.0).sum(axis=1) / np.maximum(number, 1), np.nan)
