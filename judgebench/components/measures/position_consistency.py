"""position-consistency: how often a judge says the same in both orders."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PositionConsistency(RatioMeasure):
    """Percent of pairs whose two orders give the same decision (slot 0, slot 1 or tie) once turned back.

    Source: Zheng et al. (2023), MT-Bench, table 2 ("consistency").
    """

    name = "position-consistency"
    summary = "share of pairs judged alike in both orders"
    about = "judge"

    def cells(self, table: Table) -> Cells:
        """One where the decisions agree, over pairs planned in both orders."""
        enters = table.both & table.complete
        decision = np.sign(table.preference - 0.5)
        same = decision[:, 0] == decision[:, 1]
        return Cells((enters & same).astype(float), enters.astype(float), table.both.astype(float))


COMPONENT = PositionConsistency
