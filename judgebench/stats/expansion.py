"""Where a replicate's regression will settle, to second order: the start of its exact passes, by one multiplication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import FloatArray
from judgebench.stats.fixed_rows import FixedRows
from judgebench.stats.lasso import minimise

STEPS = 3
"""Newton steps on the expansion, which costs next to nothing beside the rows."""
FAR = 1.0
"""A step longer than this leaves the ground on which the expansion holds."""
_UPPER = np.triu_indices(4)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The gradient of Σ w·(log(1 + exp(z)) - y z), z = β₁ tanh(r u) + β₂ d + β₃, near (β, r = 1), to second order.

    units, difficulty, target: float [rows], u, d and y. coefficients: float [3], the β of the full data.
    """

    units: FloatArray
    difficulty: FloatArray
    target: FloatArray
    coefficients: FloatArray

    def start(
        self, weights: FloatArray, stretch: FloatArray, penalty: float, fixed: FixedRows | None = None
    ) -> FloatArray:
        """Return coefficients [replicates, 3] near those that minimise the loss plus λ‖β‖₁ under these weights.

        Args:
            weights: [replicates, rows].
            stretch: [replicates] r.
            penalty: λ.
            fixed: further rows, of the same weight in every replicate.
        """
        slope, linear, square = _parted(weights @ self._columns().T)
        if fixed is not None:
            parts = _parted(fixed.weight @ _derivatives(*self._fixed(fixed)).T)
            slope, linear, square = (mine + part for mine, part in zip((slope, linear, square), parts, strict=True))
        away = np.zeros((len(weights), 4))
        away[:, 3] = stretch - 1.0
        found = np.tile(self.coefficients, (len(weights), 1))
        force = np.full(len(weights), penalty)
        for _ in range(STEPS):
            away[:, :3] = found - self.coefficients
            bent = np.einsum("bjvw,bw->bjv", square, away)
            gradient = slope + np.einsum("bjv,bv->bj", linear + bent / 2, away)
            found = minimise(gradient, (linear + bent)[:, :, :3], found, force)
        lost = ~(np.abs(found - self.coefficients).max(axis=1) < FAR)
        found[lost] = self.coefficients
        return found

    def _columns(self) -> FloatArray:
        tanh = np.tanh(self.units)
        first = self.units * (1.0 - tanh**2)
        second = -2.0 * tanh * self.units * first
        x = np.stack([tanh, self.difficulty, np.ones_like(tanh)])
        slope = np.vstack([x, self.coefficients[0] * first])
        curve = np.zeros((4, 4, len(tanh)))
        curve[0, 3] = curve[3, 0] = first
        curve[3, 3] = self.coefficients[0] * second
        third = np.zeros((3, 4, 4, len(tanh)))
        third[0, 3, 3] = second
        return _derivatives(self.coefficients @ x, self.target, slope, curve, third)

    def _fixed(self, rows: FixedRows) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        zeros = np.zeros_like(rows.first)
        slope = np.stack([rows.first, rows.second, zeros, zeros])
        nothing = np.zeros((4, 4, len(zeros)))
        return self.coefficients @ slope[:3], rows.target, slope, nothing, np.zeros((3, *nothing.shape))


def _derivatives(
    z: FloatArray, target: FloatArray, slope: FloatArray, curve: FloatArray, third: FloatArray
) -> FloatArray:
    """The derivatives of each row's loss: ∂β (3), ∂β∂v (12) and ∂β∂v∂v (30), [45, rows], for v = (β, r).

    slope, curve and third are ∂z/∂v [4, rows], ∂²z/∂v∂v [4, 4, rows] and ∂³z/∂β∂v∂v [3, 4, 4, rows].
    """
    p = 1.0 / (1.0 + np.exp(-z))
    error, bend = p - target, p * (1.0 - p)
    twist = bend * (1.0 - 2.0 * p)
    x = slope[:3]
    linear = bend * x[:, None] * slope + error * curve[:3]
    square = (
        twist * x[:, None, None] * slope[:, None] * slope
        + bend * (curve[:3, :, None] * slope + curve[:3, None] * slope[:, None] + x[:, None, None] * curve)
        + error * third
    )
    return np.vstack([error * x, linear.reshape(12, -1), square[:, *_UPPER].reshape(30, -1)])


def _parted(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums [..., 45] as ∂β [..., 3], ∂β∂v [..., 3, 4] and ∂β∂v∂v [..., 3, 4, 4]."""
    shape = sums.shape[:-1]
    square = np.empty((*shape, 3, 4, 4))
    upper = sums[..., 15:].reshape(*shape, 3, 10)
    square[..., _UPPER[0], _UPPER[1]] = upper
    square[..., _UPPER[1], _UPPER[0]] = upper
    return sums[..., :3], sums[..., 3:15].reshape(*shape, 3, 4), square
