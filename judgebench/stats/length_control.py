"""Length-controlled win rates: AlpacaEval 2's regression, at its exact optimum, for all replicates at once.

Source: Dubois, Galambosi, Liang & Hashimoto (2024), "Length-Controlled AlpacaEval", section 3, as the package
alpaca-eval computes it (`length_controlled_v1`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.chebyshev import Interval
from judgebench.stats.expansion import Expansion
from judgebench.stats.fixed_rows import FixedRows, sigmoid
from judgebench.stats.logistic import Design, fit

STRENGTHS = np.logspace(-4.0, 4.0, 10)
"""C, the inverse strength of the penalty, among which cross-validation chooses."""
FOLDS = 5
GAMED_WEIGHT = 0.1
"""Of a row of the two gamed baselines: 0.2, shared by the two."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One model's comparisons with the baseline: float [rows] each.

    length_difference: the baseline's length less the model's, characters.
    difficulty: of the instruction; zeros leave it out.
    preference: P(model better); NaN where there is no verdict: the row does not train, but is predicted.
    """

    length_difference: FloatArray
    difficulty: FloatArray
    preference: FloatArray

    @property
    def judged(self) -> BoolArray:
        """bool [rows]."""
        return np.isfinite(self.preference)


@dataclass(frozen=True, slots=True)
class GamedRows:
    """Comparisons of the baseline with concise and verbose versions of itself: they teach the length coefficient.

    length_difference: float [rows] in standard deviations, as the published file has it; difficulty, preference:
    float [rows].
    """

    length_difference: FloatArray
    difficulty: FloatArray
    preference: FloatArray

    @property
    def fixed(self) -> FixedRows:
        """As rows of the regression, with their weight."""
        weight = np.full(len(self.preference), GAMED_WEIGHT)
        return FixedRows(np.tanh(self.length_difference), self.difficulty, self.preference, weight)


NO_GAMED_ROWS = GamedRows(np.empty(0), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class LengthControl:
    """A model's regression, fitted: coefficients of (tanh length, difficulty, constant), and the C that was chosen.

    Where no length differs (the baseline against itself) there is nothing to control: no regression (NaN), and the win
    rate is the mean preference.
    """

    rows: Rows
    gamed: GamedRows
    strength: float
    coefficients: FloatArray

    @property
    def predicted(self) -> FloatArray:
        """P(model better) of each row, were the lengths equal: float [rows]; without a regression, of judged rows."""
        if math.isnan(self.strength):
            return self.rows.preference[self.rows.judged]
        return sigmoid(self.coefficients[1] * self.rows.difficulty + self.coefficients[2])

    @property
    def win_rate(self) -> float:
        """Percent."""
        return 100.0 * float(self.predicted.mean())

    @property
    def published_error(self) -> float:
        """What the official code prints: the standard error of the mean of the predictions, in points.

        It measures the spread of difficulty, not the uncertainty of the win rate.
        """
        return 100.0 * float(self.predicted.std(ddof=1)) / math.sqrt(len(self.predicted))

    def refits(self, weights: FloatArray) -> FloatArray:
        """The win rates [replicates] under weights of the rows [replicates, rows].

        Each replicate is the exact optimum of its own objective, with its own scale of lengths; C and the gamed rows
        are held. A replicate without a judged row gives NaN.
        """
        rows, judged = self.rows, self.rows.judged
        if math.isnan(self.strength):
            total = weights[:, judged].sum(axis=1)
            return 100.0 * (weights[:, judged] @ rows.preference[judged]) / np.where(total > 0.0, total, np.nan)
        found = np.full((len(weights), 3), np.nan)
        some = (weights[:, judged] > 0.0).any(axis=1)
        if some.any():
            found[some] = self._refitted(weights[some])
        total = weights.sum(axis=1)
        win_rate = np.full(len(weights), np.nan)
        step = max(1, (1 << 16) // max(1, len(rows.difficulty)))
        for begin in range(0, len(weights), step):
            part = slice(begin, begin + step)
            p = sigmoid(np.multiply.outer(found[part, 1], rows.difficulty) + found[part, 2:])
            p *= weights[part]
            win_rate[part] = 100.0 * p.sum(axis=1) / np.where(total[part] > 0.0, total[part], np.nan)
        return win_rate

    def _refitted(self, weights: FloatArray) -> FloatArray:
        """The coefficients [replicates, 3]; replicates whose scales are within a factor of two are solved together."""
        lengths = self.rows.length_difference
        scale, own = _scale(lengths, weights), _scale(lengths, np.ones((1, len(lengths))))[0]
        stretch = np.where(scale > 0.0, own / np.where(scale > 0.0, scale, own), 1.0)
        octave = np.floor(np.log2(stretch / stretch.min()))
        if not octave.any():
            return self._alike(weights, stretch, own)
        found = np.empty((len(weights), 3))
        for kind in np.unique(octave):
            found[octave == kind] = self._alike(weights[octave == kind], stretch[octave == kind], own)
        return found

    def _alike(self, weights: FloatArray, stretch: FloatArray, own: float) -> FloatArray:
        rows, judged = self.rows, self.rows.judged
        units = rows.length_difference[judged] / own
        middle = (stretch.min() + stretch.max()) / 2  # tanh(r u) is singular on the imaginary axis of r alone
        interval = Interval.around(stretch, -middle)
        design = Design(
            np.tanh(np.multiply.outer(interval.nodes, units)),
            rows.difficulty[judged],
            np.ones(len(units)),
            rows.preference[judged],
        )
        mine = weights if judged.all() else weights[:, judged]
        fixed = self.gamed.fixed if len(self.gamed.preference) else None
        near = Expansion(units, design.second, design.target, self.coefficients)
        start = near.start(mine, stretch, 1.0 / self.strength, fixed)
        penalty = np.full(len(weights), 1.0 / self.strength)
        return fit(design, mine, penalty, start, interval.basis(stretch), fixed)


def length_control(rows: Rows, gamed: GamedRows = NO_GAMED_ROWS, strength: float | None = None) -> LengthControl:
    """Fit a model's regression; C is chosen by the published cross-validation unless `strength` gives it.

    Raises:
        ValueError: fewer than five judged rows.
    """
    judged = rows.judged
    if int(judged.sum()) < FOLDS:
        raise ValueError(f"length control needs at least {FOLDS} judged rows, not {int(judged.sum())}")
    scale = _scale(rows.length_difference, np.ones((1, len(judged))))[0]
    if scale == 0.0:
        return LengthControl(rows, gamed, math.nan, np.full(3, math.nan))
    units = rows.length_difference[judged] / scale
    design = Design(
        np.tanh(np.concatenate([gamed.length_difference, units]))[None],
        np.concatenate([gamed.difficulty, rows.difficulty[judged]]),
        np.concatenate([np.zeros(len(gamed.preference)), np.ones(len(units))]),
        np.concatenate([gamed.preference, rows.preference[judged]]),
    )
    weights = np.where(design.third == 0.0, GAMED_WEIGHT, 1.0)
    start = np.zeros((1, 3))
    if strength is None:
        strength, start = _cross_validated(design, weights)
    coefficients = fit(design, weights[None], np.array([1.0 / strength]), start)[0]
    return LengthControl(rows, gamed, strength, coefficients)


def _cross_validated(design: Design, weights: FloatArray) -> tuple[float, FloatArray]:
    """The C of the least mean loss over the folds (of equal ones the smallest), and coefficients near its fit.

    The folds are those of scikit-learn's GroupKFold for groups of one size, had it sorted them stably: row n - 1 - k
    goes to fold k mod 5. A fold's score is its weighted loss divided by its number of rows, not by their weight.
    """
    n = len(weights)
    fold = (n - 1 - np.arange(n)) % FOLDS
    inside = fold == np.arange(FOLDS)[:, None]
    training = np.where(inside, 0.0, weights)
    held = np.where(inside, weights, 0.0) / inside.sum(axis=1, keepdims=True)
    linear = design.linear
    found = np.zeros((FOLDS, 3))
    best, strength, start = math.inf, float(STRENGTHS[0]), found[:1]
    for candidate in STRENGTHS:
        found = fit(design, training, np.full(FOLDS, 1.0 / candidate), found)
        z = found @ linear
        p = np.clip(sigmoid(z), 1e-15, 1.0 - 1e-15)
        losses = -(design.target * np.log(p) + (1.0 - design.target) * np.log(1.0 - p))
        score = float((held * losses).sum())
        if score < best:
            best, strength, start = score, float(candidate), found.mean(axis=0, keepdims=True)
    return strength, start


def _scale(differences: FloatArray, weights: FloatArray) -> FloatArray:
    """The standard deviation (ddof 1) of the differences under each replicate's weights: [replicates]."""
    total = weights.sum(axis=1)
    centred = differences - differences.mean()
    first, second = weights @ centred, weights @ centred**2
    spread = (second - first**2 / np.where(total > 0.0, total, 1.0)) / np.where(total > 1.0, total - 1.0, 1.0)
    limit = 1e-12 * float((centred**2).max(initial=0.0))
    return np.asarray(np.sqrt(np.where(spread > limit, spread, 0.0)))
