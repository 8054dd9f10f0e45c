"""position-consistency: how often a judge says the same in both orders."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PositionConsistency(RatioMeasure):
    """Percent of pairs whose two orders give the same decision (slot 0, slot 1 or tie) once turned back.

    Formula: 100 · Σ w·[both orders decide alike] / Σ w over units planned and judged in both orders.

    Of more than two responses, the decision is which of them are the best.

    Source: Zheng et al. (2023), MT-Bench, table 2 ("consistency").
    """

    name = "position-consistency"
    summary = "share of pairs judged alike in both orders"
    about = "judge"
    responses = "any"

    def cells(self, table: Table) -> Cells:
        """One where the decisions agree, over pairs planned in both orders."""
        enters = table.both & table.complete
        values = np.where(np.isnan(table.values), -np.inf, table.values)
        best = values == values.max(axis=2, keepdims=True)
        same = (best[:, 0] == best[:, 1]).all(axis=1)
        return Cells((enters & same).astype(float), enters.astype(float), table.both.astype(float))


COMPONENT = PositionConsistency
