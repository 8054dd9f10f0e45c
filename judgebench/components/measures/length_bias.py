"""length-bias and verbosity-bias: how far a judge leans to the longer response, with and without gold labels."""

from dataclasses import dataclass, replace

import numpy as np

from judgebench.measuring.two_groups import TwoGroups
from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray
from judgebench.stats.correctness import decided
from judgebench.stats.decisions import decision
from judgebench.stats.lengths import Unit, lengths, longer
from judgebench.stats.symmetry import symmetry
from judgebench.stats.table import Table


@dataclass(frozen=True)
class LengthBias(RatioMeasure):
    """Percent of the pairs of different length of which the judge prefers the longer response; ties count half.

    Formula: 100 · Σ w·l / Σ w over pairs of different length, where l is the share of the planned orders in which the
    longer response wins, a tie one half.

    50 is no preference, but longer responses may be better: `verbosity-bias` sets the judge against gold labels. The
    detail `p` is two-sided for 50, as of `position-bias`.

    Source: Koo et al. (2024), CoBBLEr (salience bias, by length).
    """

    name = "length-bias"
    summary = "share of pairs of different length where the longer response is preferred; with a p-value for 50"
    about = "judge"
    better = None

    by: Unit = option("characters", help="what length counts")

    def cells(self, table: Table) -> Cells:
        """How often the longer response wins."""
        found, side = _longer_wins(table, self.by)
        wanted = (side != 0) & ~table.itself
        enters = wanted & np.isfinite(found)
        return Cells(np.where(enters, found, 0.0), enters.astype(float), wanted.astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, and the test on them."""
        top, bottom = self.sums(table)
        known = bottom.sum(axis=0) > 0
        return replace(super().prepare(table), details={"p": np.where(known, symmetry(top - bottom / 2), np.nan)})


@dataclass(frozen=True)
class VerbosityBias(TwoGroups):
    """P(judge prefers the longer | gold the longer) - P(judge prefers the shorter | gold the shorter), in points.

    Formula: 100 · Σ w·l / Σ w over pairs whose better response is the longer one, less 100 · Σ w·(1 − l) / Σ w over
    pairs whose better response is the shorter one, with l as of `length-bias`.

    Positive: it errs towards length. The two accuracies are the details `longer` and `shorter`. A tie counts half on
    either side, and every planned order is decided on its own. Pairs of one length and those that gold ties do not
    enter. It is also P(judge prefers the longer | gold the shorter) - P(judge prefers the shorter | gold the longer).

    Source: Saito et al. (2023), Verbosity Bias in Preference Labeling, by the equal opportunity of Hardt et al. (2016);
    the sign is ours.
    """

    name = "verbosity-bias"
    summary = "accuracy where the longer response is the better one, less accuracy where the shorter one is"
    about = "judge"
    unit = "points"
    better = None
    bounds = (-100.0, 100.0)
    group_names = ("longer", "shorter")
    groups_in_words = ("pair whose better response is the longer one", "pair whose better response is the shorter one")

    by: Unit = option("characters", help="what length counts")

    def groups(self, table: Table) -> tuple[Cells, Cells]:
        """The worth of pairs whose better response is the longer one, and the shorter one."""
        found, side = _longer_wins(table, self.by)
        gold = np.where(decided(table), np.sign(table.gold - 0.5), 0.0) * side
        there = np.isfinite(found) & ~table.itself
        cells = []
        for sign, worth in ((1, found), (-1, 1.0 - found)):
            wanted = (gold == sign) & ~table.itself
            enters = wanted & there
            cells.append(Cells(np.where(enters, worth, 0.0), enters.astype(float), wanted.astype(float)))
        return cells[0], cells[1]


def _longer_wins(table: Table, by: Unit) -> tuple[FloatArray, FloatArray]:
    """float [units] each: how often the longer response wins, NaN without a verdict; which one it is, 0 for neither."""
    side, won = longer(lengths(table, by)), decision(table)
    return np.where(side > 0, won, 1.0 - won), side.astype(np.float64)


COMPONENTS = (LengthBias, VerbosityBias)
