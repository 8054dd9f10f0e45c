"""What measures that compare a judge's verdicts with gold labels share: how ties and missing verdicts count."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from judgebench.plugin.conventions import WORTH, Convention, ConventionName, Credit, in_words, resolved
from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray
from judgebench.stats.correctness import decided
from judgebench.stats.table import Table


@dataclass(frozen=True)
class ByConvention(Measure):
    """A measure for which a judge's ties and missing verdicts count by a convention.

    `convention` is a preset of how they do (`judgebench.plugin.conventions`), the benchmark's own unless it is given;
    `ties` and `misses` go before it.
    """

    convention: ConventionName = option("standard", help="preset of ties and misses; default: the benchmark's")
    ties: Credit | None = option(None, help="worth of a tie of the judge; default: the convention's")
    misses: Credit | None = option(None, help="worth of a missing verdict; default: the convention's")

    @property
    def counting(self) -> Convention:
        """How ties and missing verdicts count."""
        return resolved(self.convention, self.ties, self.misses)

    @property
    def convention_notes(self) -> tuple[str, ...]:
        """What a board says of the convention: nothing of the usual one."""
        if self.counting == resolved("standard", None, None):
            return ()
        plain = self.ties is None and self.misses is None
        whose = f"convention {self.convention}" if plain else "as asked for"
        return (f"{self.name}: {in_words(self.counting)} ({whose})",)


@dataclass(frozen=True)
class GoldMeasure(ByConvention):
    """What is measured of pairs with a gold label, in percent; pairs whose gold label is a tie do not enter.

    The judge's ties and missing verdicts count by the convention.
    """

    about = "judge"
    bounds: ClassVar[tuple[float, float] | None] = (0.0, 100.0)

    @abstractmethod
    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """What each unit is worth, 0 to 1: float [units], NaN where it does not enter."""

    def planned(self, table: Table) -> FloatArray:
        """float [units]: one where the unit should enter."""
        return decided(table).astype(float)

    def cells(self, table: Table) -> Cells:
        """The worth of the units that enter."""
        tie, miss = WORTH[self.counting.ties], WORTH[self.counting.misses]
        found = self.worth(table, tie, miss)
        enters = np.isfinite(found)
        left_out = np.isfinite(self.worth(table, 0.0, miss)) & ~enters  # ties, which are judged and not missing
        return Cells(np.where(enters, found, 0.0), enters.astype(float), np.where(left_out, 0.0, self.planned(table)))


@dataclass(frozen=True)
class GoldShare(GoldMeasure, RatioMeasure):
    """The mean worth of the pairs."""

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note where the convention is not the usual one."""
        return replace(super().prepare(table), notes=self.convention_notes)
