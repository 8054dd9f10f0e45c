"""discrete-win-rate: how often a policy wins outright."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class DiscreteWinRate(RatioMeasure):
    """Percent of the items on which the policy is preferred; one that is exactly undecided counts one half.

    The planned orders of an item are averaged as probabilities first; an item enters when every planned order has a
    verdict. Source: alpaca-eval, `discrete_win_rate`.
    """

    name = "discrete-win-rate"
    summary = "how often the policy is preferred at all; undecided items count one half"
    about = "policy under judge"

    def cells(self, table: Table) -> Cells:
        """One for a preference over one half, one half for exactly that."""
        enters = table.complete
        won = 0.5 + 0.5 * np.sign(table.mean_preference - 0.5)
        return Cells(enters * won, enters.astype(float), np.ones(len(enters)))


COMPONENT = DiscreteWinRate
