"""meta-judge-score-bias and meta-judge-position-bias: what a judge of two judgments leans to."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray
from judgebench.stats.decisions import hard
from judgebench.stats.symmetry import symmetry
from judgebench.stats.table import Table


@dataclass(frozen=True)
class MetaJudgeScoreBias(RatioMeasure):
    """Percent of the decided comparisons of two judgments that the one with the higher score wins.

    Formula: 100 · Σ w·[the judgment of the higher score wins] / Σ w over comparisons that are decided, of judgments
    whose scores differ.

    The items' ready responses are two judgments of one response, and their `ratings` the scores that these gave, as
    `ranked` reads them. Every planned order is a comparison of its own, and n counts comparisons; with `orders=agree` a
    pair is one, decided where all its orders name the same judgment. Ties are not decided, and do not enter; nor do
    missing verdicts, nor judgments of one score. 50 is no bias, unless higher scores are the better judgments. Details:
    `lower`, the rest of 100; `p`, two-sided for 50, as of `position-bias`.

    Source: Wu et al. (2024), Meta-Rewarding, table 5 ("score bias"). Which comparisons it takes for decided is not
    stated there.
    """

    name = "meta-judge-score-bias"
    summary = "of two judgments, how often the one that gave the higher score wins; with a p-value for 50"
    about = "judge"
    better = None

    orders: Literal["each", "agree"] = option("each", help="every order is a comparison, or all orders must agree")

    def cells(self, table: Table) -> Cells:
        """Comparisons that are decided, and that the higher score wins."""
        side, said, there, planned = _higher(table), _said(table), table.valid, table.planned
        if self.orders == "agree":
            whole = np.where(table.complete, said.sum(axis=1), 0.0)
            said = np.where(np.abs(whole) == planned.sum(axis=1), np.sign(whole), 0.0)[:, None]
            there, planned = table.complete[:, None], np.asarray(planned.any(axis=1))[:, None]
        apart = ((np.abs(side) == 1.0) & ~table.itself)[:, None]
        enters, ties = apart & (said != 0), apart & there & (said == 0)
        won = (enters & (said == side[:, None])).sum(axis=1)
        wanted = (apart & planned).sum(axis=1) - ties.sum(axis=1)
        return Cells(won.astype(float), enters.sum(axis=1).astype(float), wanted.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, the share of the lower score, and the test on them."""
        top, bottom = self.sums(table)
        won, n = top.sum(axis=0), bottom.sum(axis=0)
        details = {
            "lower": np.where(n > 0, 100.0 * (n - won) / np.maximum(n, 1.0), np.nan),
            "p": np.where(n > 0, symmetry(top - bottom / 2), np.nan),
        }
        return replace(super().prepare(table), details=details)


@dataclass(frozen=True)
class MetaJudgePositionBias(RatioMeasure):
    """Percent of the pairs of judgments, judged in both orders, where the same place wins in both.

    Formula: 100 · Σ w·[the same place wins twice] / Σ w over pairs; with `place=first` 100 · Σ w·f / Σ w, where f is
    the share of the pair's two verdicts for the judgment shown first, a tie one half: 50 is then no bias.

    Items are those of `meta-judge-score-bias`. `among` takes the pairs whose two judgments gave the same score, or
    different scores, alone; `all` needs no scores. A pair with a tie has no place that wins twice, and counts so, or is
    left out (`ties=skip`). The detail `first` is, for `place=same`, the percentage of the pairs in question where it is
    the first place; `p` two-sided for first and second being equally likely, as of `same-position` and `position-bias`.

    Source: Wu et al. (2024), Meta-Rewarding, table 5 ("positional bias": same score, different score, all). It does not
    print the formula: its 44 percent, which cannot be a lean to the first place, are read as `place=same`.
    """

    name = "meta-judge-position-bias"
    summary = "pairs of judgments where the same place wins in both orders, by whether they gave the same score"
    about = "judge"
    better = None

    among: Literal["all", "same", "different"] = option("all", help="pairs by the scores of their judgments")
    place: Literal["same", "first"] = option("same", help="the same place wins twice, or the first place wins")
    ties: Literal["keep", "skip"] = option("keep", help="pairs with a tie: they count, or are left out")

    def cells(self, table: Table) -> Cells:
        """The pairs that enter, and what they count."""
        wanted, enters = self._wanted(table), self._enters(table)
        lean = _lean(table)
        worth = (np.abs(lean) == 1.0).astype(float) if self.place == "same" else 0.5 + lean / 2
        planned = wanted & (enters | ~table.complete)  # ties that are left out are judged and not missing
        return Cells(np.where(enters, worth, 0.0), enters.astype(float), planned.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, how often it is the first place, and the test of that."""
        enters, lean = self._enters(table), _lean(table)
        if self.place == "same":
            enters &= np.abs(lean) == 1.0
        n, leans = (self._sums(table, one) for one in (enters.astype(float), np.where(enters, lean, 0.0)))
        count = n.sum(axis=0)
        details = {"p": np.where(count > 0, symmetry(leans), np.nan)}
        if self.place == "same":
            share = 50.0 + 50.0 * leans.sum(axis=0) / np.maximum(count, 1.0)
            details = {"first": np.where(count > 0, share, np.nan), **details}
        return replace(super().prepare(table), details=details)

    def _wanted(self, table: Table) -> BoolArray:
        """bool [units]: pairs in question that were planned in both orders."""
        side = _higher(table)
        kinds = {"all": np.ones(len(side), dtype=np.bool_), "same": side == 0, "different": np.abs(side) == 1.0}
        return np.asarray(table.both & ~table.itself & kinds[self.among])

    def _enters(self, table: Table) -> BoolArray:
        """bool [units]: those with both verdicts, without those with a tie where these are left out."""
        decided = (_said(table) != 0).all(axis=1)
        return np.asarray(self._wanted(table) & table.complete & (decided | (self.ties == "keep")))


def _higher(table: Table) -> FloatArray:
    """Which judgment gave the higher score: float [units], 1 slot 0, -1 slot 1, 0 the same; NaN without scores."""
    first, second = table.ratings[:, 0], table.ratings[:, 1]
    apart = first - second
    return np.asarray(np.sign(np.where(np.abs(apart) <= ROUNDING * np.abs(first), 0.0, apart)))


def _said(table: Table) -> FloatArray:
    """What each order's verdict says: float [units, 2], 1 slot 0, -1 slot 1, 0 a tie, or no verdict."""
    return np.where(table.valid, 2.0 * hard(table.preference) - 1.0, 0.0)


def _lean(table: Table) -> FloatArray:
    """float [units]: 1 where the first place wins in both orders, -1 where the second does, between them with ties.

    Slot 0 stands first in order 0, slot 1 in order 1.
    """
    said = _said(table)
    return np.asarray((said[:, 0] - said[:, 1]) / 2)


COMPONENTS = (MetaJudgeScoreBias, MetaJudgePositionBias)
