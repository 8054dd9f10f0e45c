"""score-mean and score-spread: where a judge's scores lie, and how far apart."""

from dataclasses import dataclass

import numpy as np

from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support
from judgebench.stats import cluster_sums, ratio
from judgebench.stats.arrays import FloatArray
from judgebench.stats.scores import Scores, given, wanted
from judgebench.stats.table import Table


@dataclass(frozen=True)
class ScoreMean(RatioMeasure):
    """Mean of all scores that a judge gives, in its points; n counts scores.

    Formula: Σ w·s / Σ w over scores s.

    Every response counts one in each order and repeat in which it is scored. Preferences are no scores: a judge whose
    verdicts are probabilities has no estimate. Whether higher is better depends on the responses, not on the judge.

    Source: ours, the plain mean.
    """

    name = "score-mean"
    summary = "mean of all scores that the judge gives"
    about = "judge"
    unit = "points"
    better = None
    responses = "any"
    bounds = None
    scale = 1.0

    def cells(self, table: Table) -> Cells:
        """The sum of each unit's scores."""
        there = (table.valid & table.scored)[:, :, None] & np.isfinite(table.values)
        return Cells(np.where(there, table.values, 0.0).sum(axis=(1, 2)), given(table), wanted(table))


@dataclass(frozen=True)
class ScoreSpread(Measure):
    """Standard deviation of all scores that a judge gives, in its points; n counts scores.

    Formula: √(Σ w·s² / Σ w − (Σ w·s / Σ w)²) over the scores s that `score-mean` takes.

    It is divided by n, not n − 1. 0: the judge does not tell responses apart. A single score has none.

    Source: ours, the plain standard deviation.
    """

    name = "score-spread"
    summary = "standard deviation of all scores that the judge gives"
    about = "judge"
    unit = "points"
    better = None
    responses = "any"

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The deviation under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """Sums, squares and counts by cluster, of scores less their mean so that no digits are lost."""
        found = Scores.of(table)
        number = np.bincount(found.subject, minlength=table.n_subjects)
        mean = np.bincount(found.subject, weights=found.value, minlength=table.n_subjects) / np.maximum(number, 1)
        apart = found.value - mean[found.subject]
        first, second, count = (
            cluster_sums(found.cluster, found.subject, values, table.n_clusters, table.n_subjects)
            for values in (apart, apart**2, np.ones(len(apart)))
        )
        alone = number < 2

        def values(weights: FloatArray) -> FloatArray:
            variance = ratio(weights, second, count) - ratio(weights, first, count) ** 2
            return np.where(alone, np.nan, np.sqrt(np.maximum(variance, 0.0)))

        return Prepared(values, why={int(k): "it gave a single score" for k in np.flatnonzero(number == 1)})

    def support(self, table: Table) -> Support:
        """As of `score-mean`."""
        return ScoreMean().support(table)


COMPONENTS = (ScoreMean, ScoreSpread)
