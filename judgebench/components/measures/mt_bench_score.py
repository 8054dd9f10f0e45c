"""mt-bench-score: the mean of a policy's scores, each answer judged by itself."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.stats.table import Table


@dataclass(frozen=True)
class MtBenchScore(RatioMeasure):
    """Mean of the scores over questions and turns, in the judge's points.

    Formula: Σ w·s / Σ w over answers that were judged by themselves, where s is the score.

    A missing score is left out, as the official code leaves out those that it could not read. Each turn of each
    question counts one; items judged as a whole, and repeats, do too.

    Source: Zheng et al. (2023), MT-Bench; FastChat's llm_judge, `show_result`.
    """

    name = "mt-bench-score"
    summary = "mean score of a policy's answers, over questions and turns; missing ones are left out"
    about = "policy under judge"
    unit = "points"
    responses = "any"
    bounds = (1.0, 10.0)
    scale = 1.0

    def cells(self, table: Table) -> Cells:
        """The score of each answer that was judged by itself."""
        alone = table.slots == 1
        enters = alone & table.valid[:, 0]
        return Cells(np.where(enters, table.values[:, 0, 0], 0.0), enters.astype(float), alone.astype(float))


COMPONENT = MtBenchScore
