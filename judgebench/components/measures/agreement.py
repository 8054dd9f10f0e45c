"""agreement-s1, agreement-s2, agreement-non-tie, kappa: how far a judge says what people say."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support
from judgebench.plugin.options import option
from judgebench.stats import cluster_sums
from judgebench.stats.agreement import SLOT_0, SLOT_1, TIE, Counts, Inconsistent, Orders, counts, kappa, votes_of
from judgebench.stats.arrays import FloatArray
from judgebench.stats.table import Table

Voters = Literal["expert", "author", "all"]
DECIDED = [SLOT_0, SLOT_1]


@dataclass(frozen=True)
class VoteMeasure(Measure):
    """What all of these share: whose votes count, and what a judge's verdict is when two orders were asked.

    Every vote on an item is compared with the judge's verdict on it, so that n counts votes, and a repeat counts them
    again. The subject "humans" are the people themselves: every two votes on the same item are compared, so that n
    counts pairs of votes; this is the ceiling. `voters` says whose votes, in both cases. `agree`: two orders that
    disagree are a tie (Zheng et al. 2023, MT-Bench, section 3.4); `average`: they are averaged as probabilities first.
    `inconsistent=drop` leaves out verdicts whose orders disagreed. An item enters when every planned order has a
    verdict.
    """

    about = "judge"

    voters: Voters = option("expert", help="whose votes count")
    orders: Orders = option("agree", help="disagreeing orders are a tie, or are averaged first")
    inconsistent: Inconsistent = option("tie", help="verdicts whose orders disagreed stand as a tie, or are left out")

    def counted(self, table: Table) -> Counts:
        """Verdicts and votes by what they say."""
        return counts(table, self.voters, self.orders, self.inconsistent)

    def notes(self, table: Table) -> tuple[str, ...]:
        """What is counted, and how."""
        who = {"expert": "experts", "author": "authors", "all": "all people"}[self.voters]
        if not len(table.subject):
            return ()
        if not votes_of(table, self.voters).any():
            return (f"{self.name}: there is no vote of {who}",)
        found = {"agree": "are a tie", "average": "are averaged"}[self.orders]
        found = "are left out" if self.inconsistent == "drop" else found
        return (
            f"{self.name}: n counts votes of {who} (humans: pairs of votes on one item); orders that disagree {found}",
        )


@dataclass(frozen=True)
class Agreement(VoteMeasure, RatioMeasure):
    """A share of votes, in percent: the judge says the same."""

    @abstractmethod
    def shares(self, said: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Votes that the verdict agrees with and votes that enter, given [units, 3, 3] by what both say."""

    def expected(self, waiting: FloatArray) -> FloatArray:
        """Votes that would have entered, given [units, 3] of what has no verdict: those that are no tie."""
        return np.asarray(waiting[:, DECIDED].sum(axis=1))

    def cells(self, table: Table) -> Cells:
        """Sums over votes."""
        found = self.counted(table)
        agree, enter = self.shares(found.said)
        return Cells(agree, enter, enter + self.expected(found.waiting))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster, and what they count."""
        return replace(super().prepare(table), notes=self.notes(table))


@dataclass(frozen=True)
class AgreementS1(Agreement):
    """Agreement over three labels: a tie agrees with a tie alone.

    Formula: 100 · Σ w·[j = v] / Σ w over votes v and the verdict j on the same item; either is one response, the other,
    or tie.

    Source: Zheng et al. (2023), MT-Bench, section 4.2, setup S1.
    """

    name = "agreement-s1"
    summary = "share of people's votes that the judge agrees with; a tie is a label of its own"

    def shares(self, said: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The diagonal, and everything."""
        return np.trace(said, axis1=1, axis2=2), said.sum(axis=(1, 2))

    def expected(self, waiting: FloatArray) -> FloatArray:
        """All of them."""
        return np.asarray(waiting.sum(axis=1))


