"""vote-accuracy: how accurate a vote of fewer of the recorded votes would be."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import msgspec
import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.measuring.gold import GoldShare
from judgebench.plugin.measure import Cells, Prepared
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.correctness import worth_each, worth_together
from judgebench.stats.table import Table
from judgebench.stats.voting import Rule, two_orders, vote_chances, votes_read

Votes = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True)
class VoteAccuracy(GoldShare):
    """Pairwise accuracy of a vote of `k` of the votes (or jurors) that the record holds of each verdict.

    Formula: 100 · Σ w·E[c·e] / Σ w·E[e] over pairs that gold does not tie, where E is the mean over all choices of k of
    the votes that could be read, c is the worth of what these say, and e is 1 where that enters and 0 where a tie or a
    missing verdict is left out.

    It is exact: counted votes are multivariate hypergeometric. `k=1` is the accuracy of a single vote, and with as many
    as there are it is that of the vote itself. `rule` is as of the judge `vote`: what more than half of them say, the
    most common, or (of probabilities or scores) what their mean prefers. That has no closed form: beyond 10,000 choices
    it is the mean over 10,000 drawn by `seed`.

    In an order of which fewer than k votes could be read all of these vote, as in a vote with unread ones; without any,
    it is a missing verdict. A judge that has k votes nowhere gets no estimate. An item's orders are voted on apart:
    with `orders=each` their worths are averaged, as for `average-accuracy`, with `orders=together` their verdicts, as
    for `accuracy`. Ties of a vote and missing verdicts count by the convention.

    Items are resampled, votes are not: intervals hold for the votes as they were drawn.

    Source: the unbiased estimator of Chen et al. (2021), pass@k, with a vote in the place of the best of k; Wang et al.
    (2023), self-consistency.
    """

    name = "vote-accuracy"
    summary = "accuracy of a vote of k of the recorded votes, averaged over all choices of k"

    k: Votes = option(1, help="how many votes are counted")
    rule: Rule = option("majority", help="more than half of the votes; the most common verdict; what their mean says")
    orders: Literal["each", "together"] = option("each", help="count an item's orders each, or average them first")
    seed: int = option(0, help="of the choices that are drawn where there are more than 10,000 of soft votes")

    def __post_init__(self) -> None:
        """ConfigError for means that would be averaged over orders."""
        if self.rule == "mean" and self.orders == "together":
            raise ConfigError(
                "vote-accuracy: rule=mean says which response the mean prefers, not how much", "give orders=each"
            )

    def worth(self, table: Table, tie: float, miss: float) -> FloatArray:
        """One for right."""
        return (worth_each if self.orders == "each" else worth_together)(table, tie, miss)

    def cells(self, table: Table) -> Cells:
        """The expected worth of the units that enter."""
        votes = votes_read(table)
        numerator, denominator, planned = np.zeros((3, len(table.subject)))
        for said, chance in two_orders(vote_chances(table, self.k, self.rule, self.seed)):
            voted = replace(table, valid=votes > 0, preference=np.where(votes > 0, said, 0.0))
            cells = super().cells(voted)
            numerator += chance * cells.numerator
            denominator += chance * cells.denominator
            planned += chance * cells.planned
        most = _most(table)[table.subject]
        enough = most >= self.k
        return Cells(numerator * enough, denominator * enough, planned * (most > 0))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; why a judge with fewer votes has no estimate."""
        why = {
            subject: f"no verdict of it has {self.k} votes that could be read, but {most} at most"
            for subject, most in enumerate(_most(table).tolist())
            if 0 < most < self.k
        }
        return replace(super().prepare(table), why=why)


def _most(table: Table) -> IntArray:
    """The most votes that could be read of a verdict, by subject: int [subjects]."""
    most = np.zeros(table.n_subjects, dtype=np.intp)
    np.maximum.at(most, table.subject, votes_read(table).max(axis=1, initial=0))
    return most


COMPONENT = VoteAccuracy
