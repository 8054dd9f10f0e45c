"""self-preference and its kin: does a judge prefer the responses of the very model that it is?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.measuring.two_groups import TwoGroups
from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats import ratio
from judgebench.stats.arrays import FloatArray
from judgebench.stats.authored import mine, of_slot_0, of_slots
from judgebench.stats.decisions import decision
from judgebench.stats.table import Table

Against = Literal["gold", "votes", "judges"]


@dataclass(frozen=True)
class Compared(Measure):
    """A judge's verdicts on pairs of which it wrote one response, beside what others say of the same pairs."""

    about = "judge"

    against: Against = option("gold", help="gold: the gold label; votes: people's; judges: those who wrote neither")

    @property
    def joint(self) -> bool:
        """Other judges' verdicts count."""
        return self.against == "judges"

    def reference(self, table: Table) -> FloatArray:
        """float [units]: P(the judge's own response is better) as others say; NaN where nobody does, or not one is."""
        return of_slots(table, of_slot_0(table, self.against))


@dataclass(frozen=True)
class SelfPreference(Compared, RatioMeasure):
    """P(judge prefers its own response) - P(others prefer it), over the same pairs, in percentage points.

    Formula: 100 · Σ w·(o − r) / Σ w over pairs of which the very model that judges wrote one response, where o is the
    share of the planned orders in which the judge prefers its own, a tie one half, and r is P(its own is better) as
    others say.

    Others are the gold label (a tie is one half), all people's votes, or the other judges who wrote neither, each
    verdict counting one. Details: `own` and `reference`, the two shares. Positive: it favours itself. A judge that errs
    at random shows it too where its own responses are the worse ones, which `self-preference-by-quality` does not.

    Source: Panickssery et al. (2024), LLM Evaluators Recognize and Favor Their Own Generations; the excess over
    people's preference, Zheng et al. (2023), MT-Bench, section 3.3.
    """

    name = "self-preference"
    summary = "how much oftener than others say the judge prefers its own model's response, in points; 0 is none"
    unit = "points"
    better = None
    bounds = (-100.0, 100.0)

    def cells(self, table: Table) -> Cells:
        """The judge's decision less the others'."""
        found, other = of_slots(table, decision(table)), self.reference(table)
        enters = np.isfinite(found) & np.isfinite(other)
        return Cells(np.where(enters, found - other, 0.0), enters.astype(float), np.isfinite(other).astype(float))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, and the two shares."""
        cells, other = self.cells(table), self.reference(table)
        top, bottom = self.sums(table)
        theirs = self._sums(table, np.where(cells.denominator > 0, other, 0.0))
        ones = np.ones((1, table.n_clusters))
        shares = [100.0 * ratio(ones, above, bottom)[0] for above in (top + theirs, theirs)]
        details = dict(zip(("own", "reference"), shares, strict=True))
        return Prepared(lambda weights: self.scale * ratio(weights, top, bottom), details=details)


@dataclass(frozen=True)
class SelfPreferenceByQuality(Compared, TwoGroups):
    """P(prefers own | own is better) - P(prefers the other | the other is better), in percentage points.

    Formula: 100 · Σ w·o / Σ w over pairs with r > ½, less 100 · Σ w·(1 − o) / Σ w over pairs with r < ½, with o and r
    as of `self-preference`.

    The judge's accuracy where its own response is the better one (detail `own`) less that where it is the worse one
    (`other`), which is better being what others say (as of `self-preference`; their ties do not enter). A judge that
    errs on both alike gets 0.

    Source: Wataoka et al. (2024), Self-Preference Bias in LLM-as-a-Judge, by the equal opportunity of Hardt et al.
    (2016).
    """

    name = "self-preference-by-quality"
    summary = "accuracy where the judge's own response is the better one, less accuracy where it is the worse one"
    unit = "points"
    better = None
    bounds = (-100.0, 100.0)
    group_names = ("own", "other")
    groups_in_words = ("pair whose better response is its own", "pair whose better response is the other's")

    def groups(self, table: Table) -> tuple[Cells, Cells]:
        """Pairs whose better response is the judge's own, and the other's."""
        found, other = of_slots(table, decision(table)), self.reference(table)
        cells = []
        for wanted, worth in ((other > 0.5, found), (other < 0.5, 1.0 - found)):
            enters = wanted & np.isfinite(found)
            cells.append(Cells(np.where(enters, worth, 0.0), enters.astype(float), wanted.astype(float)))
        return cells[0], cells[1]


@dataclass(frozen=True)
class PrefersOwn(RatioMeasure):
    """Percent of the pairs of which it wrote one response where the judge prefers its own; ties count half.

    Formula: 100 · Σ w·o / Σ w over pairs of which the very model that judges wrote one response, with o as of
    `self-preference`.

    It says nothing of which one is better: for that `self-preference` sets it against others.

    Source: Koo et al. (2024), CoBBLEr (egocentric bias).
    """

    name = "prefers-own"
    summary = "share of pairs with a response of the judge's own model where that one is preferred"
    about = "judge"
    better = None

    def cells(self, table: Table) -> Cells:
        """How often its own wins."""
        found, wanted = of_slots(table, decision(table)), mine(table)
        enters = np.isfinite(found)
        return Cells(np.where(enters, found, 0.0), enters.astype(float), wanted.astype(float))


COMPONENTS = (SelfPreference, SelfPreferenceByQuality, PrefersOwn)
