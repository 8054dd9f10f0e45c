"""tokens, seconds: what a judge's verdicts cost."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray
from judgebench.stats.table import Table


@dataclass(frozen=True)
class PerVerdict(RatioMeasure):
    """A mean over the verdicts that were asked for, those without a result included: they cost the same."""

    about = "judge"
    better = "lower"
    responses = "any"
    bounds = None
    scale = 1.0

    @abstractmethod
    def of_each(self, table: Table) -> FloatArray:
        """float [units, 2]: the amount for each order; NaN where it is not known."""

    def cells(self, table: Table) -> Cells:
        """The amounts that are known, over their number."""
        found = self.of_each(table)
        known = np.isfinite(found) & table.asked
        planned = np.where(table.itself, 0, table.planned.sum(axis=1))
        return Cells(np.where(known, found, 0.0).sum(axis=1), known.sum(axis=1).astype(float), planned.astype(float))


@dataclass(frozen=True)
class Tokens(PerVerdict):
    """Mean number of tokens for one verdict, summed over all samples that it is made of, as the models counted them.

    Formula: Σ w·t / Σ w over the verdicts that were asked for, where t is the number of tokens.

    Verdicts without a result enter too: they cost the same. Those whose tokens are not known do not.

    Source: ours.
    """

    name = "tokens"
    summary = "tokens for one verdict, all its samples together"
    unit = "tokens"

    count: Literal["output", "input", "both"] = option("output", help="tokens written, read, or both")

    def of_each(self, table: Table) -> FloatArray:
        """Tokens of each order."""
        read, written = table.tokens[..., 0], table.tokens[..., 1]
        return np.asarray({"output": written, "input": read, "both": read + written}[self.count])


@dataclass(frozen=True)
class Seconds(PerVerdict):
    """Mean time for one verdict: how long its samples took, one after the other, as they were bought.

    Formula: Σ w·t / Σ w over the verdicts that were asked for, where t is the time in seconds.

    It is the time that a caller waits, with whatever else the model was answering at once: on one machine, compare
    judges that were run in the same way. A completion out of the cache has the time that it took then. Verdicts without
    a result enter too: they take time all the same.

    Source: ours.
    """

    name = "seconds"
    summary = "time for one verdict, all its samples one after the other"
    unit = "seconds"

    def of_each(self, table: Table) -> FloatArray:
        """Seconds of each order."""
        return table.seconds


COMPONENTS = (Tokens, Seconds)
