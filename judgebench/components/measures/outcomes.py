"""wins, ties, losses: how a policy's comparisons end."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.plugin.measure import Cells, RatioMeasure
from judgebench.plugin.options import option
from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.table import Table


@dataclass(frozen=True)
class Outcome(RatioMeasure):
    """A share of the items, in percent: each ends as a win, a tie or a loss of the policy.

    `agree`: the policy wins where every order says so, and two orders that disagree are a tie. `average`: the orders
    are averaged as probabilities first. An item enters when every planned order has a verdict.

    Source: Zheng et al. (2023), MT-Bench, section 3.4 (orders that disagree are a tie).
    """

    about = "policy under judge"

    orders: Literal["agree", "average"] = option("agree", help="disagreeing orders are a tie, or are averaged first")

    @abstractmethod
    def counted(self, outcome: FloatArray) -> BoolArray:
        """bool [units], given 1 for a win, 0 for a tie and -1 for a loss."""

    def cells(self, table: Table) -> Cells:
        """One for an item that ended so."""
        enters = table.complete
        decision = np.where(table.valid, np.sign(table.preference - 0.5), 0.0)
        outcome = np.sign(table.mean_preference - 0.5)
        if self.orders == "agree":
            outcome = np.where((table.valid & (decision != outcome[:, None])).any(axis=1), 0.0, outcome)
        return Cells((enters & self.counted(outcome)).astype(float), enters.astype(float), np.ones(len(enters)))


@dataclass(frozen=True)
class Wins(Outcome):
    """Items that the policy wins.

    Formula: 100 · Σ w·[win] / Σ w over items.
    """

    name = "wins"
    summary = "share of items that the policy wins; by default disagreeing orders are a tie"

    def counted(self, outcome: FloatArray) -> BoolArray:
        """Wins."""
        return np.asarray(outcome > 0)


@dataclass(frozen=True)
class Ties(Outcome):
    """Items that nobody wins.

    Formula: 100 · Σ w·[tie] / Σ w over items.
    """

    name = "ties"
    summary = "share of items that nobody wins; by default disagreeing orders are a tie"
    better = None

    def counted(self, outcome: FloatArray) -> BoolArray:
        """Ties."""
        return np.asarray(outcome == 0)


@dataclass(frozen=True)
class Losses(Outcome):
    """Items that the policy loses.

    Formula: 100 · Σ w·[loss] / Σ w over items.
    """

    name = "losses"
    summary = "share of items that the policy loses; by default disagreeing orders are a tie"
    better = "lower"

    def counted(self, outcome: FloatArray) -> BoolArray:
        """Losses."""
        return np.asarray(outcome < 0)


COMPONENTS = (Wins, Ties, Losses)
