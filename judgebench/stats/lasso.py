"""The L1-penalised quadratic in a few dimensions, for many replicates at once."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray

SWEEPS = 2_000
"""Sweeps of coordinate descent at most; three coordinates need a few dozen."""


def minimise(gradient: FloatArray, hessian: FloatArray, start: FloatArray, penalty: FloatArray) -> FloatArray:
    """Return for each replicate the β that minimises g·(β - s) + (β - s)'H(β - s)/2 + λ‖β‖₁.

    A step in the orthant of the start (a coordinate at 0 takes the sign that its gradient pulls it to, or stays)
    settles nearly every replicate; where a sign changes, coordinate descent starts anew from `start`.
    Source: Friedman, Hastie & Tibshirani (2010), section 2; Andrew & Gao (2007) for the orthant.

    Args:
        gradient: [replicates, k] of the smooth part at the start.
        hessian: [replicates, k, k], positive semi-definite; a coordinate without curvature is left at 0.
        start: [replicates, k].
        penalty: [replicates] λ.

    Returns:
        float64 [replicates, k].
    """
    width = start.shape[1]
    force = penalty[:, None]
    sign = np.where(start == 0.0, -np.sign(gradient) * (np.abs(gradient) > force), np.sign(start))
    free = (sign != 0.0) & (np.einsum("bii->bi", hessian) > 0.0)
    # coordinates that stay at 0 get a row of the identity, so that one solve serves all replicates
    system = np.where(free[:, :, None] & free[:, None, :], hessian, 0.0)
    system[:, np.arange(width), np.arange(width)] += ~free
    pull = np.where(free, gradient + force * sign, 0.0)
    found, settled = _solved(system, pull)
    solution = start - found
    solution[~free] = 0.0
    settled &= (np.sign(solution) * sign >= 0.0).all(axis=1)
    moved = gradient + np.einsum("bij,bj->bi", hessian, solution - start)
    settled &= (free | (np.abs(moved) <= force * (1 + 1e-12))).all(axis=1)
    left = np.flatnonzero(~settled)
    if len(left):
        solution[left] = _descended(gradient[left], hessian[left], start[left], penalty[left])
    return solution


def _solved(system: FloatArray, pull: FloatArray) -> tuple[FloatArray, BoolArray]:
    """The solutions of the systems, and which of them are regular."""
    try:
        found = np.asarray(np.linalg.solve(system, pull[:, :, None])[:, :, 0], dtype=np.float64)
        return found, np.ones(len(system), dtype=np.bool_)
    except np.linalg.LinAlgError:
        return np.zeros_like(pull), np.zeros(len(system), dtype=np.bool_)


def _descended(gradient: FloatArray, hessian: FloatArray, start: FloatArray, penalty: FloatArray) -> FloatArray:
    """Coordinate descent on each replicate, until no coordinate moves any more."""
    solution = start.copy()
    slope = gradient.copy()  # of the smooth part at the solution
    curvature = np.einsum("bii->bi", hessian)
    for _ in range(SWEEPS):
        largest = 0.0
        for axis in range(start.shape[1]):
            bend = np.where(curvature[:, axis] > 0.0, curvature[:, axis], 1.0)
            target = solution[:, axis] * bend - slope[:, axis]
            value = np.sign(target) * np.maximum(np.abs(target) - penalty, 0.0) / bend
            value = np.where(curvature[:, axis] > 0.0, value, 0.0)
            step = value - solution[:, axis]
            slope += hessian[:, :, axis] * step[:, None]
            solution[:, axis] = value
            largest = max(largest, float(np.abs(step).max()))
        if largest <= 1e-14:
            break
    return solution
