"""Measures of two groups of units: the difference, or the mean, of the shares of each."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support

if TYPE_CHECKING:
    from judgebench.stats.arrays import FloatArray
    from judgebench.stats.table import Table


class TwoGroups(Measure):
    """The share of one group of units less that of another (`difference`), or the mean of both: implement `groups`.

    Both shares are ratios of sums, in percent, resampled by the same weights. A subject that has no unit in one of the
    groups has no estimate. Both shares stand among the details, under the names of the groups.
    """

    combined: ClassVar[Literal["difference", "mean"]] = "difference"
    group_names: ClassVar[tuple[str, str]]
    """What the two groups are, as one word each."""
    groups_in_words: ClassVar[tuple[str, str]]
    """What the units of each group are, to say which are not there."""

    @abstractmethod
    def groups(self, table: "Table") -> tuple[Cells, Cells]:
        """The two groups' numerators, denominators and planned counts of every unit."""

    @property
    def group_notes(self) -> tuple[str, ...]:
        """What a board says of how it counts."""
        return ()

    def fit(self, table: "Table", weights: "FloatArray") -> "FloatArray":
        """The difference or the mean under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: "Table") -> Prepared:
        """The sums of both groups by cluster, their shares, and who lacks one of them."""
        import numpy as np

        from judgebench.stats import ratio

        sums = [
            (RatioMeasure._sums(table, cells.numerator), RatioMeasure._sums(table, cells.denominator))
            for cells in self.groups(table)
        ]

        def values(weights: "FloatArray") -> "FloatArray":
            first, second = (100.0 * ratio(weights, top, bottom) for top, bottom in sums)
            return first - second if self.combined == "difference" else (first + second) / 2

        ones = np.ones((1, table.n_clusters))
        shares = [100.0 * ratio(ones, top, bottom)[0] for top, bottom in sums]
        details = dict(zip(self.group_names, shares, strict=True))
        return Prepared(values, details=details, notes=self.group_notes, why=self._why(shares))

    def support(self, table: "Table") -> Support:
        """Units of both groups."""
        import numpy as np

        first, second = self.groups(table)
        entered = RatioMeasure._sums(table, first.denominator + second.denominator)
        planned = RatioMeasure._sums(table, first.planned + second.planned).sum(axis=0)
        n = np.rint(entered.sum(axis=0)).astype(np.intp)
        return Support(n, np.rint(planned).astype(np.intp) - n, (entered > 0).sum(axis=0))

    def _why(self, shares: "list[FloatArray]") -> Mapping[int, str]:
        import numpy as np

        lacking = np.isnan(np.stack(shares))
        return {
            int(subject): f"there is no {self.groups_in_words[int(lacking[1, subject])]}"
            for subject in np.flatnonzero(lacking.sum(axis=0) == 1)
        }
