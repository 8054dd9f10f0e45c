"""discrete-win-rate: how often a policy wins outright."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class DiscreteWinRate(RatioMeasure):
    """Percent of the items on which the policy is preferred; one that is exactly undecided counts one half.

    Formula: 100 · Σ w·d / Σ w over items, where d is 1 for p > ½, ½ for p = ½ and 0 for p < ½, and p is P(policy
    better), the mean over the item's planned orders.

    An item enters when every planned order has a verdict.

    Source: Li et al. (2023), AlpacaEval; its package alpaca-eval, `discrete_win_rate`.
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
