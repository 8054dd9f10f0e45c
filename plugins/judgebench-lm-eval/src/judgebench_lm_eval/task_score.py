"""task-score: the mean of a policy's scores by one metric of one task."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgebench import Cells, RatioMeasure

if TYPE_CHECKING:
    from judgebench import Table


@dataclass(frozen=True)
class TaskScore(RatioMeasure):
    """Mean over the documents, in percent of the metric's range from 0 to 1.

    It is the value that lm-evaluation-harness prints, times 100. Its standard error there is s / sqrt(n), with s the
    sample standard deviation of the documents' scores (`mean_stderr`); ours is the deviation of resampled means, which
    estimates the same.
    """

    name = "task-score"
    summary = "mean score over a task's documents, as lm-evaluation-harness has it, in percent"
    about = "policy under judge"
    responses = "any"

    def cells(self, table: "Table") -> Cells:
        """The score of each document."""
        import numpy as np

        alone = table.slots == 1
        enters = alone & table.valid[:, 0]
        return Cells(np.where(enters, table.values[:, 0, 0], 0.0), enters.astype(float), alone.astype(float))
