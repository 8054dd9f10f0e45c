"""Newton steps where each subject has a parameter of its own and all share a few: the Hessian is an arrow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray

RANK = 1e-11
"""Directions of the shared parameters with less curvature than this part of the largest are not determined."""
WHOLE = slice(None)


@dataclass(frozen=True, slots=True)
class Arrow:
    """Slopes and curvatures of a log likelihood for rows of weights.

    slope, curve: float [B, subjects], of the own parameters; mixed: float [B, subjects, k]; shared_slope: float [B, k];
    shared_curve: float [B, k, k].
    """

    slope: FloatArray
    curve: FloatArray
    mixed: FloatArray
    shared_slope: FloatArray
    shared_curve: FloatArray

    @classmethod
    def zeros(cls, rows: int, subjects: int, k: int) -> Arrow:
        """Nothing summed yet."""
        own, shared = (rows, subjects), (rows, k)
        return cls(np.zeros(own), np.zeros(own), np.zeros((*own, k)), np.zeros(shared), np.zeros((*shared, k)))

    def add(self, subject: int, sums: FloatArray, counted: BoolArray, block: slice = WHOLE) -> None:
        """Add a subject's sums [rows, 2 + 2k + k²]: slope, curve, shared slopes, mixed and shared curvatures."""
        k = self.shared_slope.shape[1]
        sums = np.where(counted[:, None], sums, 0.0)
        self.slope[block, subject], self.curve[block, subject] = sums[:, 0], sums[:, 1]
        self.shared_slope[block] += sums[:, 2 : 2 + k]
        self.mixed[block, subject] = sums[:, 2 + k : 2 + 2 * k]
        self.shared_curve[block] += sums[:, 2 + 2 * k :].reshape(len(sums), k, k)

    def step(
        self, free: BoolArray, own: FloatArray, shared: FloatArray, ridge: tuple[float, float]
    ) -> tuple[FloatArray, FloatArray]:
        """Newton's step of the own [B, subjects] and shared [B, k] parameters, 0 for those that are not free.

        `ridge` are the penalties' weights. The shared block is solved by its Schur complement, at least norm where it
        is singular.
        """
        curve = np.where(free, np.maximum(self.curve + ridge[0], 1e-300), 1.0)
        slope = np.where(free, self.slope - ridge[0] * own, 0.0)
        mixed = np.where(free[..., None], self.mixed, 0.0)
        k = shared.shape[1]
        ratio = mixed / curve[..., None]
        schur = self.shared_curve + ridge[1] * np.eye(k) - np.einsum("bsi,bsj->bij", ratio, mixed)
        right = self.shared_slope - ridge[1] * shared - np.einsum("bsi,bs->bi", ratio, slope)
        values, vectors = np.linalg.eigh((schur + schur.transpose(0, 2, 1)) / 2)
        known = values > RANK * np.maximum(np.abs(self.shared_curve).max(axis=(1, 2), initial=0.0), ridge[1])[:, None]
        inverse = np.where(known, 1.0 / np.where(known, values, 1.0), 0.0)
        step = np.einsum("bij,bj,bkj,bk->bi", vectors, inverse, vectors, right, optimize=True)
        return (slope - np.einsum("bsi,bi->bs", mixed, step)) / curve * free, step
