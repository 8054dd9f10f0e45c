"""The L1-penalised quadratic in a few dimensions, for many replicates at once."""

from __future__ import annotations

import itertools

import numpy as np

from judgebench.stats.arrays import FloatArray

SETTLED = 1e-12


def minimise(gradient: FloatArray, hessian: FloatArray, start: FloatArray, penalty: FloatArray) -> FloatArray:
    """Return for each replicate the β that minimises g·(β - s) + (β - s)'H(β - s)/2 + λ‖β‖₁.

    A step in the orthant of the start (a coordinate at 0 takes the sign that its gradient pulls it to, or stays)
    settles nearly every replicate; where a sign changes, all 3^k patterns of signs are tried.
    Source: Andrew & Gao (2007) for the orthant.

    Args:
        gradient: [replicates, k] of the smooth part at the start.
        hessian: [replicates, k, k], positive semi-definite; a coordinate without curvature is left at 0.
        start: [replicates, k].
        penalty: [replicates] λ.

    Returns:
        float64 [replicates, k].
    """
    force = penalty[:, None]
    sign = np.where(start == 0.0, -np.sign(gradient) * (np.abs(gradient) > force), np.sign(start))
    solution = _within(sign, gradient, hessian, start, force)
    left = np.flatnonzero(~(_excess(solution, sign, gradient, hessian, start, force) <= SETTLED))
    if len(left):
        solution[left] = _searched(gradient[left], hessian[left], start[left], force[left])
    return solution


def _within(
    sign: FloatArray, gradient: FloatArray, hessian: FloatArray, start: FloatArray, force: FloatArray
) -> FloatArray:
    """The stationary points if the coordinates had these signs, those of sign 0 and those without curvature at 0."""
    free = (sign != 0.0) & (np.einsum("bii->bi", hessian) > 0.0)
    # coordinates that stay at 0 get a row of the identity, so that one solve serves all replicates
    system = np.where(free[:, :, None] & free[:, None, :], hessian, 0.0)
    system += np.where(free, 0.0, 1.0)[:, :, None] * np.eye(start.shape[1])
    held = np.where(free, 0.0, -start)
    pull = gradient + force * sign + np.einsum("bij,bj->bi", hessian, held)
    pull = np.where(free, pull, 0.0)[:, :, None]
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            step = np.linalg.solve(system, pull)
        except np.linalg.LinAlgError:
            step = np.linalg.pinv(system, hermitian=True) @ pull
    return np.where(free, start - step[:, :, 0], 0.0)


def _excess(
    solution: FloatArray,
    sign: FloatArray,
    gradient: FloatArray,
    hessian: FloatArray,
    start: FloatArray,
    force: FloatArray,
) -> FloatArray:
    """By how much each replicate's solution misses the conditions of an optimum, as a part of the terms that cancel.

    Infinite where a sign is wrong.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a step out of the range of numbers misses them
        step = np.einsum("bij,bj->bi", hessian, solution - start)
    slope = gradient + step
    excess = np.where(solution == 0.0, np.abs(slope) - force, np.abs(slope + force * sign))
    excess[np.einsum("bii->bi", hessian) <= 0.0] = 0.0
    with np.errstate(invalid="ignore"):
        excess /= force + (np.abs(gradient) + np.abs(step)).max(axis=1, keepdims=True)
    excess[solution * sign < 0.0] = np.inf
    return np.asarray(excess.max(axis=1))


def _searched(gradient: FloatArray, hessian: FloatArray, start: FloatArray, force: FloatArray) -> FloatArray:
    """The best stationary points over all patterns of signs, tried at once; NaN for what is not finite."""
    patterns = np.array(list(itertools.product((0.0, 1.0, -1.0), repeat=start.shape[1])))
    rows = len(start)
    sign = np.repeat(patterns, rows, axis=0)
    parts = [np.tile(part, (len(patterns), *[1] * (part.ndim - 1))) for part in (gradient, hessian, start, force)]
    solution = _within(sign, *parts)
    excess = _excess(solution, sign, *parts).reshape(len(patterns), rows)
    excess[np.isnan(excess)] = np.inf
    chosen = excess.argmin(axis=0)
    place = np.arange(rows)
    best = np.asarray(solution.reshape(len(patterns), rows, -1)[chosen, place])
    best[np.isinf(excess[chosen, place])] = np.nan
    return best
