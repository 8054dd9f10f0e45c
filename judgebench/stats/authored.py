"""Authored: units of which the judging model wrote one response, and what others say of them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.decisions import decision
from judgebench.stats.table import Table


def mine(table: Table) -> BoolArray:
    """bool [units]: the judge wrote one of the two responses, and not both; people do not count as judges."""
    return np.asarray((table.own.sum(axis=1) == 1) & ~table.itself)


def of_slots(table: Table, first: FloatArray) -> FloatArray:
    """Return what is said of the judge's own response, given what is said of slot 0 (float [units], 0..1).

    Returns:
        float64 [units]; NaN where the judge did not write exactly one of the two.
    """
    return np.where(mine(table), np.where(table.own[:, 0], first, 1.0 - first), np.nan)


def of_slot_0(table: Table, against: Literal["gold", "votes", "judges"]) -> FloatArray:
    """Return P(slot 0 is better) by others than the judge.

    gold: the gold label. votes: the share of all people's votes, ties half. judges: the mean decision of the other
    judges on the same two responses who wrote neither; one with several repeats counts with each.

    Returns:
        float64 [units]; NaN where nobody says anything.
    """
    if against == "gold":
        return table.gold
    if against == "votes":
        said = sum(table.votes.values(), np.zeros((len(table.subject), 3)))
        count = said.sum(axis=1)
        return np.where(count > 0, (said[:, 0] + said[:, 1] / 2) / np.maximum(count, 1.0), np.nan)
    return _judges(table)


def _judges(table: Table) -> FloatArray:
    """By sums over all judges of the same responses, less the judge's own."""
    won = decision(table)
    heard = np.isfinite(won) & ~table.own.any(axis=1) & ~table.itself
    one, all_of = np.where(heard, won, 0.0), int(table.shown.max(initial=-1)) + 1
    by_shown = [np.bincount(table.shown, weights=column, minlength=all_of)[table.shown] for column in (one, heard)]
    pair = table.subject * all_of + table.shown
    _, group = np.unique(pair, return_inverse=True)
    by_judge = [np.bincount(group, weights=column)[group] if len(group) else column for column in (one, heard)]
    total, count = (np.asarray(whole - own) for whole, own in zip(by_shown, by_judge, strict=True))
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
