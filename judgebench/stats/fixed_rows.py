"""The part of a logistic loss that rows of fixed weight have in every replicate, interpolated for all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import FloatArray
from judgebench.stats.chebyshev import Interval

NODES = 64
"""More of them than this along one axis: the rows themselves are the quicker way."""
BLOCK_CELLS = 1 << 16
"""Cells (coefficients × rows) worked on at a time."""


@dataclass(frozen=True, slots=True)
class FixedRows:
    """Rows whose weights are the same in every replicate, and whose third column is 0: they depend on two coefficients.

    Their part of the loss is a smooth function of the two, interpolated for all replicates at once.

    first, second, target, weight: float [rows].
    """

    first: FloatArray
    second: FloatArray
    target: FloatArray
    weight: FloatArray

    def around(self, coefficients: FloatArray) -> FixedLoss | FixedRows:
        """The loss near these coefficients [replicates, 3], or the rows if these lie too far apart for a box."""
        box = []
        for axis, column in ((0, self.first), (1, self.second)):
            # log(1 + exp(z)) is singular at z = ±iπ, which z = β x + (what is real) reaches at π / |x| off the line
            pole = 1j * np.pi / max(float(np.abs(column).max()), 1e-9)
            box.append(Interval.around(coefficients[:, axis], pole, margin=0.25))
        first, second = box
        if max(first.number, second.number) > NODES or first.number * second.number > len(coefficients):
            return self
        across = np.array(np.meshgrid(first.nodes, second.nodes, indexing="ij")).reshape(2, -1).T
        return FixedLoss(first, second, self.at(across).reshape(first.number, second.number, 5))

    def holds(self, coefficients: FloatArray) -> bool:
        """Never: `around` these coefficients there may be a box."""
        return False

    def at(self, coefficients: FloatArray) -> FloatArray:
        """Gradient (2) and Hessian (3) of the loss [replicates, 5] at coefficients [replicates, 2 or 3]."""
        columns = np.stack([self.first, self.second])
        products = (np.stack([self.first**2, self.first * self.second, self.second**2]) * self.weight).T
        weighted = (columns * self.weight).T
        aim = self.target @ weighted
        values = np.empty((len(coefficients), 5))
        step = max(1, BLOCK_CELLS // len(self.target))
        for begin in range(0, len(coefficients), step):
            part = slice(begin, begin + step)
            p = sigmoid(coefficients[part, :2] @ columns)
            values[part, :2] = p @ weighted - aim
            values[part, 2:] = (p - p * p) @ products
        return values


@dataclass(frozen=True, slots=True)
class FixedLoss:
    """Gradient (2) and Hessian (3) of the fixed rows' loss at the nodes of a box: [nodes, nodes, 5]."""

    first: Interval
    second: Interval
    values: FloatArray

    def holds(self, coefficients: FloatArray) -> bool:
        """Whether it is exact there."""
        return self.first.holds(coefficients[:, 0]) and self.second.holds(coefficients[:, 1])

    def at(self, coefficients: FloatArray) -> FloatArray:
        """[replicates, 5] at coefficients [replicates, 3]."""
        nodes, others, kinds = self.values.shape
        along = self.first.basis(coefficients[:, 0]) @ self.values.reshape(nodes, others * kinds)
        weights = self.second.basis(coefficients[:, 1])
        return np.asarray(np.einsum("bnk,bn->bk", along.reshape(-1, others, kinds), weights))


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z))."""
    with np.errstate(over="ignore"):
        p = np.exp(-z)
    p += 1.0
    return np.asarray(np.reciprocal(p, out=p))
