"""accuracy: how often a judge prefers the response that the gold label prefers, in the forms that papers print."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.plugin.conventions import WORTH, Convention, ConventionName, Credit, in_words, resolved
from judgebench.plugin.kinds import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.correctness import decided, worth, worth_together
from judgebench.stats.table import Table


@dataclass(frozen=True)
class GoldMeasure(RatioMeasure):
    """A share of pairs with a gold label, in percent; pairs whose gold label is a tie do not enter.

    `convention` is a preset of how the judge's ties and missing verdicts count (`judgebench.plugin.conventions`), the
    benchmark's own unless it is given; `ties` and `misses` go before it.
    """

    about = "judge"

    convention: ConventionName = option("standard", help="preset of ties and misses; default: the benchmark's")
    ties: Credit | None = option(None, help="worth of a tie of the judge; default: the convention's")
    misses: Credit | None = option(None, help="worth of a missing verdict; default: the convention's")

    @property
    def counting(self) -> Convention:
        """How ties and missing verdicts count."""
        return resolved(self.convention, self.ties, self.misses)

    @abstractmethod
    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """What each unit is worth, 0 to 1: float [units], NaN where it does not enter."""

    def planned(self, table: Table) -> FloatArray:
        """float [units]: one where the unit should enter."""
        return decided(table).astype(float)

    def cells(self, table: Table) -> Cells:
        """The worth of the units that enter."""
        found = self.worth(table, WORTH[self.counting.ties], WORTH[self.counting.misses])
        enters = np.isfinite(found)
        return Cells(np.where(enters, found, 0.0), enters.astype(float), self.planned(table))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note where the convention is not the usual one."""
        prepared = super().prepare(table)
        if self.counting == resolved("standard", None, None):
            return prepared
        return replace(prepared, notes=(f"{self.name}: {in_words(self.counting)} ({self._whose})",))

    @property
    def _whose(self) -> str:
        plain = self.ties is None and self.misses is None
        return f"convention {self.convention}" if plain else "as asked for"


@dataclass(frozen=True)
class Accuracy(GoldMeasure):
    """Pairwise accuracy: the planned orders of an item are averaged as probabilities, then compared with gold.

    An item whose every planned order was asked enters, by the convention. Source: Lee et al. (2024), RLAIF, section 3
    ("AI labeler alignment"), for soft preferences; for hard ones of a single order, the usual pairwise accuracy.
    """

    name = "accuracy"
    summary = "agreement with the gold label, orders averaged as probabilities; ties count one half"

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """One for right."""
        return worth_together(table, tie, miss)


@dataclass(frozen=True)
class AverageAccuracy(GoldMeasure):
    """Mean over an item's planned orders of being right in each; `order` takes one of the two alone.

    An item enters when every one of them does. Source: Zeng et al. (2024), LLMBar ("average accuracy"); Wang et al.
    (2024), Self-Taught Evaluators, HelpSteer2.
    """

    name = "average-accuracy"
    summary = "mean of the accuracies in the two orders, each on its own"

    order: Literal["each", "straight", "swapped"] = option(
        "each", help="straight: the first ready response is shown first; swapped: the other way round"
    )

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """The mean over orders; NaN where one of them does not enter."""
        found = worth(table, tie, miss)
        if self.order != "each":
            return found[:, 0 if self.order == "straight" else 1]
        summed = np.where(table.planned, found, 0.0).sum(axis=1)
        return np.where(table.planned.any(axis=1), summed / np.maximum(table.planned.sum(axis=1), 1), np.nan)

    def planned(self, table: Table) -> FloatArray:
        """Pairs with a gold label that were planned in this order."""
        if self.order == "each":
            return super().planned(table)
        return (decided(table) & table.planned[:, 0 if self.order == "straight" else 1]).astype(float)


@dataclass(frozen=True)
class PositionConsistentAccuracy(GoldMeasure):
    """Percent of the pairs judged in both orders where the gold response wins in both.

    A tie in one order is not right. Source: Wang et al. (2024), Self-Taught Evaluators, position-consistent accuracy.
    """

    name = "position-consistent-accuracy"
    summary = "share of pairs decided rightly in both orders"

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """One where both orders are right; a missing verdict by the convention."""
        right = (worth(table, 0.0, np.nan) == 1.0).all(axis=1)
        found = np.where(table.complete, right.astype(float), miss)
        if np.isnan(tie):
            found[np.isnan(worth(table, tie, 0.0)).any(axis=1)] = np.nan
        return np.where(table.both & decided(table) & table.asked.all(axis=1), found, np.nan)

    def planned(self, table: Table) -> FloatArray:
        """Pairs with a gold label, planned in both orders."""
        return (decided(table) & table.both).astype(float)


@dataclass(frozen=True)
class ChosenFirst(GoldMeasure):
    """Accuracy over the trials in which the better response was shown first.

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
    """Accuracy over the trials in which the better response was shown last."""

    name = "chosen-last-accuracy"
    summary = "accuracy where the better response is shown last"

    def _column(self, table: Table) -> IntArray:
        return np.asarray(1 - super()._column(table))


COMPONENTS = (Accuracy, AverageAccuracy, PositionConsistentAccuracy, ChosenFirst, ChosenLast)
