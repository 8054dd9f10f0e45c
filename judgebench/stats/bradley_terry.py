"""Bradley-Terry strengths from comparisons of every two subjects, for many rows of cluster weights at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray

STEP, PASSES = 1e-10, 100
"""Newton's method ends at a step of so much log-odds; it never took nearly so many passes."""
LONGEST = 2.0
"""A longer step in log-odds is shortened to this: far from the optimum a full one overshoots."""
BLOCK_CELLS = 1 << 21
"""Numbers of the Hessians held at a time."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """strengths: float [B, subjects], log-odds with mean 0 over those that have a game (the others: NaN).

    bounded: bool [B]: somebody won or lost everything, or groups were never compared, so that no finite strengths are
    most likely; there each pair counts as at least half a win for either side, and groups are centred one by one.
    """

    strengths: FloatArray
    bounded: BoolArray


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    """Comparisons by cluster and pair: float [clusters, pairs] won by `first`, a tie one half, and played."""

    wins: FloatArray
    games: FloatArray
    first: IntArray
    second: IntArray
    subjects: int

    def fit(self, weights: FloatArray) -> Strengths:
        """The most likely strengths under each row of weights [B, clusters]."""
        return self.most_likely(weights @ self.wins, weights @ self.games)

    def most_likely(self, won: FloatArray, played: FloatArray) -> Strengths:
        """The most likely strengths for each row of what `first` won and what was played, float [B, pairs] each."""
        count, k = len(won), self.subjects
        strengths, bounded = np.full((count, k), np.nan), np.zeros(count, dtype=bool)
        step = max(1, BLOCK_CELLS // max(k * k, 1))
        for start in range(0, count, step):
            block = slice(start, min(start + step, count))
            strengths[block], bounded[block] = self._block(won[block], played[block])
        return Strengths(strengths, bounded)

    def order(self) -> tuple[BoolArray, BoolArray]:
        """bool [subjects, subjects] each: who beat whom, directly or through others, and who is of one group.

        Groups were never compared with each other.
        """
        won, played = self.wins.sum(axis=0)[None], self.games.sum(axis=0)[None]
        return (
            _closure(self._square(won, played - won) > 0)[0],
            _closure(self._square(played, played) > 0)[0],
        )

    def _block(self, won: FloatArray, played: FloatArray) -> tuple[FloatArray, BoolArray]:
        apart: BoolArray = ~_connected(self._square(won, played - won) > 0, self._square(played, played) > 0)
        if apart.any():
            least = np.minimum(0.5, played[apart] / 2)
            won = won.copy()
            won[apart] = np.clip(won[apart], least, played[apart] - least)
        met = self._square(played, played)
        there: BoolArray = np.asarray(met.any(axis=2))
        ties = _groups(met > 0)
        theta = np.zeros(there.shape)
        for _ in range(PASSES):
            gap = theta[:, self.first] - theta[:, self.second]
            chance = 1.0 / (1.0 + np.exp(-gap))
            slope = self._sums(won - played * chance)
            curve = played * chance * (1.0 - chance)
            hessian = -self._square(curve, curve)
            diagonal = np.arange(self.subjects)
            hessian[:, diagonal, diagonal] = -hessian.sum(axis=2)
            # what a group has in common is not determined: these directions get a curvature of their own
            scale = np.maximum(hessian[:, diagonal, diagonal].max(axis=1), 1e-300)[:, None, None]
            move = np.linalg.solve(hessian + scale * ties, slope[..., None])[..., 0]
            length = np.abs(move).max(axis=1, initial=0.0)
            theta += move * np.minimum(1.0, LONGEST / np.maximum(length, LONGEST))[:, None]
            if (length < STEP).all():
                break
        theta = np.where(there, theta, np.nan)
        return theta, np.logical_and(apart, there.any(axis=1))

    def _square(self, forth: FloatArray, back: FloatArray) -> FloatArray:
        """[B, subjects, subjects] from values of pairs [B, pairs], in one direction and in the other."""
        found = np.zeros((len(forth), self.subjects, self.subjects))
        found[:, self.first, self.second] = forth
        found[:, self.second, self.first] = back
        return found

    def _sums(self, values: FloatArray) -> FloatArray:
        """[B, subjects]: values of pairs, added for the first and taken off for the second."""
        signed = self._square(values, -values)
        return np.asarray(signed.sum(axis=2))


def bradley_terry(
    wins: FloatArray, games: FloatArray, first: IntArray, second: IntArray, subjects: int
) -> BradleyTerry:
    """Set up the comparisons; ValueError where the arrays do not fit each other, or a win is not played.

    wins, games: float [clusters, pairs], won by `first` (a tie counts one half) and played; first, second: int [pairs],
    every pair once. Source: Bradley and Terry (1952); the condition for a finite optimum is Ford's (1957).
    """
    if wins.shape != games.shape or wins.ndim != 2 or first.shape != second.shape or first.shape != wins.shape[1:]:
        raise ValueError("wins and games must be [clusters, pairs], first and second [pairs]")
    if (wins < 0).any() or (wins > games).any():
        raise ValueError("wins must lie between 0 and games")
    if len({frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}) < len(first):
        raise ValueError("every pair must be named once")
    return BradleyTerry(wins, games, first, second, subjects)


def _connected(beat: BoolArray, met: BoolArray) -> BoolArray:
    """bool [B]: of those with a game, everybody beat everybody else, directly or through others."""
    there: BoolArray = np.asarray(met.any(axis=2))
    both: BoolArray = np.asarray(there[:, :, None] & there[:, None, :])
    found: BoolArray = np.asarray((beat | ~both | np.eye(beat.shape[1], dtype=bool)).all(axis=(1, 2)))
    rest = np.flatnonzero(~found)
    if len(rest):
        found[rest] = (_closure(beat[rest]) | ~both[rest]).all(axis=(1, 2))
    return found


def _closure(steps: BoolArray) -> BoolArray:
    """Who can be reached by any number of steps, no step included."""
    reached = steps | np.eye(steps.shape[1], dtype=bool)
    for _ in range(max(1, int(steps.shape[1]).bit_length())):
        reached = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
    return np.asarray(reached)


def _groups(met: BoolArray) -> FloatArray:
    """[B, subjects, subjects], 1 over the size of their group for two of one group, else 0."""
    whole = np.asarray(met.any(axis=2))
    if whole.all() and (met | np.eye(met.shape[1], dtype=bool)).all():
        return np.full(met.shape, 1.0 / met.shape[1])
    together = _closure(met).astype(np.float64)
    return np.asarray(together / together.sum(axis=2, keepdims=True))
