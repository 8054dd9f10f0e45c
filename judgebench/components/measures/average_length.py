"""average-length: how long a policy's answers are."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class AverageLength(RatioMeasure):
    """Mean length of a policy's answers in characters, all turns summed.

    Formula: Σ w·l / Σ w over answers, where l is the length in characters (Unicode code points).

    Source: ours; papers print it beside win rates, as Dubois et al. (2024), Length-Controlled AlpacaEval, do.
    """

    name = "average-length"
    summary = "mean length of the answers in characters"
    about = "policy"
    unit = "characters"
    better = None
    bounds = None
    scale = 1.0

    def cells(self, table: Table) -> Cells:
        """The length of each answer that was given."""
        enters = table.complete & np.isfinite(table.length[:, 0])
        return Cells(np.where(enters, table.length[:, 0], 0.0), enters.astype(float), np.ones(len(enters)))


COMPONENT = AverageLength
