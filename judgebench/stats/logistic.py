"""L1-penalised logistic regressions of soft targets on one design, many replicates of the weights at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import FloatArray
from judgebench.stats.fixed_rows import FixedLoss, FixedRows
from judgebench.stats.lasso import minimise

PASSES = 100
SETTLED = 1e-6
"""A Newton step of this size leaves an error of about its square."""
FAR = 1.0
"""A longer step is checked against the loss."""
BLOCK_CELLS = 1 << 16
"""Cells (replicates × rows) worked on at a time: 0.5 MB a buffer, a few buffers, all in the cache."""


@dataclass(frozen=True, slots=True)
class Design:
    """Rows of x = (stretched, second, third) and their targets, where the first column depends on the replicate.

    A replicate b stretches the first column by its own factor: `basis` [replicates, nodes] says how its column is put
    together from those at the nodes, `stretched` [nodes, rows]. Without stretching: one node, and ones.

    stretched: float [nodes, rows]. second, third, target: float [rows], the target a probability.
    """

    stretched: FloatArray
    second: FloatArray
    third: FloatArray
    target: FloatArray

    @property
    def linear(self) -> FloatArray:
        """[nodes + 2, rows], by which coefficients give the linear predictor."""
        return np.vstack([self.stretched, self.second, self.third])

    def products(self) -> FloatArray:
        """[3 nodes + 3, rows]: products of two columns, for the Hessian."""
        second, third = self.second, self.third
        return np.vstack(
            [
                self.stretched**2,
                self.stretched * second,
                self.stretched * third,
                second**2,
                second * third,
                third**2,
            ]
        )


def fit(
    design: Design,
    weights: FloatArray,
    penalty: FloatArray,
    start: FloatArray,
    basis: FloatArray | None = None,
    fixed: FixedRows | None = None,
) -> FloatArray:
    """Return the coefficients β [replicates, 3] that minimise λ‖β‖₁ + Σ w·(log(1 + exp(z)) - y z), z = β·x.

    Proximal Newton: exact gradient and Hessian, and an exact solution of the penalised quadratic, until the steps
    settle; a step that raises the loss is halved. Source: Lee, Sun & Saunders (2014).

    Args:
        design: the rows.
        weights: [replicates, rows], at least 0.
        penalty: [replicates] λ = 1/C of liblinear's objective.
        start: [replicates, 3].
        basis: [replicates, nodes] of the first column; None where it is the same in all replicates.
        fixed: further rows of the same weight in every replicate.
    """
    linear, products = design.linear, design.products()
    found = start.astype(np.float64)
    step = max(1, BLOCK_CELLS // max(1, weights.shape[1]))
    loss: FixedLoss | FixedRows | None = None if fixed is None else fixed.around(found)
    active = np.arange(len(found))
    aim = weights @ (linear * design.target).T
    for _ in range(PASSES):
        if fixed is not None and loss is not None and not loss.holds(found[active]):
            loss = fixed.around(found[active])
        before = found[active]
        slope, bend = np.empty((len(active), 3)), np.empty((len(active), 3, 3))
        whole = len(active) == len(found)
        for begin in range(0, len(active), step):
            place = slice(begin, begin + step)
            part = place if whole else active[place]  # a slice makes no copy
            mine = None if basis is None else basis[part]
            slope[place], bend[place] = _derivatives(linear, products, weights[part], aim[part], found[part], mine)
        if loss is not None:
            extra = loss.at(before)
            slope[:, :2] += extra[:, :2]
            bend[:, 0, 0] += extra[:, 2]
            bend[:, 0, 1] += extra[:, 3]
            bend[:, 1, 0] += extra[:, 3]
            bend[:, 1, 1] += extra[:, 4]
        if not np.isfinite(slope).all():
            raise ValueError("the regression's rows, weights and start must be finite")
        after = minimise(slope, bend, before, penalty[active])
        moved = np.abs(after - before).max(axis=1)
        for far in np.flatnonzero(~(moved <= FAR)):
            which = active[far]
            objective = _Objective(
                linear if basis is None else np.vstack([basis[which] @ design.stretched, linear[-2:]]),
                design.target,
                weights[which],
                float(penalty[which]),
                fixed,
            )
            after[far] = objective.descended(before[far], after[far])
        found[active] = after
        active = active[~(moved <= SETTLED)]
        if not len(active):
            return found
    raise ValueError("the regression does not settle: are its targets probabilities?")


@dataclass(frozen=True, slots=True)
class _Objective:
    """The penalised loss of one replicate, for steps so long that Newton's may overshoot."""

    columns: FloatArray
    target: FloatArray
    weights: FloatArray
    penalty: float
    fixed: FixedRows | None

    def descended(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """The step, halved until it does not raise the objective; zeros where even they are better than its start."""
        least, nothing = self._at(before), np.zeros_like(before)
        if self._at(nothing) < least:
            return nothing
        for _ in range(60):
            if self._at(after) <= least:
                return after
            after = (before + after) / 2
        return before

    def _at(self, coefficients: FloatArray) -> float:
        with np.errstate(over="ignore", invalid="ignore"):  # NaN where they are out of the range of numbers
            z = coefficients @ self.columns
            loss = float(self.weights @ (np.logaddexp(0.0, z) - self.target * z))
            if self.fixed is not None:
                z = coefficients[0] * self.fixed.first + coefficients[1] * self.fixed.second
                loss += float(self.fixed.weight @ (np.logaddexp(0.0, z) - self.fixed.target * z))
            return loss + self.penalty * float(np.abs(coefficients).sum())


def _derivatives(
    linear: FloatArray,
    products: FloatArray,
    weights: FloatArray,
    aim: FloatArray,
    coefficients: FloatArray,
    basis: FloatArray | None,
) -> tuple[FloatArray, FloatArray]:
    """Gradient [replicates, 3] and Hessian [replicates, 3, 3] of the loss."""
    nodes = len(linear) - 2
    mine = np.ones((len(coefficients), 1)) if basis is None else basis
    spread = np.hstack([-coefficients[:, :1] * mine, -coefficients[:, 1:]])
    p = spread @ linear
    with np.errstate(over="ignore"):
        np.exp(p, out=p)
    p += 1.0
    np.reciprocal(p, out=p)
    weighted = weights * p
    slopes = weighted @ linear.T - aim
    p *= weighted
    weighted -= p
    bends = weighted @ products.T
    slope = np.empty((len(coefficients), 3))
    slope[:, 0] = (slopes[:, :nodes] * mine).sum(axis=1)
    slope[:, 1:] = slopes[:, nodes:]
    bend = np.empty((len(coefficients), 3, 3))
    bend[:, 0, 0] = (bends[:, :nodes] * mine).sum(axis=1)
    bend[:, 0, 1] = bend[:, 1, 0] = (bends[:, nodes : 2 * nodes] * mine).sum(axis=1)
    bend[:, 0, 2] = bend[:, 2, 0] = (bends[:, 2 * nodes : 3 * nodes] * mine).sum(axis=1)
    bend[:, 1, 1], bend[:, 2, 2] = bends[:, 3 * nodes], bends[:, 3 * nodes + 2]
    bend[:, 1, 2] = bend[:, 2, 1] = bends[:, 3 * nodes + 1]
    return slope, bend
