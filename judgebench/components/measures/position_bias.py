"""position-bias: how far a judge leans to the response that is shown first."""

from dataclasses import dataclass

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PositionBias(RatioMeasure):
    """100 · mean P(the response shown first is better) − 50, in percentage points, over pairs judged in both orders.

    0 is no bias, +50 always the first, −50 always the second: every response stands first once, so
    quality cancels.
    """

    name = "position-bias"
    summary = "preference for the response shown first, in points over 50; 0 is none"
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


COMPONENT = PositionBias
