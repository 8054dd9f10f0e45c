"""pairwise-accuracy, exact-match, five-best, spearman, kendall: how far a judge orders responses as the gold does."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.measuring.gold import ByConvention
from judgebench.plugin.conventions import WORTH
from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.ordering import alike, averaged, comparisons, kendall, kendall_a, spearman
from judgebench.stats.table import Table

Sums = tuple[FloatArray, FloatArray]
"""Numerator and denominator: float [units] each."""


@dataclass(frozen=True)
class RankingMeasure(RatioMeasure):
    """A share or a mean over items with any number of responses, by a judge's scores and gold numbers of each.

    The planned orders of an item are averaged; with `repeats=mean` the repeats of a judgment are too, as where a judge
    scores several times and the mean counts. Responses that gold ties are in no order, so they say nothing: an item
    whose responses gold ties throughout does not enter. Missing are those without a verdict alone.

    Source: Yuan et al. (2024), Self-Rewarding, section 3.1.3.
    """

    about = "judge"
    responses = "any"

    repeats: Literal["each", "mean"] = option("each", help="each repeat counts by itself, or their mean score")

    @abstractmethod
    def counted(self, scores: FloatArray, judged: IntArray, gold: IntArray) -> Sums:
        """Numerator and denominator of units with a verdict, all of as many responses.

        `scores` are [units, slots], `judged` and `gold` comparisons [units, slots, slots].
        """

    def expected(self, gold: IntArray) -> FloatArray:
        """float [units]: what a unit without a verdict would have added to the denominator."""
        return np.ones(len(gold))

    def missed(self, gold: IntArray, asked: BoolArray) -> Sums:
        """Numerator and denominator of units without a verdict, of which `asked` were asked: nothing."""
        return np.zeros(len(gold)), np.zeros(len(gold))

    def cells(self, table: Table) -> Cells:
        """Over units that gold orders."""
        own = averaged(table, self.repeats == "mean")
        top, entered, planned = np.zeros((3, len(table.subject)))
        for rows in alike(table):
            slots = int(table.slots[rows[0]])
            gold, scores, found = comparisons(table.ratings[rows, :slots]), own.values[rows, :slots], own.found[rows]
            enters = own.counts[rows] & (gold != 0).any(axis=(1, 2))
            counted, bottom = self.counted(scores, comparisons(scores), gold)
            without_top, without_bottom = self.missed(gold, own.asked[rows])
            top[rows] = np.where(enters, np.where(found, counted, without_top), 0.0)
            entered[rows] = np.where(enters, np.where(found, bottom, without_bottom), 0.0)
            planned[rows] = np.where(enters, np.where(found, bottom, self.expected(gold)), 0.0)
        return Cells(top, entered, planned)


@dataclass(frozen=True)
class PairwiseAccuracy(ByConvention, RankingMeasure):
    """Percent of the pairs of responses to one item that the judge orders as gold does, in which n counts pairs.

    Formula: 100 · Σ w·(r + t·b) / Σ w·m over items, where m is the number of pairs that gold orders, r of which the
    judge orders alike and b of which it ties, and t is the worth of a tie; where ties are left out, m − b stands for m.

    What a tie and a missing verdict are worth the convention says, which is the benchmark's own unless it is given;
    `ties` and `misses` go before it. Meta-Rewarding's agreement with people is this with `convention=meta-rewarding`,
    and with `ties=skip` its "agree without ties" (Wu et al. 2024, table 7).
    """

    name = "pairwise-accuracy"
    summary = "share of an item's pairs of responses that are ordered as by gold"

    def counted(self, scores: FloatArray, judged: IntArray, gold: IntArray) -> Sums:
        """Pairs that gold orders."""
        tie = WORTH[self.counting.ties]
        pairs = (gold != 0).sum(axis=(1, 2)) / 2
        right = (judged * gold > 0).sum(axis=(1, 2)) / 2
        tied = ((judged == 0) & (gold != 0)).sum(axis=(1, 2)) / 2
        return (right, pairs - tied) if np.isnan(tie) else (right + tie * tied, pairs)

    def expected(self, gold: IntArray) -> FloatArray:
        """The pairs that gold orders."""
        return np.asarray((gold != 0).sum(axis=(1, 2)) / 2)

    def missed(self, gold: IntArray, asked: BoolArray) -> Sums:
        """The pairs by the convention."""
        miss = WORTH[self.counting.misses]
        pairs = np.where(asked, (gold != 0).sum(axis=(1, 2)) / 2, 0.0)
        return (0.0 * pairs, 0.0 * pairs) if np.isnan(miss) else (miss * pairs, pairs)

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note where the convention is not the usual one."""
        return replace(super().prepare(table), notes=self.convention_notes)


