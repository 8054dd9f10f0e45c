"""How strong each judgment of one response is, from what a meta-judge said about every two in both orders.

Source of all of it: Wu et al., Meta-Rewarding Language Models (2024), judge preference data. Throughout, outcomes r is
an integer array whose entry (m, n) is the meta-judge's word when judgment m stood first and n second: +1 it prefers m,
-1 it prefers n, 0 a tie or an answer that could not be read. Nothing meets itself: the diagonal is 0.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Outcomes = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

RIDGE = 1e-4
"""Small against the weight of one battle, and large enough that the optimum is exact to about 1e-10 in float64."""
LEAST = 1e-12
"""The smallest ridge, as a share of the largest battle: below, it is lost in the rounding of float64."""
STEP, PASSES = 1e-6, 1000
"""Newton's method ends with a step below STEP: convergence is quadratic, so what is left is about STEP squared."""
BLOCK_CELLS = 1 << 18
"""Numbers of the Hessians held at a time."""


def wins_by_position(outcomes: Outcomes | Iterable[Outcomes]) -> tuple[int, int]:
    """How many comparisons the judgment shown first won, and how many the one shown second.

    outcomes: one matrix [n, n], a stack [g, n, n], or matrices of various sizes one after another.
    """
    matrices = [outcomes] if isinstance(outcomes, np.ndarray) else outcomes
    first = second = 0
    for matrix in matrices:
        r = _outcomes(matrix)
        first += int((r == 1).sum())
        second += int((r == -1).sum())
    return first, second


def position_weights(first: float, second: float) -> tuple[float, float]:
    """What a win from the first and from the second position counts: the share of wins of the *other* position.

    omega_1 = second / (first + second), omega_2 = first / (first + second), so that all wins from either position weigh
    the same together. first, second: wins by position; over which comparisons is the caller's choice (the paper's
    totals read as those of an iteration). Where nothing was decided both are 0.5. ValueError: a negative number.
    """
    if not (first >= 0 and second >= 0):
        raise ValueError("wins must not be negative")
    total = first + second
    return (second / total, first / total) if total else (0.5, 0.5)


def battle_matrix(outcomes: Outcomes, weights: tuple[float, float] = (0.5, 0.5)) -> Floats:
    """B[m, n] = omega_1 [r[m, n] = 1] + omega_2 [r[n, m] = -1]: the weight with which m beat n, over both orders.

    outcomes: [n, n], or a stack [g, n, n]; the answer has the same shape. weights: omega_1 and omega_2.
    """
    r = _outcomes(outcomes)
    return np.asarray(weights[0] * (r == 1) + weights[1] * (r.swapaxes(-1, -2) == -1), dtype=np.float64)


def bradley_terry(battles: Floats, ridge: float = RIDGE) -> Floats:
    """The strengths eps, with sum 0, that maximise sum B[m, n] log sigma(eps_m - eps_n) - ridge / 2 |eps|^2.

    battles: [n, n] of weights of at least 0, or a stack [g, n, n]; the strengths are [n] or [g, n], in log-odds.
    Without the ridge no finite strengths are most likely where one judgment wins everything; with it they are always
    finite, and 0 where nothing was decided. A judgment without a battle gets 0 and changes no other: smaller matrices
    can be filled up with zeros. The paper names no ridge. ValueError: another shape, a weight that is negative or not
    finite, a ridge that is not positive or is lost in rounding beside the weights. ArithmeticError: no convergence.
    Source: Wu et al. (2024), equation of the Elo score; Bradley and Terry (1952).
    """
    battles = np.asarray(battles, dtype=np.float64)
    if battles.ndim not in {2, 3} or battles.shape[-1] != battles.shape[-2]:
        raise ValueError("battles must be [n, n] or [g, n, n]")
    if not (np.isfinite(battles).all() and (battles >= 0).all()):
        raise ValueError("battles must be finite and not negative")
    if not 0 < ridge < np.inf:
        raise ValueError("ridge must be positive")
    if ridge < LEAST * battles.max(initial=0.0):
        raise ValueError(f"ridge must be at least {LEAST:g} of the largest battle")
    n = battles.shape[-1]
    stack = battles.reshape(-1 if n else 0, n, n)
    size = max(1, BLOCK_CELLS // max(n * n, 1))
    blocks = [_fit(stack[start : start + size], ridge) for start in range(0, len(stack), size)]
    return np.concatenate([np.zeros((0, n)), *blocks]).reshape(battles.shape[:-1])


def _fit(battles: Floats, ridge: float) -> Floats:
    """Newton's method for [g, n, n]; each matrix leaves when it has converged, so that its neighbours do not matter."""
    strengths = np.zeros(battles.shape[:2])
    diagonal = np.arange(battles.shape[1])
    left, b = np.arange(len(battles)), battles
    played = b + b.swapaxes(1, 2)
    for _ in range(PASSES):
        eps = strengths[left]
        chance = _sigma(eps[:, :, None] - eps[:, None, :])
        lost = chance.swapaxes(1, 2)  # sigma(-gap) is exact where 1 - sigma(gap) would be rounded to 0
        pull = b * lost
        slope = (pull - pull.swapaxes(1, 2)).sum(axis=2) - ridge * eps
        curve = played * chance * lost
        hessian = -curve
        hessian[:, diagonal, diagonal] = curve.sum(axis=2) - curve[:, diagonal, diagonal] + ridge
        move = np.linalg.solve(hessian, slope[..., None])[..., 0]
        move -= move.mean(axis=1, keepdims=True)
        # Along a step that changes gaps by r at most, the curvature grows at most as exp(r t): log(1 + r) / r of the
        # step is what that bound likes best. It never overshoots, and is almost a whole step near the optimum
        # (Sun and Tran-Dinh, 2019, generalised self-concordance).
        length = np.ptp(move, axis=1)
        share = np.log1p(length) / np.where(length > 0, length, 1.0)
        strengths[left] = eps + move * np.where(length > 0, share, 1.0)[:, None]
        further = ~(length < STEP)
        if not further.any():
            return strengths
        left, b, played = left[further], b[further], played[further]
    raise ArithmeticError(f"no strengths after {PASSES} steps")


def _sigma(gap: Floats) -> Floats:
    """1 / (1 + exp(-gap)), without overflow."""
    small = np.exp(-np.abs(gap))
    return np.where(gap >= 0, 1.0, small) / (1.0 + small)


def _outcomes(outcomes: Outcomes) -> Outcomes:
    r = np.asarray(outcomes)
    if r.ndim not in {2, 3} or r.shape[-1] != r.shape[-2]:
        raise ValueError("outcomes must be [n, n] or [g, n, n]")
    if not np.isin(r, (-1, 0, 1)).all():
        raise ValueError("an outcome must be 1, -1 or 0")
    if np.diagonal(r, axis1=-2, axis2=-1).any():
        raise ValueError("no judgment meets itself: the diagonal must be 0")
    return r
