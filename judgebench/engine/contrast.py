"""Contrasts: the subjects of one measure against each other, paired on the same resamples, and the ranks they leave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from judgebench.engine.estimates import ends
from judgebench.engine.inference import Inference, Resampled
from judgebench.engine.notes import FEW_CLUSTERS
from judgebench.plugin.measure import RatioMeasure
from judgebench.stats import (
    bootstrap_p,
    differences,
    mcnemar,
    of_difference,
    pairs,
    rank_intervals,
    sign_flips,
    stepdown,
)
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray

FLIPS = 10_000


@dataclass(frozen=True, slots=True)
class Family:
    """All pairs of the subjects of one measure (under one judge), compared: arrays [pairs], subjects by column.

    `p_adjusted` is adjusted by step-down max-T over the family. `apart` counts the clusters that enter one of the two
    alone: each is measured on its own, so the difference is then partly one of items.
    """

    subjects: IntArray
    first: IntArray
    second: IntArray
    difference: FloatArray
    clusters: IntArray
    apart: IntArray
    test: tuple[str, ...]
    p: FloatArray
    p_adjusted: FloatArray
    of: Resampled

    def at(self, a: int, b: int) -> tuple[int, float]:
        """The place of a pair, and the sign with which its difference is that of `a` less that of `b`."""
        low, high = min(a, b), max(a, b)
        found = np.flatnonzero((self.first == low) & (self.second == high))
        return int(found[0]), 1.0 if a == low else -1.0

    def ranks(self, confidence: float) -> dict[int, tuple[int, int]]:
        """The ranks that are open to each subject, by column; none where neither more nor less is better."""
        better = self.of.of.measure.better
        if better is None:
            return {}
        place = {subject: k for k, subject in enumerate(self.subjects.tolist())}
        first = np.array([place[k] for k in self.first.tolist()], dtype=np.intp)
        second = np.array([place[k] for k in self.second.tolist()], dtype=np.intp)
        low, high = rank_intervals(
            len(self.subjects), first, second, self.difference, self.p_adjusted, 1.0 - confidence, better
        )
        return {subject: (int(low[k]), int(high[k])) for k, subject in enumerate(self.subjects.tolist())}


def families(found: Resampled, seed: int) -> Iterator[Family]:
    """The families of a measure: its subjects with an estimate, judge by judge; none of fewer than two."""
    table, support = found.of.table, found.of.support
    known = (support.n > 0) & np.isfinite(found.point)
    for family in np.unique(table.family):
        subjects = np.flatnonzero((table.family == family) & known)
        if len(subjects) > 1:
            yield _family(found, subjects, seed)


def _family(found: Resampled, subjects: IntArray, seed: int) -> Family:
    i, j = pairs(len(subjects))
    first, second = subjects[i], subjects[j]
    clusters, apart, test, p = _tested(found, first, second, seed)
    value = found.point[first] - found.point[second]
    adjusted = p
    if len(first) > 1:
        adjusted = stepdown(found.point, found.replicates, first, second, p)  # an adjusted p is never below its own
    return Family(subjects, first, second, value, clusters, apart, test, p, adjusted, found)


def _tested(
    found: Resampled, first: IntArray, second: IntArray, seed: int
) -> tuple[IntArray, IntArray, tuple[str, ...], FloatArray]:
    """Clusters that enter both and one alone, the test that suits and its p-value, for each pair.

    Means over the same units: McNemar's exact test where every cluster gives each of the two one plain yes or no, else
    flipped signs of the clusters' differences. Anything else: the bootstrap.
    """
    measure, support = found.of.measure, found.of.support
    clusters = np.minimum(support.clusters[first], support.clusters[second])
    apart = np.zeros(len(first), dtype=np.intp)
    alike = np.zeros(len(first), dtype=np.bool_)
    if isinstance(measure, RatioMeasure):
        top, bottom = measure.sums(found.of.table)
        clusters = ((bottom[:, first] > 0) & (bottom[:, second] > 0)).sum(axis=0)
        apart = ((bottom[:, first] > 0) != (bottom[:, second] > 0)).sum(axis=0)
        alike = (bottom[:, first] == bottom[:, second]).all(axis=0)
    test, p = np.full(len(first), "bootstrap", dtype=object), np.empty(len(first))
    rest = ~alike
    # with so few clusters no test could say more: of all sign patterns two are as extreme
    floor = np.minimum(1.0, 2.0 ** (1.0 - clusters))
    p[rest] = bootstrap_p(found.point, found.replicates, first[rest], second[rest], floor[rest])
    if alike.any():
        p[alike] = sign_flips(top, first[alike], second[alike], FLIPS, seed)
        test[alike] = "sign flips"
        plain = _plain(top, bottom)
        for k in np.flatnonzero(alike & plain[first] & plain[second]):
            ahead = top[:, first[k]] - top[:, second[k]]
            test[k], p[k] = "McNemar", mcnemar(int((ahead > 0).sum()), int((ahead < 0).sum()))
    return clusters, apart, tuple(test), p


def _plain(top: FloatArray, bottom: FloatArray) -> BoolArray:
    """bool [subjects]: every cluster gives one plain yes or no, or nothing."""
    return np.asarray((((bottom == 0) | (bottom == 1)) & ((top == 0) | (top == bottom))).all(axis=0))


def intervals(family: Family, places: Sequence[int], inference: Inference) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Low ends, high ends and standard errors of the differences of these pairs of a family."""
    chosen = np.asarray(places, dtype=np.intp)
    found = family.of
    result = differences(
        found.point,
        found.replicates,
        family.first[chosen],
        family.second[chosen],
        inference.confidence,
        interval=inference.interval,
        strata=found.of.table.strata,
        without_one=found.without_one,
    )
    low, high = result.low, result.high
    own_low, own_high, flat = ends(found, inference)
    # a side that shows no spread because it is small, or at its bound: its own interval says what resampling cannot
    bounds = found.of.measure.bounds or (-np.inf, np.inf)
    blind = flat & ((found.of.support.clusters < FEW_CLUSTERS) | np.isin(found.point, bounds))
    first, second = family.first[chosen], family.second[chosen]
    unseen = blind[first] | blind[second]
    sides = [(found.point[side], own_low[side], own_high[side]) for side in (first[unseen], second[unseen])]
    low[unseen], high[unseen] = of_difference(sides[0], sides[1])
    if found.of.prepared.limits is not None:
        least, most = found.of.prepared.limits.between(first, second, inference.confidence)
        low, high = np.where(np.isnan(least), low, least), np.where(np.isnan(most), high, most)
    return low, high, result.standard_error
