"""Logistic regressions of soft outcomes on one covariate, without a penalty, under many rows of weights at once."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray

SETTLED = 1e-12
"""A Newton step of a mean square of so much log-odds, by the curvature of the rows, is the last: what it leaves is of
the order of its square."""
NEAR = 1.5
"""A full step that moves no row by more log-odds raises the likelihood: of a logistic loss the third derivative is no
larger than the second, so that it is enough that exp(R) - R - 1 < R². Sun and Tran-Dinh (2019), "Generalized
self-concordant functions", has the bound."""
ENOUGH = 1e-3
"""A longer step is halved until it raises the likelihood by this part of what its slope promises."""
PASSES, HALVINGS = 200, 80
"""Some 5 passes are needed, and up to about 100 where what is won and what is lost hardly overlap."""
BEYOND = 1e30
"""A step of this length, in log-odds, has left the range of numbers."""
BLOCK_CELLS = 1 << 16
"""Cells (replicates × rows) worked on at a time: a few buffers of 0.5 MB, all in the cache."""


def fit_lines(covariate: FloatArray, outcome: FloatArray, weights: FloatArray, start: FloatArray) -> FloatArray:
    """Return the lines (a, b) [replicates, 2] that maximise Σ w·(y z - log(1 + exp(z))), z = a + b·covariate.

    Newton's method in a and b at the mean of the curvature, where the two do not depend on each other, so that no
    digits cancel.

    Args:
        covariate: [rows], in ascending order; best near 0 and of a spread near 1.
        outcome: [rows] in 0..1.
        weights: [replicates, rows], at least 0. A finite optimum exists where what a replicate holds of won and of
            lost rows overlaps (Albert and Anderson 1984).
        start: [2], or [replicates, 2].

    Returns:
        float64 [replicates, 2]; NaN without a finite optimum, or with one that lies beyond what numbers can tell.
    """
    found = np.array(np.broadcast_to(start, (len(weights), 2)), dtype=np.float64)
    step = max(1, BLOCK_CELLS // max(1, len(covariate)))
    for begin in range(0, len(weights), step):
        block = slice(begin, begin + step)
        _block(covariate, weights[block] * outcome, weights[block] * (1.0 - outcome), found[block])
    return found


def _block(covariate: FloatArray, won: FloatArray, lost: FloatArray, found: FloatArray) -> None:
    """Move the lines of some replicates to their optima, in place; won, lost: [replicates, rows] their weights."""
    active = np.arange(len(found))
    for _ in range(PASSES):
        move, gain, far, settled = _steps(covariate, won[active], lost[active], found[active])
        wild = ~(np.abs(move).max(axis=1) < BEYOND)
        move[wild], far[wild] = np.nan, False
        if far.any():
            which = active[far]
            move[far] *= _parts(covariate, won[which], lost[which], found[which], move[far], gain[far])[:, None]
        found[active] += move
        active = active[~settled & ~wild]
        if not len(active):
            return
    found[active] = np.nan


def _steps(
    covariate: FloatArray, won: FloatArray, lost: FloatArray, lines: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray, BoolArray]:
    """Newton's steps [replicates, 2], twice the gain they promise, which go far and which settle."""
    z = lines[:, :1] + lines[:, 1:] * covariate
    small = np.exp(-np.abs(z))
    large = 1.0 / (1.0 + small)
    small *= large
    p, q = np.where(z > 0.0, large, small), np.where(z > 0.0, small, large)  # neither is 1 less the other
    slope, curve = won * q - lost * p, (won + lost) * (p * q)
    total = curve.sum(axis=1)
    centre = curve @ covariate / np.where(total > 0.0, total, 1.0)
    apart = covariate - centre[:, None]
    first, second = slope.sum(axis=1), (slope * apart).sum(axis=1)
    with np.errstate(all="ignore"):  # no curvature is left where z is out of the range of numbers
        level, steepness = first / total, second / (curve * apart**2).sum(axis=1)
        move = np.stack([level - steepness * centre, steepness], axis=1)
        reach = np.abs(level[:, None] + steepness[:, None] * (covariate[[0, -1]] - centre[:, None])).max(axis=1)
        gain = first * level + second * steepness
        settled = gain <= SETTLED * total
        return move, gain, ~(reach <= NEAR) & ~settled, settled


def _parts(
    covariate: FloatArray, won: FloatArray, lost: FloatArray, lines: FloatArray, move: FloatArray, gain: FloatArray
) -> FloatArray:
    """How much of each far step is taken: float [replicates], 1 halved until the likelihood rises."""
    part, left = np.ones(len(lines)), np.arange(len(lines))
    before = _height(covariate, won, lost, lines)
    for _ in range(HALVINGS):
        after = _height(covariate, won[left], lost[left], lines[left] + part[left, None] * move[left])
        left = left[~(after >= before[left] + ENOUGH * part[left] * gain[left])]
        if not len(left):
            break
        part[left] /= 2
    return part


def _height(covariate: FloatArray, won: FloatArray, lost: FloatArray, lines: FloatArray) -> FloatArray:
    """The log-likelihood [replicates] of lines."""
    z = lines[:, :1] + lines[:, 1:] * covariate
    rest = np.log1p(np.exp(-np.abs(z)))
    loss = won * (np.maximum(-z, 0.0) + rest) + lost * (np.maximum(z, 0.0) + rest)
    return np.asarray(-loss.sum(axis=1))
