"""Correctness: what a judge's verdicts on pairs with a gold label are worth, order by order or taken together."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.table import Table


def decided(table: Table) -> BoolArray:
    """bool [units]: the gold label says that one of the two is better."""
    return np.asarray(np.isfinite(table.gold) & (table.gold != 0.5))


def asked(table: Table) -> BoolArray:
    """bool [units]: a gold label says what is right, and every planned order was asked, with or without success."""
    return np.asarray(decided(table) & table.fully_asked)


def worth(table: Table, tie: float, miss: float) -> FloatArray:
    """Return what each order's verdict is worth: 1 right, 0 wrong.

    Args:
        table: units of two responses.
        tie, miss: worth of a tie and of a verdict that was asked for and is missing; NaN leaves it out.

    Returns:
        float64 [units, 2]; NaN where there is no gold label, the order was not asked, or it is left out.
    """
    right = _right(table.preference, table.gold[:, None], tie)
    found = np.where(table.valid, right, miss)
    return np.where(table.asked & table.planned & decided(table)[:, None], found, np.nan)


def worth_together(table: Table, tie: float, miss: float) -> FloatArray:
    """Return what a unit is worth when its orders are averaged as probabilities first; arguments as for `worth`.

    A unit that lacks the verdict of one order is a missing one.

    Returns:
        float64 [units]; NaN where there is no gold label, an order was not asked, or it is left out.
    """
    right = _right(table.mean_preference, table.gold, tie)
    return np.where(asked(table), np.where(table.complete, right, miss), np.nan)


def worth_each(table: Table, tie: float, miss: float) -> FloatArray:
    """Return what a unit is worth as the mean over its planned orders; arguments as for `worth`.

    Returns:
        float64 [units]; NaN where one of the orders does not enter, or none was planned.
    """
    found = np.where(table.planned, worth(table, tie, miss), 0.0).sum(axis=1)
    orders = table.planned.sum(axis=1)
    return np.where(orders > 0, found / np.maximum(orders, 1), np.nan)


def _right(preference: FloatArray, gold: FloatArray, tie: float) -> FloatArray:
    agree = np.sign(preference - 0.5) * np.sign(gold - 0.5)
    return np.asarray(np.where(agree == 0, tie, (agree > 0).astype(float)))
