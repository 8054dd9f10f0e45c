"""lc-win-rate: the win rate that a policy would have, were its answers as long as its opponent's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.plugin.measure import Measure, Mode, Prepared, Published, Support
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.difficulty import Source, estimated, looked_up, places
from judgebench.stats.length_control import FOLDS, NO_GAMED_ROWS, GamedRows, LengthControl, Rows, length_control
from judgebench.stats.table import Table

Fit = tuple[IntArray, LengthControl]
"""A policy's regression, and the cluster of each of its rows."""


@dataclass(frozen=True)
class LcWinRate(Measure):
    """AlpacaEval 2's length-controlled win rate in percent: one regression a policy, at its exact optimum.

    Formula: 100 · Σ w·σ(β₂·d + β₃) / Σ w over the policy's items, where β minimises ‖β‖₁ + C · Σ k·ℓ(p, σ(β·x)) over
    its judged items (k = w) and the rows of the gamed baselines (k = 0.1), with ℓ(p, q) = −p·log q − (1 − p)·log(1 −
    q), p = P(policy better) and x = (tanh(Δ / s), d, g): Δ is the opponent's length less the policy's in characters and
    s its standard deviation (ddof 1), d the prompt's difficulty, g = 1 for the policy's items and 0 for gamed rows.

    The prediction is at equal lengths: tanh(0) = 0. C, one of ten values from 1e-4 to 1e4, is chosen on all items by
    the published cross-validation of five folds. Under resampling C and the rows of the gamed baselines are held,
    everything else is fitted again. Those rows teach the effects of length and difficulty; they bring the benchmark's
    difficulty, and enter only together with it. Where they weigh more (0.1 each) than the policy's judged items (1
    each), so that most of what is known of the two effects is theirs, a note says so.

    `official` looks difficulty up by the row's position in the policy's file, as the official code does: it shifts
    where rows are missing; where positions are not known, by item. `corrected` looks it up by item.

    Source: Dubois et al. (2024), "Length-Controlled AlpacaEval", section 3; alpaca-eval, `length_controlled_v1`.
    """

    name = "lc-win-rate"
    summary = "win rate at equal lengths (AlpacaEval 2's length control)"
    about = "policy under judge"
    bounds = (0.0, 100.0)

    mode: Mode = option("corrected", help="corrected, or official with its quirks; boards set it by --mode")
    difficulty: Literal["auto", "given", "estimated", "none"] = option(
        "auto", help="of prompts: the benchmark's, estimated from the other policies, or none; auto: given or none"
    )

    @property
    def joint(self) -> bool:
        """Where the difficulty of prompts is estimated from the other policies."""
        return self.difficulty == "estimated"

    def prepare(self, table: Table) -> Prepared:
        """Every policy's regression, fitted on all its items."""
        units = _units(table)
        difficulty, sources = self._difficulty(table, units)
        gamed = _gamed(table)
        fits: list[Fit | None] = []
        for own, source in zip(units, sources, strict=True):
            rows, beside = _rows(table, own, difficulty), gamed if source in ("row", "item") else NO_GAMED_ROWS
            fits.append(_by_cluster(table.cluster[own], rows, beside) if rows.judged.sum() >= FOLDS else None)
        fitted = [subject for subject, fit in enumerate(fits) if fit is not None]
        if self.difficulty == "given" and any(sources[subject] == "none" for subject in fitted):
            raise ConfigError(f"{self.name}: not every item brings its difficulty", "leave difficulty at auto")

        def values(weights: FloatArray) -> FloatArray:
            found = np.full((len(weights), table.n_subjects), np.nan)
            for subject, fit in enumerate(fits):
                if fit is not None:
                    clusters, control = fit
                    found[:, subject] = control.refits(_of_rows(weights, clusters))
            return found

        controls = [None if fit is None else fit[1] for fit in fits]
        return Prepared(
            values,
            {
                "C": np.array([np.nan if c is None else c.strength for c in controls]),
                **{
                    f"coefficient of {what}": np.array([np.nan if c is None else c.coefficients[k] for c in controls])
                    for k, what in enumerate(("length", "difficulty", "the constant"))
                },
            },
            Published(standard_error=np.array([np.nan if c is None else c.published_error for c in controls])),
            tuple(f"{self.name}: {note}" for note in self._notes(table, sources, controls, len(gamed.preference) > 0)),
        )

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The regressions refitted under each row of weights."""
        return self.prepare(table).values(weights)

    def support(self, table: Table) -> Support:
        """Items with all their verdicts and both lengths; with fewer than five of them there is no estimate."""
        judged = table.complete & np.isfinite(table.length).all(axis=1)
        n = np.bincount(table.subject[judged], minlength=table.n_subjects)
        planned = np.bincount(table.subject, minlength=table.n_subjects)
        pairs = np.unique(np.stack([table.subject[judged], table.cluster[judged]]), axis=1)
        clusters = np.bincount(pairs[0], minlength=table.n_subjects)
        enough = n >= FOLDS
        return Support(np.where(enough, n, 0), np.where(enough, planned - n, planned), np.where(enough, clusters, 0))

    def _difficulty(self, table: Table, units: Sequence[IntArray]) -> tuple[FloatArray, list[Source]]:
        """float [units], and where each policy's come from."""
        if self.difficulty == "estimated":
            found = estimated(table)
            return found, ["estimated" if found.any() else "none"] * table.n_subjects
        if self.difficulty == "none":
            return np.zeros(len(table.subject)), ["none"] * table.n_subjects
        return looked_up(table, units, self.mode == "official")

    def _notes(
        self, table: Table, sources: Sequence[Source], controls: Sequence[LengthControl | None], there: bool
    ) -> Iterator[str]:
        """What a reader must know, of all policies that were fitted or of some; `there`: there are gamed rows."""
        fitted = [subject for subject, control in enumerate(controls) if control is not None]

        def about(note: str, *kinds: Source) -> Iterator[str]:
            some = [subject for subject in fitted if sources[subject] in kinds]
            names = dict.fromkeys(table.names[subject] for subject in some)
            if some:
                yield note if len(some) == len(fitted) else f"{note}: {', '.join(names)}"

        yield from about("difficulty of prompts estimated from the other policies and held", "estimated")
        if self.difficulty == "estimated":
            yield from about("difficulty of prompts left out: too few other policies", "none")
        else:
            lacking = "difficulty" in table.reference and self.difficulty != "none"
            why = ", which the run's items do not bring (the benchmark's own do: --items benchmark)" if lacking else ""
            yield from about(f"fitted without the difficulty of prompts{why}", "none")
        if self.mode == "official":
            yield from about("difficulty looked up by item, not by row as the official code does", "item")
        if there:
            yield from about(
                "fitted with the benchmark's rows of gamed baselines, which its official judge judged", "row", "item"
            )
            yield from about(
                "fitted without the benchmark's rows of gamed baselines, which need its difficulty", "none", "estimated"
            )
        else:
            without = "fitted without rows of gamed baselines, which the benchmark does not bring"
            yield from about(without, "row", "item", "none", "estimated")
        yield from _outweighed(table, controls)


