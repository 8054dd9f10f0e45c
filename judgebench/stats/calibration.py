"""Calibration: are the probabilities of a judge's preferences how often they are right?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.correctness import decided
from judgebench.stats.ratio import cluster_sums
from judgebench.stats.table import Table

Binning = Literal["width", "mass"]
"""Bins of equal width of confidence, or of about as many units."""
_EDGE = 1e-9
"""A confidence so close below the edge of a bin lies in the bin above: 0.6 is not quite 0.5 + 0.1."""


@dataclass(frozen=True, slots=True)
class Confidences:
    """How sure a judge is of what it prefers, and whether that is right, by unit: float [units] each.

    confidence: the larger of the two mean probabilities over the planned orders, 0.5 to 1, so that it does not matter
    which response lies in which slot. right: the gold label's probability of the preferred response; one half for a
    tie. enters: the gold label prefers one, and every planned order has a verdict. wanted: the first of these alone.
    """

    confidence: FloatArray
    right: FloatArray
    enters: BoolArray
    wanted: BoolArray


def confidences(table: Table) -> Confidences:
    """Return confidences of units of two responses; 0.5 and 0 where a unit does not enter."""
    wanted = np.asarray(decided(table) & ~table.itself)
    enters = wanted & table.complete
    first, gold = table.mean_preference, np.where(enters, table.gold, 0.5)
    right = np.where(first > 0.5, gold, np.where(first < 0.5, 1.0 - gold, 0.5))
    confidence = np.where(enters, np.maximum(first, 1.0 - first), 0.5)
    return Confidences(confidence, np.where(enters, right, 0.0), enters, wanted)


def binned(found: Confidences, subject: IntArray, bins: int, binning: Binning) -> IntArray:
    """Return the bin of each unit, 0 to bins - 1; units that do not enter lie in bin 0.

    `width`: from 0.5 to 1 in steps of 0.5 / bins, each without its upper end, the last with it. `mass`: between the
    quantiles of each subject's confidences; units of one confidence lie in one bin, so that some may be empty.
    """
    sure = np.round(found.confidence, 12)
    if binning == "width":
        return np.minimum(((sure - 0.5) * 2 * bins + _EDGE).astype(np.intp), bins - 1)
    which = np.zeros(len(sure), dtype=np.intp)
    for one in np.unique(subject[found.enters]):
        rows = found.enters & (subject == one)
        edges = np.quantile(sure[rows], np.arange(1, bins) / bins)
        which[rows] = np.searchsorted(edges, sure[rows], side="right")
    return which


@dataclass(frozen=True, slots=True)
class Gaps:
    """Sums by cluster, subject and bin: float [clusters, subjects, bins] each.

    apart: right less confidence, summed over units. count: units. noise: [subjects, bins], the variance of `apart`
    over all clusters if the confidences were true probabilities and units apart from each other.
    """

    apart: FloatArray
    count: FloatArray
    noise: FloatArray

    @classmethod
    def of(cls, table: Table, found: Confidences, which: IntArray, bins: int) -> Gaps:
        """The sums of these confidences in these bins."""
        sizes = (table.n_clusters, table.n_subjects * bins)
        column = table.subject * bins + which
        apart, count, noise = (
            cluster_sums(table.cluster, column, values, *sizes).reshape(table.n_clusters, table.n_subjects, bins)
            for values in (
                np.where(found.enters, found.right - found.confidence, 0.0),
                found.enters.astype(np.float64),
                np.where(found.enters, found.confidence * (1.0 - found.confidence), 0.0),
            )
        )
        return cls(apart, count, noise.sum(axis=0))

    def absolute(self, weights: FloatArray) -> FloatArray:
        """Return the expected calibration error: Σ_b |Σ w·apart| / Σ w·count.

        Sampling makes it too large, the more so the fewer units a bin has: of a judge that is calibrated it is above 0.
        Source: Naeini et al. (2015); of the confidence in what is preferred, Guo et al. (2017), equation 3.

        Args:
            weights: [replicates, clusters].

        Returns:
            float64 [replicates, subjects], 0 to 1; NaN without units.
        """
        total = self._summed(weights, self.count).sum(axis=2)
        return _over(np.abs(self._summed(weights, self.apart)).sum(axis=2), total)

    def squared(self, weights: FloatArray) -> FloatArray:
        """Return the mean squared gap of the bins, with the bias of sampling: Σ_b N_b·(gap_b)² / Σ_b N_b.

        Arguments and result as of `absolute`.
        """
        count = self._summed(weights, self.count)
        top = self._summed(weights, self.apart) ** 2
        return _over(np.where(count > 0, top / np.where(count > 0, count, 1.0), 0.0).sum(axis=2), count.sum(axis=2))

    def debiased(self, weights: FloatArray) -> FloatArray:
        """Return the mean squared gap of the bins without that bias.

        A bin's squared gap is the sum of the products of every two different clusters over that of their counts, a
        U-statistic: products of a cluster with itself, which carry the noise, are left out. Of units that are each a
        cluster and a bin of one confidence it is Kumar et al. (2019), Verified Uncertainty Calibration, section 5, and
        Bröcker (2012): the squared gap less v(1 - v)/(n - 1), where v is the share of right ones. It can be below 0.
        Bins with a single cluster do not enter. In a resample, weights enter each product, so that resampled values
        have their centre at the estimate and not at the biased one.

        Arguments as of `absolute`; a result of -1 to 1, NaN where no bin has two clusters.
        """
        alone = np.square(weights, dtype=np.float64)
        apart, count = self._summed(weights, self.apart), self._summed(weights, self.count)
        pairs = count**2 - self._summed(alone, self.count**2)
        products = apart**2 - self._summed(alone, self.apart**2)
        known = pairs > _EDGE * np.maximum(count**2, 1.0)
        gap = np.where(known, products / np.where(known, pairs, 1.0), 0.0)
        return _over((gap * count).sum(axis=2), np.where(known, count, 0.0).sum(axis=2))

    def by_chance(self) -> FloatArray:
        """Return about what `absolute` would be of a calibrated judge of these confidences: float64 [subjects].

        The mean of the absolute value of normal noise, Σ_b √(2·noise_b/π) / n, for units that are apart.
        """
        total = self.count.sum(axis=(0, 2))
        return _over(np.sqrt(2.0 * self.noise / np.pi).sum(axis=1), total)

    def _summed(self, weights: FloatArray, values: FloatArray) -> FloatArray:
        """Σ w·values over clusters: [replicates, subjects, bins]."""
        clusters, subjects, bins = values.shape
        return np.asarray(weights @ values.reshape(clusters, subjects * bins)).reshape(len(weights), subjects, bins)


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.asarray(np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan))