@dataclass(frozen=True)
class ExactMatch(RankingMeasure):
    """Percent of the items of which the judge orders every pair of responses as gold does; n counts items.

    Formula: 100 · Σ w·[every pair that gold orders is ordered alike] / Σ w over items.

    Where gold ties two responses the judge may order them either way; elsewhere a tie of the judge is no match.
    """

    name = "exact-match"
    summary = "share of items whose responses are all ordered as by gold"

    def counted(self, scores: FloatArray, judged: IntArray, gold: IntArray) -> Sums:
        """One for an item."""
        return ((judged == gold) | (gold == 0)).all(axis=(1, 2)).astype(float), np.ones(len(gold))


@dataclass(frozen=True)
class FiveBest(RankingMeasure):
    """Percent of the responses to which the judge gives `threshold` or more that gold puts first; n counts them.

    Formula: 100 · Σ w·b / Σ w·h over items, where h is the number of responses scored `threshold` or more, b of which
    gold puts first.

    Of several that gold ties in the first place, each is put first. Every response without a verdict counts as missing,
    since any of them might have been given as much.
    """

    name = "five-best"
    summary = "share of the responses scored 5 or more that gold ranks highest"

    threshold: float = option(5.0, help="the least score that counts")

    def counted(self, scores: FloatArray, judged: IntArray, gold: IntArray) -> Sums:
        """One for a response."""
        high = scores >= self.threshold
        best = (gold >= 0).all(axis=2)
        return (high & best).sum(axis=1).astype(float), high.sum(axis=1).astype(float)

    def expected(self, gold: IntArray) -> FloatArray:
        """All of its responses."""
        return np.full(len(gold), float(gold.shape[1]))


@dataclass(frozen=True)
class Correlation(RankingMeasure):
    """100 times a rank correlation with gold, by item and averaged over items; n counts items.

    Where a judge scores all responses alike it is not defined: `undefined=skip` leaves the item out, `zero` counts 0.
    """

    unit = "points"
    bounds = (-100.0, 100.0)

    undefined: Literal["skip", "zero"] = option("skip", help="items whose responses the judge scores all alike")

    @abstractmethod
    def correlation(self, judged: IntArray, gold: IntArray) -> FloatArray:
        """float [units], NaN where it is not defined."""

    def counted(self, scores: FloatArray, judged: IntArray, gold: IntArray) -> Sums:
        """One for an item."""
        found = self.correlation(judged, gold)
        known = np.isfinite(found)
        enters = np.ones(len(found)) if self.undefined == "zero" else known.astype(float)
        return np.where(known, found, 0.0), enters


@dataclass(frozen=True)
class Spearman(Correlation):
    """Spearman's rank correlation of the judge's scores with gold, times 100.

    Formula: 100 · Σ w·ρ / Σ w over items, where ρ = Σ a·b / √(Σ a² · Σ b²) over the item's responses, with a and b the
    ranks of scores and of gold less their mean; equal values have the mean of their ranks.

    Source: Spearman (1904); averaged over items: Wu et al. (2024), Meta-Rewarding, table 7.
    """

    name = "spearman"
    summary = "100 x Spearman's rank correlation with gold, averaged over items"

    def correlation(self, judged: IntArray, gold: IntArray) -> FloatArray:
        """By item."""
        return spearman(judged, gold)


@dataclass(frozen=True)
class Kendall(Correlation):
    """Kendall's rank correlation of the judge's scores with gold, times 100.

    Formula: 100 · Σ w·τ / Σ w over items, where τ = (C − D) / √((m − u)·(m − v)) in variant b and (C − D) / m in
    variant a, with m the number of the item's pairs, C of which both order alike and D contrarily, u of which the judge
    ties and v gold.

    Variant a is 0, not undefined, where a judge scores all alike.

    Source: Kendall (1938, 1945). Self-Rewarding does not say which variant it prints.
    """

    name = "kendall"
    summary = "100 x Kendall's rank correlation with gold, averaged over items"

    variant: Literal["a", "b"] = option("b", help="a: over all pairs; b: ties are taken out of the denominator")

    def correlation(self, judged: IntArray, gold: IntArray) -> FloatArray:
        """By item."""
        return kendall(judged, gold) if self.variant == "b" else kendall_a(judged, gold, gold.shape[1])


COMPONENTS = (PairwiseAccuracy, ExactMatch, FiveBest, Spearman, Kendall)
