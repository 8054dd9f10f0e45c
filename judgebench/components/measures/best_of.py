"""best-of-k, ties-score, overall-v2: RewardBench 2's scores of judges of any number of responses."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.forms.rewardbench_parts import BEST_OF, TIES
from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support
from judgebench.plugin.options import option
from judgebench.stats import cluster_sums, ratio
from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray
from judgebench.stats.best_of import (
    ACCURATE,
    margins,
    mean_scores,
    paired,
    right,
    share_right,
    tie_worth,
    told,
)
from judgebench.stats.table import Table


@dataclass(frozen=True)
class BestOfK(RatioMeasure):
    """Percent of the items on which a right response gets the highest score, or is named as the best.

    Formula: 100 · Σ w·c / Σ w over items, where c is the mean over the planned orders of r / m: m responses share the
    highest score, and r of them are right.

    With `ties=wrong` only r = m counts, as 1. A missing verdict counts 1/k, what chance would give, in the official
    code of generative judges; there, one rating that failed leaves the others, as with the judge
    `rating,unread=lowest`. Units of the subset `ties` do not enter: they have a score of their own.

    Source: Malik et al. (2025), RewardBench 2; its package, `run_v2.py` and `run_generative_v2.py`.
    """

    name = "best-of-k"
    summary = "share of items on which the best of k responses is found; ties count 1/m, misses 1/k"
    about = "judge"
    responses = "any"

    ties: Literal["share", "wrong"] = option("share", help="m responses share the highest score: 1/m, or wrong")
    misses: Literal["chance", "wrong", "skip"] = option("chance", help="worth of a missing verdict: 1/k, 0, left out")

    def cells(self, table: Table) -> Cells:
        """The mean worth over the planned orders."""
        wanted = told(table) & ~of_ties(table)
        shares = [share_right(table.values[:, k], table.ratings, self.ties == "wrong") for k in (0, 1)]
        miss = {"chance": 1.0 / table.slots, "wrong": np.zeros(len(wanted)), "skip": np.full(len(wanted), np.nan)}
        worth = np.where(table.valid, np.stack(shares, axis=1), miss[self.misses][:, None])
        orders = np.maximum(table.planned.sum(axis=1), 1)
        mean = np.where(table.planned, worth, 0.0).sum(axis=1) / orders
        enters = wanted & table.fully_asked & np.isfinite(mean)
        return Cells(np.where(enters, mean, 0.0), enters.astype(float), wanted.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note on what ties and missing verdicts count."""
        return replace(super().prepare(table), notes=(f"{self.name}: {_in_words(self.ties, self.misses)}",))


