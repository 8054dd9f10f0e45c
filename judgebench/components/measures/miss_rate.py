"""miss-rate: how many of the planned verdicts a judge did not give."""

from dataclasses import dataclass

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class MissRate(RatioMeasure):
    """Percent of planned trials without a verdict: failed calls, unreadable texts, answers that were never given."""

    name = "miss-rate"
    summary = "share of planned verdicts that are missing"
    about = "judge"
    better = "lower"

    def cells(self, table: Table) -> Cells:
        """One for each trial without a verdict, over all planned trials."""
        planned = table.planned.sum(axis=1).astype(float)
        return Cells(planned - table.valid.sum(axis=1), planned, planned)


COMPONENT = MissRate
