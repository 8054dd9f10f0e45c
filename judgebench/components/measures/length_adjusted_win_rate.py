"""length-adjusted-win-rate: the win rate that a policy would have, were its responses as long as its opponent's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import numpy as np

from judgebench.plugin.conventions import WORTH, Credit
from judgebench.plugin.measure import Measure, Prepared, Support
from judgebench.plugin.options import option
from judgebench.stats.adjusted_rate import AdjustedRate, Form, adjusted_rate
from judgebench.stats.arrays import BoolArray, FloatArray
from judgebench.stats.decisions import hard
from judgebench.stats.table import Table

Ratio = Annotated[float, msgspec.Meta(gt=0)]
"""1: as long as the opponent's."""


@dataclass(frozen=True)
class LengthAdjustedWinRate(Measure):
    """RLAIF's length-adjusted win rate in percent: one logistic regression a policy, read at one ratio of lengths.

    Formula: 100 · σ(a), where a and b maximise Σ w·[p·log q + (1 − p)·log(1 − q)] over items, with q = σ(a + b·(x −
    x₀)) and p = P(policy better); x is the policy's length over its opponent's in characters and x₀ the option `at`, or
    with `covariate=log-ratio` the logarithms of both.

    By the logarithm the values of two policies that are only compared with each other sum to 100; by the ratio they
    need not. The planned orders of an item are averaged as probabilities; an item enters when every planned order has a
    verdict and neither response is empty. A policy that meets several opponents has one regression over all.

    Where no regression is most likely (everything is won, or lost, or a ratio tells wins from losses) there is no
    estimate; in a resample that is so, the value is the limit of ever more likely regressions where they have one, and
    the resample does not count where they have none. Details: `coefficient`, in log-odds by unit of the covariate; `win
    rate`, that of the same items as it is.

    Source: Lee et al. (2024), RLAIF vs. RLHF, "length-controlled win rate": a logistic regression on the ratio of
    lengths, predicted at 1. The paper does not say whether it has an intercept, a penalty, or ties (its raters rank
    without them); here it has an intercept, no penalty, and half a win a tie. That is the plain fit, at its exact
    optimum, so that there is no official mode beside it.
    """

    name = "length-adjusted-win-rate"
    summary = "win rate at equal lengths by a regression on the ratio of lengths (RLAIF)"
    about = "policy under judge"
    bounds = (0.0, 100.0)

    covariate: Literal["ratio", "log-ratio"] = option("ratio", help="policy's length over opponent's, or its logarithm")
    at: Ratio = option(1.0, help="the ratio of lengths at which the win rate is read")
    ties: Credit = option("half", help="worth of a tie")

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The regressions refitted under each row of weights."""
        return self.prepare(table).values(weights)

    def prepare(self, table: Table) -> Prepared:
        """Every policy's regression on all its items."""
        ratio, worth = _ratios(table), self._worth(table)
        rows = [np.flatnonzero(self._enters(table) & (table.subject == k)) for k in range(table.n_subjects)]
        at = float(self._scaled(np.array([self.at]))[0])
        fits = [adjusted_rate(table.cluster[own], self._scaled(ratio[own]), worth[own], at) for own in rows]

        def values(weights: FloatArray) -> FloatArray:
            return 100.0 * np.stack([fit.rates(weights) for fit in fits], axis=1)

        plain = [100.0 * worth[own].mean() if len(own) else np.nan for own in rows]
        details = {"coefficient": np.array([fit.slope for fit in fits]), "win rate": np.array(plain)}
        spans = [(float(ratio[own].min()), float(ratio[own].max())) if len(own) else (1.0, 1.0) for own in rows]
        why = {k: text for k, fit in enumerate(fits) if (text := _why(fit.form, spans[k][0]))}
        return Prepared(values, details, notes=tuple(self._notes(table, fits, spans)), why=why)

    def support(self, table: Table) -> Support:
        """Items with all their verdicts and both lengths."""
        enters, left_out = self._enters(table), self._left_out(table)
        n = np.bincount(table.subject[enters], minlength=table.n_subjects)
        planned = np.bincount(table.subject[~left_out], minlength=table.n_subjects)
        pairs = np.unique(np.stack([table.subject[enters], table.cluster[enters]]), axis=1)
        return Support(n, planned - n, np.bincount(pairs[0], minlength=table.n_subjects))

    def _worth(self, table: Table) -> FloatArray:
        """float [units], NaN for ties that are left out."""
        found = table.mean_preference
        return np.where(hard(found) == 0.5, WORTH[self.ties], found)

    def _left_out(self, table: Table) -> BoolArray:
        """bool [units]: ties that are, which are judged and not missing."""
        return np.asarray(table.complete & np.isnan(self._worth(table)))

    def _enters(self, table: Table) -> BoolArray:
        return np.asarray(table.complete & np.isfinite(_ratios(table)) & ~self._left_out(table))

    def _scaled(self, ratio: FloatArray) -> FloatArray:
        return np.log(ratio) if self.covariate == "log-ratio" else ratio

    def _notes(
        self, table: Table, fits: list[AdjustedRate], spans: list[tuple[float, float]]
    ) -> Iterator[str | tuple[int, str]]:
        """What a reader must know: an unusual convention, empty responses, and a value beyond all ratios."""
        if self.ties != "half":
            said = "count as lost" if self.ties == "wrong" else "are left out"
            yield f"{self.name}: ties {said}"
        empty = np.bincount(table.subject[table.complete & (table.length == 0.0).any(axis=1)], minlength=len(fits))
        for subject, fit in enumerate(fits):
            if empty[subject]:
                yield subject, f"{self.name}: {empty[subject]} left out: an empty response has no ratio of lengths"
            least, most = spans[subject]
            if fit.form == "line" and not least <= self.at <= most:
                beyond = f"beyond the ratios of lengths that there are, {least:.3g} to {most:.3g}"
                yield subject, f"{self.name}: its value at {self.at:g} lies {beyond}"


def _ratios(table: Table) -> FloatArray:
    """The policy's length over its opponent's: float [units]; NaN where one is not known, or empty."""
    known = (table.length > 0.0).all(axis=1)
    return np.where(known, table.length[:, 0] / np.where(known, table.length[:, 1], 1.0), np.nan)


def _why(form: Form, ratio: float) -> str | None:
    """Why there is no estimate; None where there is one, or no data."""
    said: Mapping[Form, str] = {
        "won": "everything is won, and no regression is most likely",
        "lost": "everything is lost, and no regression is most likely",
        "told apart": "the ratio of lengths tells wins from losses, and no regression is most likely",
        "one value": f"the ratio of lengths is {ratio:.3g} throughout, which says nothing of others",
    }
    return said.get(form)


COMPONENT = LengthAdjustedWinRate
