"""Logistic regression with an intercept for each subject and columns that all share, refitted under many weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.arrow import Arrow

ENOUGH = 1e-6
"""Log-odds: Newton's method squares its error, so after a step of this length the rest is below 1e-10."""
QUICK, PASSES = 8, 60
"""Full steps from a good start are taken so often at most, careful ones so often: where columns tell outcomes apart
there is no optimum, and coefficients have grown large by then."""
LONGEST = 4.0
"""Log-odds: a longer step is shortened to this, since far from the optimum a full one overshoots."""
BLOCK_CELLS = 1 << 15
"""Cells × replicates worked on at a time: 256 kB, which stays in the cache of one core."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of one subject, one for each cluster and set of features.

    cluster: int [cells]; won, lost: float [cells], weight of what was won and lost; features: float [cells, k], and
    their products [cells, k · k].
    """

    cluster: IntArray
    won: FloatArray
    lost: FloatArray
    features: FloatArray
    products: FloatArray


@dataclass(frozen=True)
class StyleControl:
    """A fit, and what it is made again from.

    intercepts: float [subjects], NaN without rows, infinite for one that won or lost everything; coefficients:
    float [k], 0 for a column that does not vary; separated: int [subjects], 1 where everything was won, -1 where lost.
    """

    cells: tuple[Cells, ...]
    clusters: int
    columns: int
    held: BoolArray
    ridge: tuple[float, float]
    _fit: tuple[FloatArray, FloatArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        a, c = self._solved(np.ones((1, self.clusters)), None)
        object.__setattr__(self, "_fit", (a[0], c[0]))

    @property
    def intercepts(self) -> FloatArray:
        """Of the data themselves."""
        return self._fit[0]

    @property
    def coefficients(self) -> FloatArray:
        """Of the data themselves."""
        return self._fit[1]

    @property
    def separated(self) -> IntArray:
        """Who won (1) or lost (-1) everything."""
        return np.where(np.isinf(self.intercepts), np.sign(np.nan_to_num(self.intercepts)), 0.0).astype(np.intp)

    def refits(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Intercepts [B, subjects] and coefficients [B, k] under each row of weights [B, clusters]."""
        return self._solved(weights, self._fit)

    def _solved(self, weights: FloatArray, near: tuple[FloatArray, FloatArray] | None) -> tuple[FloatArray, FloatArray]:
        """Newton's method on all rows of weights, from zeros, or from one step at the optimum `near`."""
        won, lost = self._masses(weights)
        free = ~self.held & (won + lost > 0)
        if not self.ridge[0]:
            free &= (won > 0) & (lost > 0)
        count, subjects = won.shape
        a, c = np.zeros((count, subjects)), np.zeros((count, self.columns))
        counted = free | (self.held & (won + lost > 0))  # who is separated takes no part: in the limit it is predicted
        wild = np.zeros(count, dtype=bool)
        if near is not None:
            a += np.where(free, np.nan_to_num(near[0], posinf=0.0, neginf=0.0), 0.0)
            c += near[1]
            step = self._linear(weights, near, counted).step(free, a, c, self.ridge)
            wild = self._length(*step) > LONGEST
            a += step[0]
            c += step[1]
        left = np.flatnonzero(~wild)
        for _ in range(QUICK):
            if not len(left):
                break
            step = self._sums(weights[left], a[left], c[left], counted[left]).step(
                free[left], a[left], c[left], self.ridge
            )
            length = self._length(*step)
            wild[left] = length > LONGEST
            a[left] += step[0]
            c[left] += step[1]
            left = left[(length > ENOUGH) & (length <= LONGEST)]
        wild[left] = True
        for row in np.flatnonzero(wild):  # resamples of very few clusters, where full steps overshoot
            one = slice(row, row + 1)
            a[one], c[one] = self._careful(weights[one], free[one], counted[one])
        alone = ~free & ~self.held
        a[alone] = np.where(won[alone] > 0, np.inf, -np.inf)
        a[won + lost <= 0] = np.nan
        return a, c

    def _careful(self, weights: FloatArray, free: BoolArray, counted: BoolArray) -> tuple[FloatArray, FloatArray]:
        """One row of weights from zeros, every step halved until it lowers the objective."""
        a, c = np.zeros((1, len(self.cells))), np.zeros((1, self.columns))
        height = self._objective(weights, a, c, counted)
        for _ in range(PASSES):
            step_a, step_c = self._sums(weights, a, c, counted).step(free, a, c, self.ridge)
            length = self._length(step_a, step_c)[0]
            part = min(1.0, LONGEST / max(length, LONGEST))
            while (lower := self._objective(weights, a + part * step_a, c + part * step_c, counted)) > height:
                part /= 2
                if part * length < ENOUGH:
                    return a, c
            a, c, height = a + part * step_a, c + part * step_c, lower
            if length <= ENOUGH:
                break
        return a, c

    def _objective(self, weights: FloatArray, a: FloatArray, c: FloatArray, counted: BoolArray) -> float:
        """Log loss and penalties under one row of weights."""
        total = 0.5 * self.ridge[0] * float((a**2).sum()) + 0.5 * self.ridge[1] * float((c**2).sum())
        for number, part in enumerate(self.cells):
            if counted[0, number]:
                odds = a[0, number] + part.features @ c[0]
                loss = part.won * np.logaddexp(0.0, -odds) + part.lost * np.logaddexp(0.0, odds)
                total += float(weights[0, part.cluster] @ loss)
        return total

    def _length(self, step_a: FloatArray, step_c: FloatArray) -> FloatArray:
        """The lengths of steps [B], in log-odds; infinite where a step is no number."""
        length = np.maximum(np.abs(step_a).max(axis=1, initial=0.0), (np.abs(step_c) * self._reach).sum(axis=1))
        return np.where(np.isfinite(length), length, np.inf)

    @cached_property
    def _reach(self) -> FloatArray:
        """float [k]: the largest magnitude of each column."""
        each = [np.abs(part.features).max(axis=0) for part in self.cells if len(part.features)]
        return np.max(each, axis=0) if each else np.zeros(self.columns)

    def _masses(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weight of what each subject won and lost: float [B, subjects] each; a sum is 0 only if every term is."""
        sums = np.zeros((2, self.clusters, len(self.cells)))
        for number, part in enumerate(self.cells):
            np.add.at(sums[0, :, number], part.cluster, part.won)
            np.add.at(sums[1, :, number], part.cluster, part.lost)
        return weights @ sums[0], weights @ sums[1]

    def _linear(self, weights: FloatArray, near: tuple[FloatArray, FloatArray], counted: BoolArray) -> Arrow:
        """The sums at one point for all rows of weights: one product."""
        count, k, subjects = len(weights), self.columns, len(self.cells)
        found = Arrow.zeros(count, subjects, k)
        width = 2 + 2 * k + k * k
        for number, part in enumerate(self.cells):
            if np.isfinite(near[0][number]):
                odds = near[0][number] + part.features @ near[1]
                chance = 1.0 / (1.0 + np.exp(-odds))
                total = part.won + part.lost
                slope, curve = part.won - total * chance, total * chance * (1.0 - chance)
                columns = np.column_stack(
                    [slope, curve, slope[:, None] * part.features, curve[:, None] * part.features,
                     curve[:, None] * part.products]
                )  # fmt: skip
                sums = np.zeros((self.clusters, width))
                np.add.at(sums, part.cluster, columns)
                found.add(number, weights @ sums, counted[:, number])
        return found

    def _sums(self, weights: FloatArray, a: FloatArray, c: FloatArray, counted: BoolArray) -> Arrow:
        """The sums at the point of each row of weights, subject by subject in blocks of rows."""
        found = Arrow.zeros(len(weights), len(self.cells), self.columns)
        longest = max((len(part.cluster) for part in self.cells), default=0)
        step = max(1, BLOCK_CELLS // max(longest, 1))
        for start in range(0, len(weights), step):
            block = slice(start, min(start + step, len(weights)))
            shared = weights[block]
            for number, part in enumerate(self.cells):
                if not counted[block, number].any():
                    continue
                whole = _whole(part.cluster, self.clusters)
                mine = shared if whole else shared[:, part.cluster]
                chance = c[block] @ part.features.T
                chance += a[block, number, None]
                np.negative(chance, out=chance)
                np.exp(np.minimum(chance, 700.0, out=chance), out=chance)
                chance += 1.0
                np.reciprocal(chance, out=chance)
                curve = mine * (part.won + part.lost)
                curve *= chance  # expected wins
                slope = mine * part.won
                slope -= curve
                np.subtract(1.0, chance, out=chance)
                curve *= chance
                sums = np.hstack(
                    [slope.sum(axis=1)[:, None], curve.sum(axis=1)[:, None], slope @ part.features,
                     curve @ part.features, curve @ part.products]
                )  # fmt: skip
                found.add(number, sums, counted[block, number], block)
        return found


def _whole(cluster: IntArray, clusters: int) -> bool:
    """Whether a subject has one cell in every cluster, in their order."""
    return len(cluster) == clusters and bool((cluster == np.arange(clusters)).all())


def style_control(
    subject: IntArray,
    cluster: IntArray,
    outcome: FloatArray,
    weight: FloatArray,
    features: FloatArray,
    subjects: int,
    clusters: int,
    *,
    held: BoolArray | None = None,
    ridge_intercepts: float = 0.0,
    ridge_features: float = 0.0,
) -> StyleControl:
    """Fit P(won) = 1 / (1 + exp(-intercept of the subject - features · coefficients)) to its exact optimum.

    subject, cluster: int [rows]; outcome: float [rows] in 0..1; weight: float [rows]; features: float [rows, k]. The
    objective is Σ weight · log loss + ½ ridge_intercepts Σ intercept² + ½ ridge_features Σ coefficient². The intercept
    of a subject that is `held` (bool [subjects]) is 0. A column that is a sum of others gets the coefficients of least
    norm. ValueError for arrays that do not fit each other. Rows of one subject, cluster and set of features collapse
    into one without loss. Source: Bradley and Terry (1952) with the covariates of Li et al. (2024), arena-hard-auto.
    """
    rows = len(subject)
    if not (len(cluster) == len(outcome) == len(weight) == len(features) == rows) or features.ndim != 2:
        raise ValueError("subject, cluster, outcome, weight and features must have one row each a game")
    if rows and ((outcome < 0) | (outcome > 1) | (weight < 0)).any():
        raise ValueError("outcomes must lie between 0 and 1, and weights must not be negative")
    if rows and (subject.min() < 0 or subject.max() >= subjects or cluster.min() < 0 or cluster.max() >= clusters):
        raise ValueError("subject and cluster must be codes below subjects and clusters")
    order = np.lexsort([*features.T[::-1], cluster, subject])
    subject, cluster, features = subject[order], cluster[order], features[order]
    won, lost = (outcome * weight)[order], ((1.0 - outcome) * weight)[order]
    new = np.ones(rows, dtype=bool)
    new[1:] = (
        (subject[1:] != subject[:-1]) | (cluster[1:] != cluster[:-1]) | (features[1:] != features[:-1]).any(axis=1)
    )
    first = np.flatnonzero(new)
    won, lost = (np.add.reduceat(mass, first) if rows else mass for mass in (won, lost))
    subject, cluster, features = subject[first], cluster[first], features[first]
    products = (features[:, :, None] * features[:, None, :]).reshape(len(features), features.shape[1] ** 2)
    ends = np.searchsorted(subject, np.arange(subjects + 1))
    cells = tuple(
        Cells(cluster[part], won[part], lost[part], features[part], products[part])
        for part in (slice(ends[k], ends[k + 1]) for k in range(subjects))
    )
    fixed = np.zeros(subjects, dtype=bool) if held is None else held
    return StyleControl(cells, clusters, features.shape[1], fixed, (ridge_intercepts, ridge_features))
