"""accuracy: how often a judge prefers the response that the gold label prefers, in the forms that papers print."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.measuring.gold import GoldShare
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.correctness import decided, worth, worth_each, worth_together
from judgebench.stats.table import Table


@dataclass(frozen=True)
class Accuracy(GoldShare):
    """Pairwise accuracy: the planned orders of an item are averaged as probabilities, then compared with gold.

    Formula: 100 · Σ w·c / Σ w over pairs that gold does not tie, where c is 1 where p and gold prefer the same
    response, 0 where they differ, a tie's worth for p = ½, and a missing verdict's worth where an order lacks its
    verdict (both by the convention).

    An item whose every planned order was asked enters.

    Source: Lee et al. (2024), RLAIF, section 3 ("AI labeler alignment"), for soft preferences; for hard ones of a
    single order, the usual pairwise accuracy.
    """

    name = "accuracy"
    summary = "agreement with the gold label, orders averaged as probabilities; ties count one half"

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """One for right."""
        return worth_together(table, tie, miss)


@dataclass(frozen=True)
class AverageAccuracy(GoldShare):
    """Mean over an item's planned orders of being right in each; `order` takes one of the two alone.

    Formula: 100 · Σ w·c / Σ w over pairs that gold does not tie, where c is the mean over the planned orders of 1 for a
    right verdict, 0 for a wrong one, and the worths of ties and missing verdicts.

    An item enters when every one of its orders does.

    Source: Zeng et al. (2024), LLMBar ("average accuracy"); Wang et al. (2024), Self-Taught Evaluators, HelpSteer2.
    """

    name = "average-accuracy"
    summary = "mean of the accuracies in the two orders, each on its own"

    order: Literal["each", "straight", "swapped"] = option(
        "each", help="straight: the first ready response is shown first; swapped: the other way round"
    )

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """The mean over orders; NaN where one of them does not enter."""
        if self.order == "each":
            return worth_each(table, tie, miss)
        return worth(table, tie, miss)[:, 0 if self.order == "straight" else 1]

    def planned(self, table: Table) -> FloatArray:
        """Pairs with a gold label that were planned in this order."""
        if self.order == "each":
            return super().planned(table)
        return (decided(table) & table.planned[:, 0 if self.order == "straight" else 1]).astype(float)


@dataclass(frozen=True)
class PositionConsistentAccuracy(GoldShare):
    """Percent of the pairs judged in both orders where the gold response wins in both.

    Formula: 100 · Σ w·[right in both orders] / Σ w over pairs that gold does not tie, planned in both orders.

    A tie in one order is not right. A missing verdict counts its worth by the convention, unless the other order is
    wrong.

    Source: Wang et al. (2024), Self-Taught Evaluators, position-consistent accuracy.
    """

    name = "position-consistent-accuracy"
    summary = "share of pairs decided rightly in both orders"

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """One where both orders are right; a missing verdict by the convention."""
        known = worth(table, 0.0, np.nan)
        right, lost = (known == 1.0).all(axis=1), (known == 0.0).any(axis=1)
        # lost in one order, it is wrong whatever the other would say; but left out where missing ones are
        found = np.where(table.complete, right.astype(float), np.where(lost, 0.0 * miss, miss))
        if np.isnan(tie):
            found[np.isnan(worth(table, tie, 0.0)).any(axis=1)] = np.nan
        return np.where(table.both & decided(table) & table.asked.all(axis=1), found, np.nan)

    def planned(self, table: Table) -> FloatArray:
        """Pairs with a gold label, planned in both orders."""
        return (decided(table) & table.both).astype(float)


@dataclass(frozen=True)
class ChosenFirst(GoldShare):
    """Accuracy over the trials in which the better response was shown first.

    Formula: 100 · Σ w·c / Σ w over pairs that gold does not tie, where c is 1 for a right verdict in the order that
    shows the better response first, 0 for a wrong one, and the worths of ties and missing verdicts.

    Source: Wang et al. (2024), Self-Taught Evaluators, table 9.
    """

    name = "chosen-first-accuracy"
    summary = "accuracy where the better response is shown first"

    def _column(self, table: Table) -> IntArray:
        return np.asarray(table.gold < 0.5, dtype=np.intp)

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """That of the order in which the better response stands first."""
        return worth(table, tie, miss)[np.arange(len(table.gold)), self._column(table)]

    def planned(self, table: Table) -> FloatArray:
        """Pairs with a gold label that were planned in that order."""
        return (decided(table) & table.planned[np.arange(len(table.gold)), self._column(table)]).astype(float)


@dataclass(frozen=True)
class ChosenLast(ChosenFirst):
    """Accuracy over the trials in which the better response was shown last.

    Formula: 100 · Σ w·c / Σ w over pairs that gold does not tie, where c is 1 for a right verdict in the order that
    shows the better response last, 0 for a wrong one, and the worths of ties and missing verdicts.

    Source: Wang et al. (2024), Self-Taught Evaluators, table 9.
    """

    name = "chosen-last-accuracy"
    summary = "accuracy where the better response is shown last"

    def _column(self, table: Table) -> IntArray:
        return np.asarray(1 - super()._column(table))


COMPONENTS = (Accuracy, AverageAccuracy, PositionConsistentAccuracy, ChosenFirst, ChosenLast)
