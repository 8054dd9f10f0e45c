"""lc-win-rate: the win rate that a policy would have, were its answers as long as its opponent's."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.plugin.kinds import Measure, Mode, Prepared, Published, Support
from judgebench.plugin.options import option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.length_control import FOLDS, NO_GAMED_ROWS, GamedRows, LengthControl, Rows, length_control
from judgebench.stats.table import Table

LEAST_OTHERS = 3
"""Other policies from which the difficulty of a prompt is estimated, at least."""


@dataclass(frozen=True)
class LcWinRate(Measure):
    """AlpacaEval 2's length-controlled win rate in percent: one regression a policy, at its exact optimum.

    x = (tanh of the length difference in standard deviations, the prompt's difficulty, a constant), soft targets, an
    L1 penalty whose C the published cross-validation chooses on all items; the prediction at equal lengths is averaged
    over the policy's items. Under resampling C and the rows of the gamed baselines are held, everything else is fitted
    again. Where the benchmark brings no gamed rows the regression does without.

    `official` looks difficulty up by the row's position in the policy's file, as the official code does: it shifts
    where rows are missing. `corrected` looks it up by item.

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
        difficulty, notes = self._difficulty(table)
        gamed = _gamed(table)
        bring = "with the benchmark's rows of gamed baselines, which its official judge judged"
        without = "without rows of gamed baselines, which the benchmark does not bring"
        notes = (*notes, f"{self.name}: fitted {bring if len(gamed.preference) else without}")
        fits: list[tuple[IntArray, LengthControl] | None] = []
        for subject in range(table.n_subjects):
            units = _units(table, subject)
            rows = _rows(table, units, difficulty)
            fits.append(_by_cluster(table.cluster[units], rows, gamed) if rows.judged.sum() >= FOLDS else None)

        def values(weights: FloatArray) -> FloatArray:
            found = np.full((len(weights), table.n_subjects), np.nan)
            for subject, fitted in enumerate(fits):
                if fitted is not None:
                    clusters, control = fitted
                    found[:, subject] = control.refits(_of_rows(weights, clusters))
            return found

        controls = [None if fitted is None else fitted[1] for fitted in fits]
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
            notes,
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

    def _difficulty(self, table: Table) -> tuple[FloatArray, tuple[str, ...]]:
        """float [units], and what a reader must know of it."""
        units = len(table.subject)
        given = table.item_features.get("difficulty")
        complete = given is not None and bool(np.isfinite(given).all())
        if self.difficulty == "estimated":
            found = _estimated(table)
            how = "estimated from the other policies and held" if found.any() else "left out: too few other policies"
            return found, (f"{self.name}: difficulty of prompts {how}",)
        if self.difficulty == "none" or not complete or given is None:
            if self.difficulty == "given":
                raise ConfigError(f"{self.name}: not every item brings its difficulty", "leave difficulty at auto")
            return np.zeros(units), (f"{self.name}: fitted without the difficulty of prompts",)
        if self.mode == "official" and (by_row := _by_row(table)) is not None:
            return by_row, ()
        return given, ()


def _units(table: Table, subject: int) -> IntArray:
    """A policy's units with known lengths, in the order of its file where the record knows that."""
    units = np.flatnonzero((table.subject == subject) & np.isfinite(table.length).all(axis=1))
    row = _row(table)
    return units if row is None else units[np.argsort(row[units], kind="stable")]


def _row(table: Table) -> FloatArray | None:
    """Positions in the policy's file, else of the item in the benchmark."""
    given = table.features.get("row")
    return table.item_features.get("row") if given is None else given[:, 0]


def _by_row(table: Table) -> FloatArray | None:
    """Difficulty by position, as far as positions and the benchmark's own order are known."""
    row, difficulty = _row(table), table.reference.get("difficulty")
    if row is None or difficulty is None or not (np.isfinite(row) & (row >= 0) & (row < len(difficulty))).all():
        return None
    return np.asarray(difficulty[row.astype(np.intp)])


def _rows(table: Table, units: IntArray, difficulty: FloatArray) -> Rows:
    preference = np.where(table.complete, table.mean_preference, np.nan)[units]
    return Rows(table.length[units, 1] - table.length[units, 0], difficulty[units], preference)


def _by_cluster(clusters: IntArray, rows: Rows, gamed: GamedRows) -> tuple[IntArray, LengthControl]:
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


def _estimated(table: Table) -> FloatArray:
    """Standardised log-odds of the other policies under the same judge; 0 where there are fewer than three."""
    log_odds = np.log(np.clip(table.mean_preference, 0.01, 0.99) / (1.0 - np.clip(table.mean_preference, 0.01, 0.99)))
    enters = table.complete.astype(float)
    group = table.family[table.subject] * table.n_clusters + table.cluster
    total = np.bincount(group, weights=enters * log_odds)[group] - enters * log_odds
    others = np.bincount(group, weights=enters)[group] - enters
    found = np.where(others >= LEAST_OTHERS, total / np.maximum(others, 1.0), 0.0)
    spread = found.std()
    return np.asarray((found - found.mean()) / spread if spread > 0.0 else np.zeros_like(found))


COMPONENT = LcWinRate