def _outweighed(table: Table, controls: Sequence[LengthControl | None]) -> Iterator[str]:
    """Whose judged items weigh less than the rows of the gamed baselines beside them."""
    found: dict[str, str] = {}
    weight = 0.0
    for name, control in zip(table.names, controls, strict=True):
        if control is None or np.isnan(control.strength):
            continue
        judged, theirs = int(control.rows.judged.sum()), float(control.gamed.fixed.weight.sum())
        if judged < theirs:
            found[name], weight = f"{name} ({judged})", theirs
    if found:
        yield (
            f"the rows of gamed baselines weigh as much as {weight:.0f} judged items, more than there are, so that the "
            f"effects of length and difficulty are mostly theirs: {', '.join(found.values())}"
        )


def _units(table: Table) -> list[IntArray]:
    """Each policy's units with known lengths, in the order of its file where the record knows that."""
    order = np.argsort(places(table), kind="stable")
    order = order[np.isfinite(table.length[order]).all(axis=1)]
    return [order[table.subject[order] == subject] for subject in range(table.n_subjects)]


def _rows(table: Table, units: IntArray, difficulty: FloatArray) -> Rows:
    preference = np.where(table.complete, table.mean_preference, np.nan)[units]
    return Rows(table.length[units, 1] - table.length[units, 0], difficulty[units], preference)


def _by_cluster(clusters: IntArray, rows: Rows, gamed: GamedRows) -> Fit:
    """A policy's regression, fitted in the order of its file, which decides the folds; then its rows by cluster."""
    control = length_control(rows, gamed)
    order = np.argsort(clusters, kind="stable")
    moved = Rows(rows.length_difference[order], rows.difficulty[order], rows.preference[order])
    return clusters[order], replace(control, rows=moved)


def _of_rows(weights: FloatArray, clusters: IntArray) -> FloatArray:
    """Weights of clusters as weights of rows; no copy where they are the same."""
    if np.array_equal(clusters, np.arange(weights.shape[1])):
        return weights
    return np.ascontiguousarray(weights[:, clusters])


def _gamed(table: Table) -> GamedRows:
    names = ("gamed.length_difference", "gamed.difficulty", "gamed.preference")
    if not all(name in table.reference for name in names):
        return NO_GAMED_ROWS
    return GamedRows(*(table.reference[name] for name in names))


COMPONENT = LcWinRate
