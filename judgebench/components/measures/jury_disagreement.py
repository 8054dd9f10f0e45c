"""jury-disagreement: how often two jurors of a verdict say different things."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.repeats import of_samples
from judgebench.stats.table import Table


@dataclass(frozen=True)
class JuryDisagreement(RatioMeasure):
    """Percent of the pairs of jurors (or votes) of a verdict that say different things.

    Formula: 100 · Σ w·(1 − s) / Σ w over items, with s as of `self-consistency,of=samples`: the share of the pairs of
    jurors of a verdict that say the same, averaged over the orders with two or more of them.

    A juror says the first response, the second, or tie; of scores what they prefer. A juror that is always missing is
    in no pair. It needs no gold label.

    Source: share of agreeing pairs, Fleiss (1971), equation 2; the U-statistic in `judgebench.stats.repeats.alike`.
    """

    name = "jury-disagreement"
    summary = "share of pairs of jurors or votes within a verdict that say different things"
    about = "judge"
    better = None

    def cells(self, table: Table) -> Cells:
        """The share of each unit; units of judges without jurors do not enter."""
        found, wanted = of_samples(table)
        enters = wanted & np.isfinite(found)
        return Cells(np.where(enters, 1.0 - found, 0.0), enters.astype(float), wanted.astype(float))


COMPONENT = JuryDisagreement
