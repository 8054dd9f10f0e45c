"""attack-effect: what an attack by the worse response does to a judge's accuracy."""

from dataclasses import dataclass, replace

import numpy as np

from judgebench.measuring.gold import GoldMeasure
from judgebench.measuring.two_groups import TwoGroups
from judgebench.plugin.measure import Cells, Limits, Prepared, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats import wilson
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.correctness import worth_together
from judgebench.stats.table import Table

CONTROL = "none"
"""The subset of the pairs that nobody attacks."""


@dataclass(frozen=True)
class AttackEffect(GoldMeasure, TwoGroups):
    """Accuracy on attacked pairs less accuracy on the same pairs unchanged, in percentage points.

    Formula: 100 · Σ w·c / Σ w over attacked pairs, less 100 · Σ w·c / Σ w over unchanged ones, with the worth c of a
    verdict as of `accuracy`.

    Below 0: the attack works. The details `attacked` and `unchanged` are the two accuracies. A source item is one
    cluster, so that the interval is that of the paired difference. The benchmark names its parts by attack and the
    unchanged pairs `none`, as `attacks` does: this measure is taken of the whole of it, not of a part. n counts pairs
    of both kinds. A verdict that an attack prevents is missing, and told by `miss-rate`, unless `misses=wrong` counts
    it as an error. Where no source item is moved at all, resampling sees no spread: the interval then is plus and minus
    Wilson's upper limit of the share of items that are moved.

    Source: ours; the limit: Wilson (1927).
    """

    name = "attack-effect"
    summary = "accuracy under an attack less accuracy on the same pairs unchanged; below 0 the attack works"
    unit = "points"
    bounds = (-100.0, 100.0)
    group_names = ("attacked", "unchanged")
    groups_in_words = ("pair under this attack", "unchanged pair")

    attack: str | None = option(None, help="the attack, by its name among the parts; default: all together")

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """As `accuracy` has it."""
        return worth_together(table, tie, miss)

    def groups(self, table: Table) -> tuple[Cells, Cells]:
        """Attacked pairs, and unchanged ones."""
        cells, control = self.cells(table), _part(table, CONTROL)
        attacked = ~control if self.attack is None else _part(table, self.attack)
        first, second = (
            Cells(cells.numerator * chosen, cells.denominator * chosen, cells.planned * chosen)
            for chosen in (attacked.astype(float), control.astype(float))
        )
        return first, second

    def prepare(self, table: Table) -> Prepared:
        """The two accuracies; limits of those whom nothing moves."""
        first, second = (
            (RatioMeasure._sums(table, cells.numerator), RatioMeasure._sums(table, cells.denominator))
            for cells in self.groups(table)
        )
        paired = (first[1] > 0) & (second[1] > 0)
        moved = paired & (first[0] * second[1] != second[0] * first[1])
        number = paired.sum(axis=0)
        still = (number > 0) & ~moved.any(axis=0)

        def alone(confidence: float) -> tuple[FloatArray, FloatArray]:
            most = [
                100.0 * wilson(0.0, int(n), confidence)[1] if one else np.nan
                for n, one in zip(number, still, strict=True)
            ]
            return -np.array(most), np.array(most)

        def between(a: IntArray, b: IntArray, confidence: float) -> tuple[FloatArray, FloatArray]:
            return np.full(len(a), np.nan), np.full(len(a), np.nan)

        bound = np.zeros(table.n_subjects, dtype=np.int64)
        return replace(super().prepare(table), limits=Limits(alone, between, bound))

    @property
    def group_notes(self) -> tuple[str, ...]:
        """A note where the convention is not the usual one."""
        return self.convention_notes


def _part(table: Table, name: str) -> BoolArray:
    return table.subsets.get(name, np.zeros(len(table.subject), dtype=np.bool_))


COMPONENT = AttackEffect
