"""Arena-Hard's regression with style columns, as it should be and as either version of the official code sets it up."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.games import Form, resampled_rows
from judgebench.stats.style_control import StyleControl, style_control
from judgebench.stats.style_features import moments

BASE = log(10.0)
"""v0.1 fits odds to the base of ten: its penalty falls on coefficients in these units."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The games of one judge.

    subject: int [games], from 0; itself: bool [games], a game of the baseline against itself; cluster: int [games];
    outcome, weight: float [games]; contrast: float [games, k], differences of style, 0 for none.
    """

    subject: IntArray
    itself: BoolArray
    cluster: IntArray
    outcome: FloatArray
    weight: FloatArray
    contrast: FloatArray


@dataclass(frozen=True, slots=True)
class ArenaStyle:
    """A regression that is set up: `refits` gives scores under weights of clusters, `by_rows` of resampled rows.

    coefficients: float [k], of one standard deviation of each contrast, in natural-log odds of the policy.
    separated: int [subjects], 1 where a policy won everything, -1 where it lost everything.
    """

    rows: Rows
    form: Form
    subjects: int
    clusters: int

    @property
    def _columns(self) -> FloatArray:
        """float [games, k], with the baseline's own column first in the form of v0.1."""
        rows = self.rows
        mean, spread = moments(rows.contrast, rows.weight, 0 if self.form == "v0.1" else 1)
        columns = (rows.contrast - (0.0 if self.form == "corrected" else mean)) / spread
        if self.form != "v0.1":
            return np.asarray(columns)
        # the official code overwrites the +1 of such a game by its -1, which leaves the baseline alone in the row
        return np.column_stack([np.where(rows.itself, BASE, -BASE), columns])

    def control(self, cluster: IntArray, clusters: int) -> StyleControl:
        """The regression with these clusters of games."""
        first = self.form == "v0.1"
        held = np.zeros(self.subjects, bool)
        held[self.rows.subject[self.rows.itself]] = True
        return style_control(
            self.rows.subject,
            cluster,
            self.rows.outcome,
            self.rows.weight * (2.0 if first else 1.0),  # v0.1 enters every battle twice
            self._columns,
            self.subjects,
            clusters,
            held=held,
            ridge_intercepts=1.0 / BASE**2 if first else 0.0,
            ridge_features=1.0 if first else 0.0,
        )

    def scores(self, intercepts: FloatArray, coefficients: FloatArray) -> FloatArray:
        """100 · P(policy better) [..., subjects] at columns of 0, from intercepts [..., subjects] and coefficients."""
        odds = intercepts - BASE * coefficients[..., :1] if self.form == "v0.1" else intercepts
        with np.errstate(over="ignore"):
            found = np.asarray(100.0 / (1.0 + np.exp(-odds)))
        found[..., np.unique(self.rows.subject[self.rows.itself])] = 50.0
        return found

    def by_rows(self, rounds: int, seed: int) -> FloatArray:
        """Scores [rounds, subjects] from resampled rows, a strong verdict being several: the official bootstrap."""
        weight = np.rint(self.rows.weight).astype(np.intp)
        if (weight != self.rows.weight).any():
            raise ValueError("rows are whole: weights must be whole numbers")
        games = len(weight)
        row = np.repeat(np.arange(games), weight)
        counts = np.stack([np.bincount(row, one, games) for one in resampled_rows(len(row), rounds, seed)])
        return self.scores(*self.control(np.arange(games), games).refits(counts / weight))
