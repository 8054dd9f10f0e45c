"""position-consistent-accuracy: how often a judge is right in both orders."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PositionConsistentAccuracy(RatioMeasure):
    """Percent of pairs with a gold label that the judge decides rightly in BOTH orders; a tie is not right.

    Source: Wang et al. (2024), Self-Taught Evaluators, on HelpSteer2.
    """

    name = "position-consistent-accuracy"
    summary = "share of pairs decided rightly in both orders"
    about = "judge"

    def cells(self, table: Table) -> Cells:
        """One where both orders are right, over pairs with a gold label planned in both orders."""
        decided = np.isfinite(table.gold) & (table.gold != 0.5) & table.both
        enters = decided & table.complete
        right = (np.sign(table.preference - 0.5) == np.sign(table.gold - 0.5)[:, None]).all(axis=1)
        return Cells((enters & right).astype(float), enters.astype(float), decided.astype(float))


COMPONENT = PositionConsistentAccuracy
