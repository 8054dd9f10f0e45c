"""position-bias and same-position: how far a judge leans to the response that is shown first, or to either place."""

from dataclasses import dataclass, replace

import numpy as np

from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.stats.arrays import BoolArray
from judgebench.stats.symmetry import symmetry
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PositionBias(RatioMeasure):
    """How far the judge leans to the response that is shown first, in percentage points, over pairs judged in both
    orders.

    Formula: 100 · Σ w·f / Σ w − 50 over pairs, where f = (p₀ + 1 − p₁) / 2 is P(the response shown first is better), p₀
    and p₁ being P(slot 0 is better) in the order that shows it first, and last.

    0 is no bias, +50 always the first, −50 always the second: every response stands first once, so quality cancels. The
    detail `p` is two-sided for no bias, over clusters: exact by the binomial distribution where all clusters that lean
    lean alike far, else by flipped signs (`judgebench.stats.symmetry`).

    Source: ours; the bias is that of Zheng et al. (2023), MT-Bench, table 2, who count pairs ("biased toward first").
    """

    name = "position-bias"
    summary = "preference for the response shown first, in points over 50; 0 is none; with a p-value"
    about = "judge"
    unit = "points"
    better = None
    bounds = (-50.0, 50.0)
    shift = -50.0

    def cells(self, table: Table) -> Cells:
        """P(first shown) averaged over the two orders: slot 0 stands first in order 0, slot 1 in order 1."""
        enters = table.both & table.complete
        first = (table.preference[:, 0] + 1.0 - table.preference[:, 1]) / 2
        return Cells(enters * first, enters.astype(float), table.both.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, and the test on them."""
        top, bottom = self.sums(table)
        known = bottom.sum(axis=0) > 0
        return replace(super().prepare(table), details={"p": np.where(known, symmetry(top - bottom / 2), np.nan)})


@dataclass(frozen=True)
class SamePosition(RatioMeasure):
    """Percent of the pairs judged in both orders where the same place wins in both, whichever response stands there.

    Formula: 100 · Σ w·[the first place wins twice, or the second does] / Σ w over pairs.

    Details: `first`, the percentage of those where it is the first place; `p`, two-sided for first and second being
    equally likely, by the binomial distribution over clusters (as of `position-bias` where clusters hold several).

    Source: Lee et al. (2024), RLAIF, "position bias" ("% same position preferred").
    """

    name = "same-position"
    summary = "share of pairs where the same place wins in both orders; with a p-value of which place"
    about = "judge"
    better = "lower"

    def cells(self, table: Table) -> Cells:
        """One where the two orders, each for another response, choose the same place."""
        first, second = _places(table)
        enters = table.both & table.complete
        return Cells((first | second).astype(float), enters.astype(float), table.both.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, how often it is the first place, and the test of that."""
        first, second = (self._sums(table, place.astype(float)) for place in _places(table))
        same, ahead = (first + second).sum(axis=0), first.sum(axis=0)
        share = np.where(same > 0, 100.0 * ahead / np.maximum(same, 1.0), np.nan)
        details = {"first": share, "p": np.where(same > 0, symmetry(first - second), np.nan)}
        return replace(super().prepare(table), details=details)


def _places(table: Table) -> tuple[BoolArray, BoolArray]:
    """bool [units] each: the first place wins in both orders, the second does."""
    enters = table.both & table.complete
    straight, swapped = table.preference[:, 0], table.preference[:, 1]
    first = enters & (straight > 0.5) & (swapped < 0.5)
    second = enters & (straight < 0.5) & (swapped > 0.5)
    return np.asarray(first), np.asarray(second)


COMPONENTS = (PositionBias, SamePosition)
