"""calibration-error and its kin: how far a judge's probabilities are from how often it is right."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import numpy as np

from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray
from judgebench.stats.calibration import Binning, Gaps, binned, confidences
from judgebench.stats.ratio import cluster_sums
from judgebench.stats.table import Table

Bins = Annotated[int, msgspec.Meta(ge=1)]
Floor = Annotated[float, msgspec.Meta(gt=0, le=0.5)]


@dataclass(frozen=True)
class Binned(Measure):
    """What is made of the gaps between confidence and accuracy in bins of confidence.

    Confidence is the larger probability of a judge's preference, averaged over the planned orders. The gold label says
    whether it is right; pairs that it ties do not enter, nor those that lack a verdict. Bins are set once, on the data
    themselves, and stay in every resample.
    """

    about = "judge"
    better = "lower"

    bins: Bins = option(10, help="bins of confidence between 0.5 and 1")
    binning: Binning = option("width", help="bins of equal width, or of about as many pairs")

    def gaps(self, table: Table) -> Gaps:
        """The gaps by cluster, subject and bin."""
        found = confidences(table)
        return Gaps.of(table, found, binned(found, table.subject, self.bins, self.binning), self.bins)

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The measure under each row of weights."""
        return self.prepare(table).values(weights)

    def support(self, table: Table) -> Support:
        """Pairs with a gold label."""
        found = confidences(table)
        n, planned = (
            cluster_sums(table.cluster, table.subject, column.astype(float), table.n_clusters, table.n_subjects)
            for column in (found.enters, found.wanted)
        )
        count = np.rint(n.sum(axis=0)).astype(np.intp)
        return Support(count, np.rint(planned.sum(axis=0)).astype(np.intp) - count, (n > 0).sum(axis=0))


@dataclass(frozen=True)
class CalibrationError(Binned):
    """Expected calibration error: mean |accuracy - confidence| over bins of confidence, in percent.

    Formula: 100 · Σ_b |Σ w·(r − c)| / Σ w, the inner sum over the pairs of bin b, where c is the confidence and r is 1
    where the judge is right, 0 where it is wrong and ½ for a tie.

    Sampling makes it too large: the detail `chance` is about what a calibrated judge with these confidences would get.
    Below twice of that its interval is not to be trusted, which a note then says: it never reaches 0, and may lie
    beside the estimate. `squared-calibration-error` has neither fault. A judge of hard verdicts has the confidence 1,
    so that it gets its share of errors.

    Source: Naeini et al. (2015); Guo et al. (2017), equation 3.
    """

    name = "calibration-error"
    summary = "expected calibration error: distance of confidence and accuracy, over bins; too large on few pairs"
    bounds = (0.0, 100.0)

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster and bin, and what chance gives; a note where that is much of the value."""
        gaps = self.gaps(table)
        chance, value = 100.0 * gaps.by_chance(), 100.0 * gaps.absolute(np.ones((1, table.n_clusters)))[0]
        notes = tuple(
            (
                int(subject),
                f"{self.name}: a calibrated judge would get about {chance[subject]:.1f} by chance, on so few pairs: "
                "its interval is not to be trusted, that of `squared-calibration-error` is",
            )
            for subject in np.flatnonzero((chance > 0) & (value < 2.0 * chance))
        )
        return Prepared(lambda weights: 100.0 * gaps.absolute(weights), details={"chance": chance}, notes=notes)


@dataclass(frozen=True)
class SquaredCalibrationError(Binned):
    """Mean squared (accuracy - confidence) over bins of confidence, times 100, without the bias of sampling.

    Formula: 100 · Σ_b N_b·G_b / Σ_b N_b, where N_b = Σ w over the pairs of bin b, and G_b = Σ_{i≠j} w_i·w_j·e_i·e_j /
    Σ_{i≠j} w_i·w_j·n_i·n_j over its clusters i and j, of n_i pairs each, with e_i the cluster's sum of r − c (as of
    `calibration-error`); with `bias=kept` G_b = (Σ w·(r − c) / N_b)².

    Bins with a single cluster do not enter. Of a calibrated judge it is 0 on average, so that it can be below 0; its
    root is on the scale of `calibration-error` (1 point: a distance of 10 percent). `bias=kept` is the plain mean,
    which is too large.

    Source: Kumar et al. (2019), section 5; Bröcker (2012); `judgebench.stats.calibration.Gaps.debiased`.
    """

    name = "squared-calibration-error"
    summary = "100 x mean squared distance of confidence and accuracy over bins, without the bias of few pairs"
    unit = "points"
    bounds = (-100.0, 100.0)

    bias: Literal["removed", "kept"] = option("removed", help="what sampling alone adds is taken away, or stays")

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster and bin."""
        gaps = self.gaps(table)
        form = gaps.debiased if self.bias == "removed" else gaps.squared
        alone = np.isnan(form(np.ones((1, table.n_clusters)))[0]) & (self.support(table).n > 0)
        why = {int(subject): "no two items are in one bin of confidence" for subject in np.flatnonzero(alone)}
        return Prepared(lambda weights: 100.0 * form(weights), why=why)


@dataclass(frozen=True)
class BrierScore(RatioMeasure):
    """100 times the mean squared distance of P(a response is better) from the gold label's.

    Formula: 100 · Σ w·(p − y)² / Σ w over pairs, where y is 1 or 0, as gold prefers slot 0 or slot 1.

    25 is what one half for every pair gets, 0 is certain and right, 100 certain and wrong. Planned orders are averaged
    as probabilities. Pairs that gold ties do not enter.

    Source: Brier (1950), of one of the two outcomes.
    """

    name = "brier-score"
    summary = "100 x mean squared distance of the judge's probabilities from gold; 25 is what one half gets"
    about = "judge"
    unit = "points"
    better = "lower"

    def cells(self, table: Table) -> Cells:
        """The squared distance of each pair."""
        found = confidences(table)
        gold = np.where(found.enters, table.gold, 0.0)
        apart = np.where(found.enters, table.mean_preference - gold, 0.0)
        return Cells(apart**2, found.enters.astype(float), found.wanted.astype(float))


@dataclass(frozen=True)
class LogLoss(RatioMeasure):
    """100 times the mean cross entropy of the judge's probabilities and the gold label's, in nats.

    Formula: 100 · Σ w·(−y·ln q − (1 − y)·ln(1 − q)) / Σ w over pairs, where y is 1 or 0, as gold prefers slot 0 or slot
    1, and q is p, moved to `floor` or 1 − `floor` where it lies beyond.

    69.3 (100 ln 2) is what one half for every pair gets. A probability of 0 would cost an infinite amount where it is
    wrong, hence `floor`: hard verdicts are best measured otherwise. Planned orders are averaged as probabilities. Pairs
    that gold ties do not enter.

    Source: Good (1952).
    """

    name = "log-loss"
    summary = "100 x cross entropy of the judge's probabilities and gold, in nats; 69.3 is what one half gets"
    about = "judge"
    unit = "points"
    better = "lower"
    bounds = None

    floor: Floor = option(0.001, help="probabilities count as no closer to 0 or 1")

    def cells(self, table: Table) -> Cells:
        """The cross entropy of each pair."""
        found = confidences(table)
        first = np.clip(table.mean_preference, self.floor, 1.0 - self.floor)
        gold = np.where(found.enters, table.gold, 0.0)
        loss = -(gold * np.log(first) + (1.0 - gold) * np.log1p(-first))
        return Cells(np.where(found.enters, loss, 0.0), found.enters.astype(float), found.wanted.astype(float))


COMPONENTS = (CalibrationError, SquaredCalibrationError, BrierScore, LogLoss)
