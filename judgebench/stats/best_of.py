"""The best of k responses: how far a judge's best ones are the right ones, and RewardBench 2's score of ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table

ACCURATE = 0.3
"""Weight in the score of ties of the accuracy on prompts with many right responses, and of that on those with one."""


def right(ratings: FloatArray) -> BoolArray:
    """Return which responses are best by gold: bool [units, slots]; none where gold does not tell any apart.

    Args:
        ratings: [units, slots] gold numbers, higher is better; NaN where there is no such response or no gold.
    """
    known = np.isfinite(ratings)
    best = known & (ratings == np.where(known, ratings, -np.inf).max(axis=1, keepdims=True))
    return np.asarray(best & (best != known).any(axis=1, keepdims=True))


def share_right(values: FloatArray, ratings: FloatArray, strict: bool) -> FloatArray:
    """Return the share of right ones among the responses that a judge gives its highest value.

    With one right response among m that share the highest value it is 1/m, as in RewardBench 2's package
    (`reroll_and_score_dataset`); `strict` gives 1 only where all of them are right.

    Args:
        values: [units, slots] a judge's scores or probabilities; NaN where there is no such response.
        ratings: [units, slots] as for `right`.
        strict: whether a tie with a wrong response is wrong.

    Returns:
        float64 [units], 0 to 1; NaN where there are no values.
    """
    there = np.isfinite(values)
    best = there & (values == np.where(there, values, -np.inf).max(axis=1, keepdims=True))
    count = best.sum(axis=1)
    share = (best & right(ratings)).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, np.where(share == 1.0, 1.0, 0.0) if strict else share, np.nan)


@dataclass(frozen=True, slots=True)
class Margins:
    """Of each unit, how a judge's scores set right responses apart: float [units] each.

    `gap` is the lowest score of a right one less the highest of a wrong one; `spread` the highest of a right one less
    the lowest.
    """

    gap: FloatArray
    spread: FloatArray


def margins(scores: FloatArray, ratings: FloatArray) -> Margins:
    """Return the margins of scores [units, slots]. Without scores a unit has a gap of -inf and no spread.

    Source: the package of RewardBench 2 (`_compute_prompt_stats`), in which a rating that failed is -1.
    """
    good = right(ratings)
    bad = np.isfinite(ratings) & ~good
    judged = np.asarray(np.isfinite(scores).any(axis=1))
    lowest = np.where(good & judged[:, None], scores, np.inf).min(axis=1)
    highest = np.where(good & judged[:, None], scores, -np.inf).max(axis=1)
    wrong = np.where(bad & judged[:, None], scores, -np.inf).max(axis=1)
    told = judged & good.any(axis=1)
    gap, spread = np.full(len(scores), -np.inf), np.zeros(len(scores))
    gap[told], spread[told] = lowest[told] - wrong[told], highest[told] - lowest[told]
    return Margins(gap, spread)


def tie_worth(gap: FloatArray, reference_gap: FloatArray, spread: FloatArray) -> FloatArray:
    """Return what a prompt with many right responses adds to the score of ties, beside being scored accurately.

    0.2 where its gap exceeds its spread, 0.2 where the lesser of its gap and that of the like prompt with one right
    response does, and 0.01·tanh(lesser / spread − 1), which is 0 where both are 0. All [prompts].

    Source: Malik et al. (2025), RewardBench 2; its package, `process_single_model`.
    """
    lesser = np.minimum(gap, reference_gap)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        margin = np.nan_to_num(np.tanh(lesser / spread - 1.0), nan=0.0)
    return np.asarray(0.2 * (gap > spread) + 0.2 * (lesser > spread) + 0.01 * margin)


def told(table: Table) -> BoolArray:
    """bool [units]: gold says which responses are right, and some are not."""
    return np.asarray(right(table.ratings).any(axis=1))


def mean_scores(table: Table) -> FloatArray:
    """float [units, slots]: averaged over the planned orders; NaN where one has no verdict."""
    values = np.where(table.planned[:, :, None], table.values, 0.0).sum(axis=1)
    mean = values / np.maximum(table.planned.sum(axis=1), 1)[:, None]
    return np.where(table.complete[:, None], mean, np.nan)


def paired(table: Table, many: BoolArray, one: BoolArray) -> tuple[IntArray, IntArray]:
    """Rows of prompts with many right responses, and of the like prompts with one: int [pairs] each.

    Those of one subject and cluster, repeat by repeat.
    """
    groups: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for row in np.flatnonzero(many | one).tolist():
        place = (int(table.subject[row]), int(table.cluster[row]))
        groups.setdefault(place, ([], []))[0 if many[row] else 1].append(row)
    pairs = [pair for both in groups.values() for pair in zip(*both, strict=False)]
    return np.array([a for a, _ in pairs], dtype=np.intp), np.array([b for _, b in pairs], dtype=np.intp)
