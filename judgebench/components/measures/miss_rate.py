"""miss-rate: how many of the verdicts that a judge was asked for it did not give."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class MissRate(RatioMeasure):
    """Percent of the asked trials without a verdict: failed calls and unreadable texts.

    Formula: 100 · Σ w·(a − v) / Σ w·a over units, where a is the number of orders that were asked, v of which have a
    verdict.

    Planned trials that were never asked (an interrupted run, an answer that a policy did not give) say nothing about
    the judge: they count as missing from this measure. People who voted are asked nothing.

    Source: ours.
    """

    name = "miss-rate"
    summary = "share of asked verdicts that are missing"
    about = "judge"
    better = "lower"
    responses = "any"

    def cells(self, table: Table) -> Cells:
        """One for each asked trial without a verdict, over all asked trials."""
        asked = table.asked.sum(axis=1).astype(float)
        planned = np.where(table.itself, 0, table.planned.sum(axis=1))
        return Cells(asked - table.valid.sum(axis=1), asked, planned.astype(float))


COMPONENT = MissRate
