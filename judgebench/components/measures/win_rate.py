"""win-rate: how often a policy is preferred to its opponent."""

from dataclasses import dataclass, replace

import numpy as np

from judgebench.plugin.measure import Cells, Prepared, Published, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class WinRate(RatioMeasure):
    """How often the policy is preferred to its opponent, in percent; a tie counts one half.

    Formula: 100 · Σ w·p / Σ w over items, where p is P(policy better), the mean over the item's planned orders.

    An item enters when every planned order has a verdict. The standard error on boards in official mode is that of the
    mean over items, 100 · √(Σ (p − mean)² / ((n − 1)·n)).

    Source: Li et al. (2023), AlpacaEval.
    """

    name = "win-rate"
    summary = "how often the policy is preferred to its opponent; ties count one half"
    about = "policy under judge"

    def cells(self, table: Table) -> Cells:
        """Preference over the items with all their verdicts."""
        enters = table.complete
        return Cells(enters * table.mean_preference, enters.astype(float), np.ones(len(enters)))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; the published error is that of the mean over items, ddof 1."""
        enters = table.complete
        subject, preference = table.subject[enters], table.mean_preference[enters]
        n = np.bincount(subject, minlength=table.n_subjects)
        mean = np.bincount(subject, preference, table.n_subjects) / np.maximum(n, 1)
        squares = np.bincount(subject, (preference - mean[subject]) ** 2, table.n_subjects)
        error = np.where(n > 1, 100.0 * np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1)), np.nan)
        return replace(super().prepare(table), published=Published(standard_error=error))


COMPONENT = WinRate
