"""self-consistency: how often a judge that is asked twice says the same."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.repeats import of_repeats, of_samples
from judgebench.stats.table import Table


@dataclass(frozen=True)
class SelfConsistency(RatioMeasure):
    """Percent of the pairs of verdicts on the same comparison, in the same order, that say the same.

    Formula: 100 · Σ w·s / Σ w over comparisons, where s is the mean over the orders with two or more verdicts of Σ_k
    m_k·(m_k − 1) / (m·(m − 1)): of m verdicts m_k say k, which is the first response, the second, or tie.

    So within a comparison and order all pairs of verdicts count alike (an unbiased U-statistic), and comparisons count
    one each, however many verdicts they have. `of=repeats`: verdicts of the repeats that a judge was asked for.
    `of=samples`: what the votes or jurors inside each verdict say, where each repeat is a comparison of its own. A
    greedy judge says the same each time, which shows no reliability.

    Source: share of agreeing pairs, Fleiss (1971), equations 2 and 3; not the vote that Wang et al. (2023) call by this
    name.
    """

    name = "self-consistency"
    summary = "share of repeated verdicts on the same comparison, in the same order, that say the same"
    about = "judge"

    of: Literal["repeats", "samples"] = option("repeats", help="repeats of a verdict, or the votes or jurors in each")

    def cells(self, table: Table) -> Cells:
        """The share of each comparison, at its first unit."""
        if self.of == "samples":
            found, wanted = of_samples(table)
        else:
            found, stands = of_repeats(table)
            wanted = (stands > 1) & ~table.itself
        enters = wanted & np.isfinite(found)
        return Cells(np.where(enters, found, 0.0), enters.astype(float), wanted.astype(float))


COMPONENT = SelfConsistency