@dataclass(frozen=True)
class TiesScore(Measure):
    """RewardBench 2's score of its subset `ties`, from the scores that a judge gives to every response.

    Formula: 100 · (0.3·A + 0.3·B + T), where A is the weighted share of prompts with many right responses, and B that
    of the like prompts with one, whose gap is above 0; and T is the weighted mean over pairs of such prompts of 0.2·[g
    > s] + 0.2·[m > s] + 0.01·tanh(m / s − 1), with g and g′ the gaps of the two, m = min(g, g′), and s the spread.

    The gap is the lowest score of a right response less the highest of a wrong one; the spread is the highest score of
    a right response less the lowest, of the prompt with many. A prompt without a verdict is inaccurate and sets nothing
    apart, or is left out (`misses=skip`); a single rating that failed is -1 in the official code, and with
    `rating,unread=lowest`. Judges that name one response get no estimate. With both orders, scores are averaged.

    Source: Malik et al. (2025), RewardBench 2; its package, `rewardbench/utils.py`, `_compute_prompt_stats`,
    `process_single_model`.
    """

    name = "ties-score"
    summary = "RewardBench 2: are all right responses scored alike, and above the wrong ones"
    about = "judge"
    responses = "any"
    bounds = (-1.0, 101.0)

    misses: Literal["wrong", "skip"] = option("wrong", help="a prompt without a verdict is inaccurate, or left out")

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The score under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note for a judge that names one response instead of scoring all."""
        enters, many, scores = self._entering(table), right(table.ratings).sum(axis=1) > 1, mean_scores(table)
        found = margins(scores, table.ratings)
        first, second = paired(table, enters & many, enters & ~many)
        sums = [_by_cluster(table, first, tie_worth(found.gap[first], found.gap[second], found.spread[first]))]
        for rows in (np.flatnonzero(enters & many), np.flatnonzero(enters & ~many)):
            sums.append(_by_cluster(table, rows, np.where(found.gap[rows] > 0, ACCURATE, 0.0)))
        naming = _naming(table, enters, scores)

        def values(weights: FloatArray) -> FloatArray:
            parts = [ratio(weights, top, count) for top, count in sums]
            return np.where(naming, np.nan, 100.0 * np.sum(parts, axis=0))

        why = f"{self.name}: no estimate for a judge that names one response; it needs one that scores all, as `rating`"
        return Prepared(values, notes=tuple((int(subject), why) for subject in np.flatnonzero(naming)))

    def support(self, table: Table) -> Support:
        """Prompts that entered and are missing; nothing of a subject without a score."""
        known = np.isfinite(self.fit(table, np.ones((1, table.n_clusters)))[0])
        enters, wanted = self._entering(table), told(table) & of_ties(table)
        _, count = _by_cluster(table, np.flatnonzero(enters), np.zeros(int(enters.sum())))
        n = np.where(known, count.sum(axis=0), 0).astype(np.intp)
        planned = np.where(known, np.bincount(table.subject[wanted], minlength=table.n_subjects), 0)
        return Support(n, planned - n, np.where(known, (count > 0).sum(axis=0), 0))

    def _entering(self, table: Table) -> BoolArray:
        there = table.complete if self.misses == "skip" else table.fully_asked
        return np.asarray(told(table) & of_ties(table) & there)


@dataclass(frozen=True)
class OverallV2(Measure):
    """The mean of RewardBench 2's six subsets' scores; no estimate where one of them has no data.

    Formula: (factuality + focus + math + precise-if + safety + ties) / 6, the first five as of `best-of-k`, the last as
    of `ties-score`.

    `ties` and `misses` are those of `best-of-k`; with `misses=skip` the score of ties leaves them out too.

    Source: Malik et al. (2025), RewardBench 2.
    """

    name = "overall-v2"
    summary = "RewardBench 2: mean of its six subsets' scores"
    about = "judge"
    responses = "any"
    bounds = (0.0, 100.0)

    ties: Literal["share", "wrong"] = option("share", help="m responses share the highest score: 1/m, or wrong")
    misses: Literal["chance", "wrong", "skip"] = option("chance", help="worth of a missing verdict: 1/k, 0, left out")

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The mean under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """The sums of each subset; notes on the subsets without an estimate."""
        parts = {name: measure.prepare(part) for name, measure, part in self._parts(table)}

        def values(weights: FloatArray) -> FloatArray:
            return np.asarray(np.mean([part.values(weights) for part in parts.values()], axis=0))

        ones = np.ones((1, table.n_clusters))
        known = {name: np.isfinite(part.values(ones)[0]) for name, part in parts.items()}
        notes: list[str | tuple[int, str]] = [f"{self.name}: {_in_words(self.ties, self.misses)}"]
        for subject in range(table.n_subjects):
            lacking = [name for name, there in known.items() if not there[subject]]
            if 0 < len(lacking) < len(parts):
                notes.append((subject, f"{self.name}: no estimate, since there is none of {', '.join(lacking)}"))
        return Prepared(values, notes=tuple(notes))

    def support(self, table: Table) -> Support:
        """The items of all subsets; nothing of a subject without an estimate."""
        known = np.isfinite(self.fit(table, np.ones((1, table.n_clusters)))[0])
        found = [measure.support(part) for _, measure, part in self._parts(table)]
        n, missing, clusters = (
            np.where(known, sum(column), 0)
            for column in zip(*((one.n, one.missing, one.clusters) for one in found), strict=True)
        )
        return Support(n, missing, clusters)

    def _parts(self, table: Table) -> Iterator[tuple[str, Measure, Table]]:
        """Each subset with its measure and units."""
        best = BestOfK(self.ties, self.misses)
        for name in BEST_OF:
            yield name, best, table.only(table.subsets.get(name, np.zeros(len(table.subject), dtype=np.bool_)))
        yield TIES, TiesScore("skip" if self.misses == "skip" else "wrong"), table.only(of_ties(table))


def of_ties(table: Table) -> BoolArray:
    """bool [units]: of the subset of prompts with many right responses, and like ones with one."""
    return table.subsets.get(TIES, np.zeros(len(table.subject), dtype=np.bool_))


_SAID = {
    "share": "m best responses count as 1/m",
    "wrong": "a tie for the best is wrong",
    "chance": "missing verdicts count as 1/k",
    "skip": "missing verdicts are left out",
}


def _in_words(ties: str, misses: str) -> str:
    """What a board says of how ties and missing verdicts count."""
    return f"{_SAID[ties]}, {'missing verdicts count as wrong' if misses == 'wrong' else _SAID[misses]}"


def _naming(table: Table, enters: BoolArray, scores: FloatArray) -> BoolArray:
    """bool [subjects]: there are verdicts, and the numbers of each are probabilities, which sum to 1."""
    judged = enters & np.isfinite(scores).any(axis=1)
    scored = judged & (np.abs(np.nansum(scores, axis=1) - 1.0) > ROUNDING)
    return np.asarray(
        (np.bincount(table.subject[judged], minlength=table.n_subjects) > 0)
        & (np.bincount(table.subject[scored], minlength=table.n_subjects) == 0)
    )


def _by_cluster(table: Table, rows: IntArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums of values [rows] and their number: [clusters, subjects] each."""
    cluster, subject = table.cluster[rows], table.subject[rows]
    top, count = (
        cluster_sums(cluster, subject, one, table.n_clusters, table.n_subjects) for one in (values, np.ones(len(rows)))
    )
    return top, count


COMPONENTS = (BestOfK, TiesScore, OverallV2)
