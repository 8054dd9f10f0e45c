"""share-at-maximum and score-entropy: how much of its scale a judge uses."""

from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
import numpy as np

from judgebench.plugin.measure import Cells, Measure, Prepared, RatioMeasure, Support
from judgebench.plugin.options import option
from judgebench.stats import cluster_sums
from judgebench.stats.arrays import FloatArray
from judgebench.stats.scores import Scores, at_least, entropy, given, wanted
from judgebench.stats.table import Table

Step = Annotated[float, msgspec.Meta(gt=0)]


@dataclass(frozen=True)
class ShareAtMaximum(RatioMeasure):
    """Percent of a judge's scores that are the most that there is on its scale; n counts scores.

    Formula: 100 · Σ w·[s ≥ most] / Σ w over the scores s that `score-mean` takes.

    Scores at the top cannot be told apart. Without `most` it is the largest score that the judge gave on this table,
    which stays in every resample; the board then says which.

    Source: ours.
    """

    name = "share-at-maximum"
    summary = "share of the judge's scores that are the highest of its scale"
    about = "judge"
    better = None
    responses = "any"

    most: float | None = option(None, help="the highest score of the scale; default: the largest that the judge gave")

    def cells(self, table: Table) -> Cells:
        """How many of each unit's scores are at the top."""
        most = self._most(table)[table.subject][:, None, None]
        there = (table.valid & table.scored)[:, :, None] & np.isfinite(table.values)
        top = (there & at_least(np.where(there, table.values, -np.inf), most)).sum(axis=(1, 2))
        return Cells(top.astype(float), given(table), wanted(table))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note of the largest score where none is given."""
        notes = [
            (subject, f"{self.name}: the largest score that it gave is {most:g}")
            for subject, most in enumerate(self._most(table).tolist())
            if self.most is None and np.isfinite(most)
        ]
        return replace(super().prepare(table), notes=tuple(notes))

    def _most(self, table: Table) -> FloatArray:
        """float [subjects]"""
        if self.most is not None:
            return np.full(table.n_subjects, self.most)
        return Scores.of(table).most(table.n_subjects)


@dataclass(frozen=True)
class ScoreEntropy(Measure):
    """Entropy in bits of a judge's scores, rounded to `step`: 0 is always the same, log2 k is k scores alike often.

    Formula: −Σ_k q_k·log₂ q_k over rounded scores k, where q_k = Σ w·[s rounds to k] / Σ w over the scores s that
    `score-mean` takes.

    Halves are rounded up. It is too small on few scores, by about (k - 1)/(2n ln 2) bits (Miller 1955); n counts
    scores.

    Source: Shannon (1948), section 6.
    """

    name = "score-entropy"
    summary = "entropy of the judge's rounded scores in bits; 0 is always the same score"
    about = "judge"
    unit = "points"
    better = None
    responses = "any"

    step: Step = option(1.0, help="scores are rounded to multiples of it")

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The entropy under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """Each subject's counts by cluster and rounded score."""
        found, counts = Scores.of(table), []
        for subject in range(table.n_subjects):
            rows = found.subject == subject
            kinds, kind = np.unique(np.floor(found.value[rows] / self.step + 0.5), return_inverse=True)
            ones = np.ones(len(kind))
            counts.append(cluster_sums(found.cluster[rows], kind, ones, table.n_clusters, max(1, len(kinds))))

        def values(weights: FloatArray) -> FloatArray:
            return np.stack([entropy(np.asarray(weights @ count)) for count in counts], axis=1)

        return Prepared(values)

    def support(self, table: Table) -> Support:
        """The scores."""
        columns = [
            cluster_sums(table.cluster, table.subject, values, table.n_clusters, table.n_subjects)
            for values in (given(table), wanted(table))
        ]
        n, planned = (np.rint(column.sum(axis=0)).astype(np.intp) for column in columns)
        return Support(n, planned - n, (columns[0] > 0).sum(axis=0))


COMPONENTS = (ShareAtMaximum, ScoreEntropy)
