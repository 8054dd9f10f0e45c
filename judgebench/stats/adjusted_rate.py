"""A rate at one value of a covariate: a logistic regression of soft outcomes, refitted under many rows of weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, nan
from typing import Literal

import numpy as np

from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray, IntArray
from judgebench.stats.fixed_rows import sigmoid
from judgebench.stats.logistic_line import fit_lines

BLOCK_CELLS = 1 << 20
"""Rows × replicates looked at for separation at a time."""
Form = Literal["line", "level", "one value", "won", "lost", "told apart", "nothing"]
"""line: a regression is most likely. level: the covariate is the asked-for value in every row, and the rate is the
mean. Else there is no rate: one value of the covariate, another than asked for; all is won, or lost; a value of the
covariate tells what is won from what is lost (but for shares beyond what numbers can tell), so that ever steeper lines
are ever more likely; no rows."""


@dataclass(frozen=True)
class AdjustedRate:
    """P(won) = 1 / (1 + exp(-a - b·distance)), at distance 0 from the value that is asked for.

    cluster: int [rows]; distance, outcome: float [rows] in the order of the distance, outcomes in 0..1. line: float
    [2], a at the mean distance and b by its standard deviation; NaN without a line.
    """

    cluster: IntArray
    distance: FloatArray
    outcome: FloatArray
    form: Form
    line: FloatArray

    @property
    def slope(self) -> float:
        """b, in log-odds by unit of the covariate; NaN without a line."""
        return float(self.line[1] / self.distance.std()) if self.form == "line" else nan

    def rates(self, weights: FloatArray) -> FloatArray:
        """The rate [B] in 0..1 under each row of weights [B, clusters], every one at the optimum of its own.

        Where a row of weights leaves a separated part of the rows, the rate is the limit that all sequences of ever
        more likely lines share: 0, 1 or the mean of the rows at distance 0; NaN where they share none, or no row is
        left. Without a regression on all rows: NaN throughout.
        """
        found = np.full(len(weights), nan)
        if self.form in ("line", "level"):
            step = max(1, BLOCK_CELLS // max(1, len(self.cluster)))
            for start in range(0, len(weights), step):
                block = slice(start, start + step)
                found[block] = self._rates(weights[block])
        return found

    def _rates(self, weights: FloatArray) -> FloatArray:
        there = weights[:, self.cluster] > 0.0
        won, lost = self._ends(there, self.outcome > 0.0), self._ends(there, self.outcome < 1.0)
        between = (won[:, 0] < lost[:, 1]) & (lost[:, 0] < won[:, 1])
        found = np.empty(len(weights))
        if between.any():
            lines = _fitted(self.distance, self.outcome, weights[between][:, self.cluster], self.line)
            found[between] = sigmoid(lines[:, 0] - lines[:, 1] * self.distance.mean() / self.distance.std())
        level = self._level(weights)
        for row in np.flatnonzero(~between):
            found[row] = limit(won[row].tolist(), lost[row].tolist(), float(level[row]))
        return found

    def _ends(self, there: BoolArray, some: BoolArray) -> FloatArray:
        """Least and greatest distance of some rows, where they are there: float [B, 2]; infinite without any."""
        ends = np.full((len(there), 2), [inf, -inf])
        if some.any():
            mine, distance = there[:, some], self.distance[some]
            first, last = mine.argmax(axis=1), mine.shape[1] - 1 - mine[:, ::-1].argmax(axis=1)
            known = mine[np.arange(len(mine)), first]
            ends[known] = np.stack([distance[first], distance[last]], axis=1)[known]
        return ends

    def _level(self, weights: FloatArray) -> FloatArray:
        """The mean outcome at distance 0: float [B], NaN without such rows."""
        own = np.flatnonzero(self.distance == 0.0)
        mine = weights[:, self.cluster[own]]
        total = mine.sum(axis=1)
        return np.where(total > 0.0, mine @ self.outcome[own] / np.where(total > 0.0, total, 1.0), nan)


def limit(won: Sequence[float], lost: Sequence[float], level: float) -> float:
    """Return the rate at distance 0 that ever more likely lines tend to, where no line is most likely.

    Args:
        won: least and greatest distance of what is won, at least in part; inf and -inf without any.
        lost: the same of what is lost.
        level: the mean outcome at distance 0, NaN without rows there.

    Returns:
        0, 1 or `level`; NaN where different sequences of lines tend to different rates.
    """
    (least_won, most_won), (least_lost, most_lost) = won, lost
    least, most = min(least_won, least_lost), max(most_won, most_lost)
    if least == most:
        return level
    if least_won > most_won or least_lost > most_lost:  # all is lost, or all is won
        return nan if not least <= 0.0 <= most else float(least_lost > most_lost)
    rising = least_won >= most_lost
    below, above = (most_lost, least_won) if rising else (most_won, least_lost)
    if below < 0.0 < above:
        return nan
    if below == above == 0.0:
        return level
    return float((above <= 0.0) == rising)


def adjusted_rate(cluster: IntArray, covariate: FloatArray, outcome: FloatArray, at: float) -> AdjustedRate:
    """Fit the regression of outcomes on a covariate and an intercept, without a penalty, at its exact optimum.

    cluster: int [rows]; covariate: float [rows]; outcome: float [rows] in 0..1; at: the value of the
    covariate that the rate is asked for. A finite optimum exists where what is won and what is lost overlap: Albert and
    Anderson (1984). A soft outcome is both, in its shares, unless it differs from 0 or 1 by rounding alone.
    """
    order = np.argsort(covariate, kind="stable")
    cluster, distance = cluster[order], covariate[order] - at
    outcome = np.where(outcome <= ROUNDING, 0.0, np.where(outcome >= 1.0 - ROUNDING, 1.0, outcome))[order]
    form, line = _form(distance, outcome), np.full(2, nan)
    if form == "line":
        start = np.array([log(outcome.mean() / (1.0 - outcome.mean())), 0.0])
        line = _fitted(distance, outcome, np.ones((1, len(distance))), start)[0]
        form = "line" if np.isfinite(line).all() else "told apart"
    return AdjustedRate(cluster, distance, outcome, form, line)


def _fitted(distance: FloatArray, outcome: FloatArray, weights: FloatArray, start: FloatArray) -> FloatArray:
    """Lines [B, 2] under weights of rows [B, rows], by the distance less its mean, in standard deviations."""
    return fit_lines((distance - distance.mean()) / distance.std(), outcome, weights, start)


def _form(distance: FloatArray, outcome: FloatArray) -> Form:
    won, lost = distance[outcome > 0.0], distance[outcome < 1.0]
    if not len(distance):
        return "nothing"
    if distance[0] == distance[-1]:
        return "level" if distance[0] == 0.0 else "one value"
    if not len(won) or not len(lost):
        return "won" if len(won) else "lost"
    return "line" if won[0] < lost[-1] and lost[0] < won[-1] else "told apart"
