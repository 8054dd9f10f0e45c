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
STEEP, STEPS, TRIES = 1e-4, 100, 50
"""The official code of v0.1 leaves the end to scikit-learn's defaults (since 1.4): when no slope of the mean loss is
steeper, after so many steps at most, each of so many tries at most."""


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
        return style_control(
            self.rows.subject,
            cluster,
            self.rows.outcome,
            self.rows.weight * (2.0 if first else 1.0),  # v0.1 enters every battle twice
            self._columns,
            self.subjects,
            clusters,
            held=self._held,
            ridge_intercepts=1.0 / BASE**2 if first else 0.0,
            ridge_features=1.0 if first else 0.0,
        )

    def scores(self, intercepts: FloatArray, coefficients: FloatArray) -> FloatArray:
        """100 · P(policy better) [..., subjects] at columns of 0, from intercepts [..., subjects] and coefficients."""
        odds = intercepts - BASE * coefficients[..., :1] if self.form == "v0.1" else intercepts
        with np.errstate(over="ignore"):
            found = np.asarray(100.0 / (1.0 + np.exp(-odds)))
        found[..., self._held] = 50.0
        return found

    @property
    def _held(self) -> BoolArray:
        """bool [subjects]: the baseline, whose games are all against itself."""
        games = np.bincount(self.rows.subject, minlength=self.subjects)
        own = np.bincount(self.rows.subject[self.rows.itself], minlength=self.subjects)
        return np.asarray((own > 0) & (own == games))

    def stopped(self) -> FloatArray:
        """Scores [subjects] where the official code of v0.1 stops: L-BFGS from zeros, some tenths from the optimum.

        Its path depends on the scale of the columns and on nothing else: neither the order of rows nor that of columns
        moves the end by 0.01 points. Source: Li et al. (2024), arena-hard-auto v0.1, `fit_bt`, by scikit-learn 1.4 to
        1.9 (its older versions end 0.05 points elsewhere). ValueError in another form.
        """
        from scipy.optimize import minimize

        if self.form != "v0.1":
            raise ValueError(f"the form {self.form} has no such end")
        rows, columns = self.rows, self._columns
        own = np.where(rows.itself, 0.0, BASE)
        twice = 2.0 * rows.weight  # every battle is entered twice
        total = max(twice.sum(), 1.0)

        def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
            odds = own * parameters[rows.subject] + columns @ parameters[self.subjects :]
            height = twice @ (np.logaddexp(0.0, odds) - rows.outcome * odds) + 0.5 * (parameters @ parameters)
            slope = twice * (1.0 / (1.0 + np.exp(-odds)) - rows.outcome)
            each = np.bincount(rows.subject, slope * own, self.subjects)
            return height / total, (np.concatenate([each, slope @ columns]) + parameters) / total

        start = np.zeros(self.subjects + columns.shape[1])
        ends = {"gtol": STEEP, "maxiter": STEPS, "maxls": TRIES, "ftol": 64.0 * np.finfo(float).eps}
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=ends).x
        scores = self.scores(BASE * found[: self.subjects], found[self.subjects :])
        scores[np.bincount(rows.subject, minlength=self.subjects) == 0] = np.nan
        return scores

    def by_rows(self, rounds: int, seed: int) -> FloatArray:
        """Scores [rounds, subjects] from resampled rows, a strong verdict being several: the official bootstrap."""
        weight = np.rint(self.rows.weight).astype(np.intp)
        if (weight != self.rows.weight).any():
            raise ValueError("rows are whole: weights must be whole numbers")
        games = len(weight)
        row = np.repeat(np.arange(games), weight)
        counts = np.stack([np.bincount(row, one, games) for one in resampled_rows(len(row), rounds, seed)])
        return self.scores(*self.control(np.arange(games), games).refits(counts / weight))
