"""Limits of Bradley-Terry strengths where resampling sees none: fits of Wilson's limits of each pair's share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray
from judgebench.stats.bradley_terry import BradleyTerry
from judgebench.stats.intervals import wilson


@dataclass(frozen=True, slots=True)
class RatingLimits:
    """What resampling cannot say of a fit: how far a strength without end reaches, and one that does not vary.

    above, below: bool [subjects, subjects], whether the first stands over (under) the second without end: it beat it,
    directly or through others, and never the other way round. still: bool [subjects], whether no resample moves it.
    """

    of: BradleyTerry
    above: BoolArray
    still: BoolArray

    @property
    def below(self) -> BoolArray:
        """The other way round."""
        return self.above.T

    @property
    def endless(self) -> BoolArray:
        """bool [subjects]: who stands over or under anybody without end."""
        return np.asarray((self.above | self.below).any(axis=1))

    @property
    def bound(self) -> IntArray:
        """int [subjects]: 1 for who stands only over others without end, -1 only under them, 0 neither or both."""
        return np.asarray(self.above.any(axis=1).astype(np.intp) - self.below.any(axis=1))

    def alone(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Low and high ends [subjects] of the strengths; NaN where resampling's hold."""
        subjects = np.flatnonzero(self.endless | self.still)
        low, high = np.full(self.of.subjects, np.nan), np.full(self.of.subjects, np.nan)
        if len(subjects):
            none = np.full(len(subjects), -1)
            place = np.arange(len(subjects))
            low[subjects] = self._fitted(subjects, none, confidence)[place, subjects]
            high[subjects] = self._fitted(none, subjects, confidence)[place, subjects]
        return low, high

    def between(self, first: IntArray, second: IntArray, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Low and high ends [pairs] of the first one's strength less the second one's; NaN where resampling's hold."""
        low, high = np.full(len(first), np.nan), np.full(len(first), np.nan)
        own = np.flatnonzero(
            self.above[first, second] | self.below[first, second] | (self.still[first] & self.still[second])
        )
        if len(own):
            a, b, place = first[own], second[own], np.arange(len(own))
            least, most = self._fitted(a, b, confidence), self._fitted(b, a, confidence)
            low[own] = least[place, a] - least[place, b]
            high[own] = most[place, a] - most[place, b]
        return low, high

    def _fitted(self, worst: IntArray, best: IntArray, confidence: float) -> FloatArray:
        """Strengths [rows, subjects] when one subject of each row does as badly as it may, another as well; -1: nobody.

        Every share of theirs is at its own limit at once: wider than need be where there are several.
        """
        won, played = self.of.wins.sum(axis=0), self.of.games.sum(axis=0)
        clusters = (self.of.games > 0).sum(axis=0)
        ends = [
            wilson(min(w / g, 1.0) * m, m, confidence) if g > 0 else (0.0, 0.0)
            for w, g, m in zip(won.tolist(), played.tolist(), clusters.tolist(), strict=True)
        ]
        least, most = (np.array(side) * played for side in zip(*ends, strict=True))
        falls = (self.of.first == worst[:, None]) | (self.of.second == best[:, None])
        rises = (self.of.second == worst[:, None]) | (self.of.first == best[:, None])
        rows = np.where(falls, least, np.where(rises, most, won))
        return self.of.most_likely(rows, np.broadcast_to(played, rows.shape).copy()).strengths


def rating_limits(of: BradleyTerry) -> RatingLimits:
    """The limits of a fit. Where everybody beat everybody else, and shares vary over clusters, there are none.

    A share is a rate: its limits are Wilson's (1927), over the clusters in which the two met. The strengths that are
    then most likely are how far it reaches; for two subjects this is Wilson's interval on the scale of log-odds.
    """
    reached, together = of.order()
    won, played = of.wins.sum(axis=0), of.games.sum(axis=0)
    same = np.abs(of.wins * played - of.games * won) <= ROUNDING * np.maximum(played, 1.0) ** 2
    moves = np.zeros(of.subjects, dtype=bool)
    pairs = ~same.all(axis=0)
    moves[of.first[pairs]] = moves[of.second[pairs]] = True
    there = np.zeros(of.subjects, dtype=bool)
    there[of.first[played > 0]] = there[of.second[played > 0]] = True
    still = there & ~(together & moves).any(axis=1)
    return RatingLimits(of, reached & ~reached.T, still)
