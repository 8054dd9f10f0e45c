"""Agreement of verdicts with people's votes: what was said on both sides, counted by unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table

Orders = Literal["agree", "average"]
"""Two orders that disagree are a tie, or the orders are averaged as probabilities first."""
Inconsistent = Literal["tie", "drop"]
"""A verdict whose orders disagreed, found or recorded: it stands as it is (a tie), or it is left out."""
SLOT_0, TIE, SLOT_1 = 0, 1, 2
"""Labels, as the columns of `Table.votes` have them."""
ALL = "all"


@dataclass(frozen=True, slots=True)
class Counts:
    """Votes by what the verdict said and what they say themselves.

    said: float [units, 3, 3], votes by the verdict's label (rows) and their own (columns): slot 0, tie, slot 1. Of
    people among themselves, pairs of votes on the same item, each vote once in the place of the verdict: every pair
    counts one half either way round.
    waiting: float [units, 3], votes on what has no verdict yet, or a missing one.
    """

    said: FloatArray
    waiting: FloatArray


def votes_of(table: Table, voters: str) -> FloatArray:
    """float [units, 3]: how many voters of a group, or of all groups, said slot 0, tie, slot 1; 0 without any."""
    groups = [votes for name, votes in table.votes.items() if voters in (name, ALL)]
    return np.sum(groups, axis=0) if groups else np.zeros((len(table.subject), 3))


def labels(table: Table, orders: Orders, inconsistent: Inconsistent) -> tuple[IntArray, BoolArray]:
    """The label of each unit's verdict (int [units]), and whether it is left out (bool [units])."""
    signs = np.where(table.valid, np.sign(table.preference - 0.5), 0.0)
    whole = np.sign(table.mean_preference - 0.5)
    disagree = table.valid.all(axis=1) & (signs[:, 0] != signs[:, 1])
    if orders == "agree":
        whole = np.where(disagree, 0.0, whole)
    left_out = (disagree | table.inconsistent) & (inconsistent == "drop")
    return (TIE - whole).astype(np.intp), np.asarray(left_out)


def counts(table: Table, voters: str, orders: Orders, inconsistent: Inconsistent) -> Counts:
    """Verdicts and votes of one group, or of all, on the same items; of people among themselves where it is about them.

    A judge's unit enters when every planned order has a verdict.
    """
    votes = votes_of(table, voters)
    label, left_out = labels(table, orders, inconsistent)
    enters = table.complete & ~table.itself & ~left_out
    said = np.zeros((len(votes), 3, 3))
    said[enters, label[enters]] = votes[enters]
    people = votes[table.itself]
    pairs = people[:, :, None] * people[:, None, :]
    pairs[:, [0, 1, 2], [0, 1, 2]] -= people
    said[table.itself] = pairs / 2.0
    waiting = np.where((~table.complete & ~table.itself)[:, None], votes, 0.0)
    return Counts(said, waiting)


def kappa(said: FloatArray) -> FloatArray:
    """Return Cohen's kappa of tables of counts, (p_o − p_e) / (1 − p_e).

    p_o is the share on the diagonal, p_e = Σ_k p(row k)·p(column k) what independence would put there. Source: Cohen
    (1960). Of a symmetric table it is Scott's pi (1955).

    Args:
        said: float [..., labels, labels], counts or weighted counts, not negative.

    Returns:
        float64 [...]; NaN where the table is empty, or both sides only ever say the same one label.
    """
    whole = said.sum(axis=(-2, -1))
    n = np.where(whole > 0, whole, np.nan)
    observed = np.trace(said, axis1=-2, axis2=-1) / n
    rows, columns = said.sum(axis=-1), said.sum(axis=-2)
    chance = (rows * columns).sum(axis=-1) / n**2
    room = 1.0 - chance
    return np.asarray((observed - chance) / np.where(room > 1e-12, room, np.nan))