@dataclass(frozen=True)
class AgreementS2(Agreement):
    """Agreement where neither the judge nor the person says tie.

    Formula: 100 · Σ w·[j = v] / Σ w over votes v that are no tie on items whose verdict j is none.

    Source: Zheng et al. (2023), MT-Bench, section 4.2, setup S2.
    """

    name = "agreement-s2"
    summary = "share of people's votes that the judge agrees with, where neither says tie"

    def shares(self, said: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of the four corners, the diagonal and all."""
        return said[:, SLOT_0, SLOT_0] + said[:, SLOT_1, SLOT_1], said[:, DECIDED][:, :, DECIDED].sum(axis=(1, 2))


@dataclass(frozen=True)
class AgreementNonTie(AgreementS2):
    """Agreement with the votes that are no tie; `judge_ties` says what a tie of the judge is worth against them.

    Formula: 100 · Σ w·c / Σ w over votes v that are no tie, where c is 1 for a verdict that says the same, 0 for one
    that says the other response, and for a tie left out (`drop`), 0 (`wrong`) or ½ (`half`).

    For humans each vote stands once in the judge's place, against every vote on the same item that is no tie: with
    `wrong` and `half`, n counts ordered pairs. With `drop` it is `agreement-s2`.

    Source: Wang et al. (2024), Self-Taught Evaluators, on MT-Bench's two turns together; they do not say which reading
    is theirs.
    """

    name = "agreement-non-tie"
    summary = "share of people's votes that are no tie with which the judge agrees"

    judge_ties: Literal["drop", "wrong", "half"] = option("drop", help="worth of a judge's tie against such a vote")

    worth: ClassVar[dict[str, float]] = {"wrong": 0.0, "half": 0.5}

    def shares(self, said: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As S2, with the judge's ties at their worth."""
        agree, enter = super().shares(said)
        if self.judge_ties == "drop":
            return agree, enter
        ties = said[:, TIE, DECIDED].sum(axis=1)
        return agree + self.worth[self.judge_ties] * ties, enter + ties

    def cells(self, table: Table) -> Cells:
        """Sums over votes; of humans, over ordered pairs where the two sides of a pair count differently."""
        found = super().cells(table)
        if self.judge_ties == "drop":
            return found
        twice = np.where(table.itself, 2.0, 1.0)
        return Cells(found.numerator * twice, found.denominator * twice, found.planned * twice)

    def notes(self, table: Table) -> tuple[str, ...]:
        """Also how the judge's ties count."""
        said = {"drop": "is left out", "wrong": "counts as wrong", "half": "counts one half"}[self.judge_ties]
        return (*super().notes(table), f"{self.name}: people's ties are left out; a tie of the judge {said}")


@dataclass(frozen=True)
class Kappa(VoteMeasure):
    """100 times Cohen's kappa of the judge and people's votes: agreement beyond what their labels alone would give.

    Formula: 100 · (p_o − p_e) / (1 − p_e), where p_o is the share on the diagonal of a table and p_e = Σ_k
    p_j(k)·p_v(k), with the shares of the table's rows and columns; every vote v on an item with verdict j adds w to the
    cell (j, v).

    A verdict counts as often as there are votes on it. Labels are the two responses' slots and tie; with `labels=two`,
    votes and verdicts that are ties are left out. For humans, every pair of votes on an item adds one half to (v, w)
    and one half to (w, v). 100 is full agreement, 0 what chance gives; there is no value where only one label is said.

    Source: Cohen (1960); of a symmetric table, as the humans' is, Scott's pi (1955).
    """

    name = "kappa"
    summary = "Cohen's kappa (times 100) of the judge and people's votes"
    unit = "points"
    bounds = (-100.0, 100.0)

    labels: Literal["three", "two"] = option("three", help="two: ties on either side are left out")

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """Kappa of the weighted table of each subject."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """The tables by cluster, summed for each row of weights."""
        said = self._said(self.counted(table).said)
        clusters, subjects, k = table.n_clusters, table.n_subjects, said.shape[1]
        cells = [
            cluster_sums(table.cluster, table.subject, np.ascontiguousarray(column), clusters, subjects)
            for column in said.reshape(len(said), k * k).T
        ]
        sums = np.stack(cells, axis=2).reshape(clusters, subjects * k * k)

        def values(weights: FloatArray) -> FloatArray:
            return 100.0 * kappa((weights @ sums).reshape(len(weights), subjects, k, k))

        alone = np.isnan(values(np.ones((1, clusters)))[0]) & (self.support(table).n > 0)
        why = {int(subject): "judge and people say one label alone" for subject in np.flatnonzero(alone)}
        return Prepared(values, notes=self.notes(table), why=why)

    def support(self, table: Table) -> Support:
        """Votes (humans: pairs of votes) in the table, those that lack a verdict, and clusters with any."""
        found = self.counted(table)
        waiting = found.waiting if self.labels == "three" else found.waiting[:, DECIDED]
        sums = [
            cluster_sums(table.cluster, table.subject, one, table.n_clusters, table.n_subjects)
            for one in (self._said(found.said).sum(axis=(1, 2)), waiting.sum(axis=1))
        ]
        n, missing = (np.rint(one.sum(axis=0)).astype(np.intp) for one in sums)
        return Support(n, missing, (sums[0] > 0).sum(axis=0))

    def _said(self, said: FloatArray) -> FloatArray:
        return said if self.labels == "three" else said[:, DECIDED][:, :, DECIDED]


COMPONENTS = (AgreementS1, AgreementS2, AgreementNonTie, Kappa)
