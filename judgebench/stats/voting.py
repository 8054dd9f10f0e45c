"""Voting: what a vote of some of the recorded votes would say, over all choices of so many of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Literal

import numpy as np

from judgebench.stats.arrays import ROUNDING, FloatArray, IntArray
from judgebench.stats.decisions import hard
from judgebench.stats.table import Table

Rule = Literal["majority", "plurality", "mean"]
OUTCOMES = (1.0, 0.5, 0.0)
"""What a vote can say, as P(slot 0 is better), in the order of the columns of chances: slot 0, tie, slot 1."""
MOST_SUBSETS = 10_000
"""So many subsets of soft votes are averaged one by one; of more, as many are drawn."""


def vote_chances(table: Table, k: int, rule: Rule, seed: int) -> FloatArray:
    """Return how likely a vote of k of a unit's votes, chosen at random without repetition, says each thing.

    Votes that could not be read are not among those that are chosen from; where fewer than k can be read, all of them
    vote. With `majority` and `plurality` each vote counts by what it prefers. With `mean` the vote says what the mean
    of its probabilities prefers, or of its scores where the verdict is a Score.

    Args:
        table: units of two responses.
        k: votes that are chosen, from 1 on.
        rule: as judges' own.
        seed: of the subsets that are drawn where there are too many.

    Returns:
        float64 [units, 2, 3], by order: chances of slot 0, tie and slot 1, turned back as `preference` is; NaN where no
        vote could be read.
    """
    if rule != "mean":
        said = hard(table.parts)
        counts = np.stack([(said == kind).sum(axis=2) for kind in OUTCOMES], axis=2)
        return counted_chances(counts, k, rule)
    first, second = table.part_values[..., 0], table.part_values[..., 1]
    lead = np.where(table.scored[:, :, None], first - second, first - 0.5)
    return mean_chances(np.where(np.isnan(first + second), np.nan, lead), k, seed)


def counted_chances(counts: IntArray, k: int, rule: Rule) -> FloatArray:
    """Return the chances of what k hard votes say that are drawn without repetition from counted ones.

    The numbers of votes drawn of each kind are multivariate hypergeometric: C(a, i) C(t, l) C(b, j) / C(a + t + b, k)
    for i, l, j of a, t, b. `majority`: more than half of them say it, else tie. `plurality`: it is said more often than
    either other thing, else tie. `mean`: slot 0 is said more often than slot 1 or less often, else tie.

    Args:
        counts: int [..., 3], votes for slot 0, ties, votes for slot 1.
        k: how many are drawn; all where there are fewer.

    Returns:
        float64 [..., 3], chances of slot 0, tie, slot 1; NaN where there is no vote.
    """
    rows, place = np.unique(counts.reshape(-1, 3), axis=0, return_inverse=True)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, rows.sum(axis=1).max(initial=0) + 1)))])
    found = np.array([_counted(row, k, rule, log_factorial) for row in rows]).reshape(-1, 3)
    return found[place.reshape(-1)].reshape(counts.shape)


def _counted(row: IntArray, k: int, rule: Rule, log_factorial: FloatArray) -> FloatArray:
    """The chances for one row of counts."""
    firsts, ties, seconds = (int(count) for count in row)
    drawn = min(k, firsts + ties + seconds)
    if drawn == 0:
        return np.full(3, np.nan)
    i = np.arange(min(firsts, drawn) + 1)[:, None]
    j = np.arange(min(seconds, drawn) + 1)[None, :]
    rest = drawn - i - j
    possible = (rest >= 0) & (rest <= ties)
    among = np.where(possible, rest, 0)

    def ways(of: int, taken: IntArray) -> FloatArray:
        return np.asarray(log_factorial[of] - log_factorial[taken] - log_factorial[of - taken])

    logs = np.where(possible, ways(firsts, i) + ways(seconds, j) + ways(ties, among), -np.inf)
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    if rule == "majority":
        first, second = 2 * i > drawn, 2 * j > drawn
    elif rule == "plurality":
        first, second = i > np.maximum(j, rest), j > np.maximum(i, rest)
    else:
        first, second = i > j, j > i
    says = [float(chance[np.broadcast_to(won, chance.shape)].sum()) for won in (first, second)]
    return np.array([says[0], max(0.0, 1.0 - sum(says)), says[1]])


def mean_chances(lead: FloatArray, k: int, seed: int) -> FloatArray:
    """Return the chances of what the mean of k votes prefers that are drawn without repetition.

    Votes of one strength alone are counted. Others have no shorter way than their subsets: up to MOST_SUBSETS all are
    taken, of more a seeded sample of as many, the same for all units with as many votes.

    Args:
        lead: float [units, 2, votes], by how much each vote prefers slot 0, below 0 for slot 1; NaN for no vote.
        k: how many are drawn; all where there are fewer.

    Returns:
        float64 [units, 2, 3], chances of slot 0, tie, slot 1; NaN where there is no vote.
    """
    found = np.full((*lead.shape[:2], 3), np.nan)
    subsets: dict[int, IntArray] = {}
    for unit, order in np.ndindex(*lead.shape[:2]):
        votes = lead[unit, order]
        votes = votes[~np.isnan(votes)]
        strengths = np.unique(np.abs(votes[np.abs(votes) > ROUNDING]))
        if len(strengths) < 2:
            counts = np.array([(votes > ROUNDING).sum(), (np.abs(votes) <= ROUNDING).sum(), (votes < -ROUNDING).sum()])
            found[unit, order] = counted_chances(counts, k, "mean")
            continue
        if len(votes) not in subsets:
            subsets[len(votes)] = _subsets(len(votes), min(k, len(votes)), seed)
        says = hard(0.5 + votes[subsets[len(votes)]].mean(axis=1))
        found[unit, order] = [float((says == kind).mean()) for kind in OUTCOMES]
    return found


def _subsets(votes: int, k: int, seed: int) -> IntArray:
    """All subsets of k of so many votes, or a sample of them: int [subsets, k]."""
    if math.comb(votes, k) <= MOST_SUBSETS:
        return np.array(list(combinations(range(votes), k)), dtype=np.intp)
    rng = np.random.default_rng(seed)
    order = np.tile(np.arange(votes, dtype=np.intp), (MOST_SUBSETS, 1))
    return np.asarray(rng.permuted(order, axis=1)[:, :k])


def votes_read(table: Table) -> IntArray:
    """Return how many votes could be read of each unit in each order: int [units, 2]."""
    return np.asarray(np.isfinite(table.parts).sum(axis=2))


def two_orders(chances: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield what two votes, one in each order and chosen apart, can say, with its chance, in all nine ways.

    Args:
        chances: float [units, 2, 3], as `vote_chances` returns them; NaN counts as one way of its own, with chance 1.

    Yields:
        (float [2], what is said in each order; float [units], how likely).
    """
    known = np.where(np.isnan(chances), np.array([1.0, 0.0, 0.0]), chances)
    for k, straight in enumerate(OUTCOMES):
        for n, swapped in enumerate(OUTCOMES):
            yield np.array([straight, swapped]), known[:, 0, k] * known[:, 1, n]
