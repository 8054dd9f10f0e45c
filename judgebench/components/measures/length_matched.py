"""length-matched-accuracy and length-balanced-accuracy: agreement with gold that length cannot explain."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np

from judgebench.measuring.gold import GoldMeasure, GoldShare
from judgebench.measuring.two_groups import TwoGroups
from judgebench.plugin.measure import Cells
from judgebench.plugin.options import option
from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.correctness import worth_together
from judgebench.stats.lengths import Unit, lengths, longer, matched
from judgebench.stats.table import Table

Factor = Annotated[float, msgspec.Meta(ge=1)]
"""1: equal lengths."""


@dataclass(frozen=True)
class LengthMatchedAccuracy(GoldShare):
    """Pairwise accuracy, as `accuracy`, over the pairs whose two responses are about as long.

    Formula: 100 · Σ w·c / Σ w over pairs that gold does not tie and whose longer response is at most `within` times the
    shorter, with the worth c of a verdict as of `accuracy`.

    What is left of a judge's accuracy there is not due to length.

    Source: ours.
    """

    name = "length-matched-accuracy"
    summary = "accuracy over the pairs whose responses differ little in length"

    within: Factor = option(1.25, help="the longer response is at most so many times the shorter")
    by: Unit = option("characters", help="what length counts")

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """As `accuracy` has it, of matched pairs alone."""
        return np.where(self._matched(table), worth_together(table, tie, miss), np.nan)

    def planned(self, table: Table) -> FloatArray:
        """Matched pairs with a gold label."""
        return super().planned(table) * self._matched(table)

    def _matched(self, table: Table) -> BoolArray:
        return matched(lengths(table, self.by), self.within)


@dataclass(frozen=True)
class LengthBalancedAccuracy(GoldMeasure, TwoGroups):
    """The mean of two accuracies: where the better response is the longer one, and where it is the shorter one.

    Formula: (100 · Σ w·c / Σ w over pairs whose better response is the longer one + 100 · Σ w·c / Σ w over pairs whose
    better response is the shorter one) / 2, with the worth c of a verdict as of `accuracy`.

    Both kinds of pairs count alike however many there are, so a judge that always takes the longer response gets 50.
    Details: `longer`, `shorter`, the two accuracies. Pairs of one length do not enter; else as `accuracy`.

    Source: Brodersen et al. (2010), balanced accuracy; by length, ours.
    """

    name = "length-balanced-accuracy"
    summary = "mean of the accuracies where the better response is longer and where it is shorter"
    combined = "mean"
    group_names = ("longer", "shorter")
    groups_in_words = ("pair whose better response is the longer one", "pair whose better response is the shorter one")

    by: Unit = option("characters", help="what length counts")

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """As `accuracy` has it."""
        return worth_together(table, tie, miss)

    def groups(self, table: Table) -> tuple[Cells, Cells]:
        """The two kinds of pairs."""
        cells, side = self.cells(table), longer(lengths(table, self.by))
        better = np.nan_to_num(np.sign(table.gold - 0.5)) * side
        first, second = (
            Cells(cells.numerator * chosen, cells.denominator * chosen, cells.planned * chosen)
            for chosen in ((better == sign).astype(float) for sign in (1, -1))
        )
        return first, second

    @property
    def group_notes(self) -> tuple[str, ...]:
        """A note where the convention is not the usual one."""
        return self.convention_notes


COMPONENTS = (LengthMatchedAccuracy, LengthBalancedAccuracy)
