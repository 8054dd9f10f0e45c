"""How responses are ordered: comparisons of every two of a set, and what two orderings of it have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table

BLOCK = 1 << 18
"""Comparisons that are held at once in one array."""


def alike(table: Table) -> Iterator[IntArray]:
    """Yield the rows of units with the same number of responses, all units of an item together.

    What is compared pair by pair grows with the square of the number of responses, so no unit is padded to the widest
    one, and blocks bound the memory: about `BLOCK` comparisons each.
    """
    for slots in np.unique(table.slots).tolist():
        rows = np.flatnonzero(table.slots == slots)
        rows = rows[np.argsort(table.shown[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(table.shown[rows], prepend=-1))
        block = starts // max(1, BLOCK // max(1, slots * slots))
        yield from np.split(rows, starts[np.diff(block, prepend=0) > 0])


def comparisons(values: FloatArray) -> IntArray:
    """Return which of every two values is higher; numbers that differ by rounding alone are equal.

    Args:
        values: [units, slots], NaN where there is none.

    Returns:
        int [units, slots, slots]: 1 where the first is higher, -1 where the second is, 0 where they are equal or one
        is not there.
    """
    first, second = values[:, :, None], values[:, None, :]
    apart = first - second
    same = np.isnan(apart) | (np.abs(apart) <= ROUNDING * np.maximum(np.abs(first), np.abs(second)))
    return np.asarray(np.where(same, 0.0, np.sign(apart))).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Averaged:
    """Each unit's values averaged.

    values: float64 [units, slots], NaN where there are none.
    found: bool [units], whether there are values.
    asked: bool [units], whether every planned order was asked, with or without success.
    counts: bool [units], whether the unit stands for itself or for others: all, but for further repeats.
    """

    values: FloatArray
    found: BoolArray
    asked: BoolArray
    counts: BoolArray


def averaged(table: Table, repeats: bool = False) -> Averaged:
    """Return each unit's values averaged over its planned orders and, if `repeats`, over the item's repeats.

    A unit has values when every planned order has. With `repeats` the first unit of each subject and item stands for
    all of them: those with values are averaged, and it was asked when all were.
    """
    summed = np.where(table.valid[:, :, None], table.values, 0.0).sum(axis=1)
    mean = summed / np.maximum(table.valid.sum(axis=1), 1)[:, None]
    found, asked = table.complete, table.fully_asked
    counts = np.ones(len(found), dtype=np.bool_)
    if repeats and len(found):
        key = table.subject * (table.shown.max() + 1) + table.shown
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        number = np.bincount(group, weights=found, minlength=len(first))
        total = np.zeros((len(first), mean.shape[1]))
        np.add.at(total, group[found], mean[found])
        mean = (total / np.maximum(number, 1.0)[:, None])[group]
        found = (number > 0)[group]
        asked = (np.bincount(group, weights=~asked, minlength=len(first)) == 0)[group]
        counts = np.zeros(len(found), dtype=np.bool_)
        counts[first] = True
    there = found[:, None] & (np.arange(mean.shape[1]) < table.slots[:, None])
    return Averaged(np.where(there, mean, np.nan), found, asked, counts)


def spearman(first: IntArray, second: IntArray) -> FloatArray:
    """Return Spearman's rank correlation, equal values having the mean of their ranks.

    A value's centred mean rank is half the sum of its comparisons. Source: Spearman (1904); Kendall (1945) for ties.

    Args:
        first, second: [units, slots, slots] comparisons.

    Returns:
        float64 [units]; NaN where one of the two orders nothing.
    """
    one, other = first.sum(axis=2), second.sum(axis=2)
    return _ratio((one * other).sum(axis=1), (one**2).sum(axis=1), (other**2).sum(axis=1))


def kendall(first: IntArray, second: IntArray) -> FloatArray:
    """Return Kendall's tau-b. Source: Kendall (1945); arguments and result as of `spearman`."""
    axes = (1, 2)
    return _ratio((first * second).sum(axis=axes), (first**2).sum(axis=axes), (second**2).sum(axis=axes))


def kendall_a(first: IntArray, second: IntArray, slots: IntArray | int) -> FloatArray:
    """Return Kendall's tau-a: pairs ordered alike less pairs ordered otherwise, over all pairs of ([units]) slots.

    Source: Kendall (1938). NaN where there is no pair.
    """
    total = np.asarray(slots * (slots - 1))
    agree = (first * second).sum(axis=(1, 2))
    return np.asarray(np.where(total > 0, agree / np.maximum(total, 1), np.nan))


def _ratio(together: IntArray, one: IntArray, other: IntArray) -> FloatArray:
    spread = np.sqrt(one.astype(np.float64) * other)
    return np.asarray(np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), np.nan))
