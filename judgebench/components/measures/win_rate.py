"""win-rate: how often a policy is preferred to its opponent."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.kinds import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class WinRate(RatioMeasure):
    """100 · mean P(policy better), the planned orders of an item averaged as probabilities; a tie counts one half.

    An item enters when every planned order has a verdict. Source: Li et al. (2023), AlpacaEval.
    """

    name = "win-rate"
    summary = "how often the policy is preferred to its opponent; ties count one half"
    about = "policy under judge"

    def cells(self, table: Table) -> Cells:
        """Preference over the items with all their verdicts."""
        enters = table.complete
        return Cells(enters * table.mean_preference, enters.astype(float), np.ones(len(enters)))


COMPONENT = WinRate
