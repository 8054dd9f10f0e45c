"""accuracy: how often a judge prefers the response that the gold label prefers."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class Accuracy(RatioMeasure):
    """Pairwise accuracy in percent: the planned orders of an item are averaged as probabilities, then compared.

    A tie of the judge counts one half. Items whose gold label is a tie do not enter; an item enters
    when every planned order has a verdict.
    """

    name = "accuracy"
    summary = "agreement with the gold label, orders averaged as probabilities; ties count one half"
    about = "judge"

    def cells(self, table: Table) -> Cells:
        """One for right, one half for a tie, over items with a gold label."""
        decided = np.isfinite(table.gold) & (table.gold != 0.5)
        enters = decided & table.complete
        right = 0.5 + 0.5 * np.sign(table.mean_preference - 0.5) * np.sign(table.gold - 0.5)
        return Cells(np.where(enters, right, 0.0), enters.astype(float), decided.astype(float))


COMPONENT = Accuracy
