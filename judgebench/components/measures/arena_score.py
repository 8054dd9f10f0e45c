"""arena-score: Arena-Hard's score, a policy's win rate against the baseline with strong verdicts counted as three."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.plugin.measure import Cells, Mode, Prepared, Published, RatioMeasure, Support
from judgebench.plugin.options import Weight, option
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.games import Form, Games, entering, games, official_form, playing, pooled
from judgebench.stats.table import Table

ALONE = "it is the baseline itself, whose games against itself say nothing of it"
LEFT_OUT = "its games against itself, as the baseline, are left out"
ROUNDS, SEED = 100, 0
"""The official intervals come from so many rounds; their seed is ours, since the official code has none that holds."""


@dataclass(frozen=True)
class ArenaScore(RatioMeasure):
    """Arena-Hard's score: the win rate over games in percent, in which a strong verdict counts as several.

    Formula: 100 · Σ w·k·o / Σ w·k over games (the verdicts of each order), where o is P(policy better), ½ for a tie,
    and k is `strength` for a strong verdict such as A>>B, else 1.

    `corrected`: a prompt enters when every planned order has a verdict, since position bias cancels only over both; a
    policy that is compared with itself (the baseline's own games) has no estimate; intervals resample prompts.

    `official` as v0.1 computes it: a game without a verdict is dropped alone; 95 % intervals from rows drawn as if
    independent. As v2.0 computes it: a prompt that lacks one verdict is dropped; the score is the mean of 100 such
    resamples, its interval reaches from their 5th to their 95th percentile; every category has a table of its own, so
    that there is no estimate over several (`arena-score/*` for each). A policy compared with itself alone stands at 50.

    Source: Li et al. (2024), "From Crowdsourced Data to High-Quality Benchmarks"; arena-hard-auto, `show_result`. With
    games against one baseline alone its Bradley-Terry fit is this ratio.
    """

    name = "arena-score"
    summary = "Arena-Hard's score: win rate over games, strong verdicts counted as three"
    about = "policy under judge"

    mode: Mode = option("corrected", help="corrected, or official with its quirks; boards set it by --mode")
    strength: Weight = option(3, help="weight of a strong verdict, such as A>>B, in plain ones")
    ties: Literal["half", "drop"] = option("half", help="a tie is half a win, or is left out")
    version: Literal["auto", "v0.1", "v2.0"] = option("auto", help="whose official form; auto: the benchmark's")

    def cells(self, table: Table) -> Cells:
        """Won and played weight of each unit."""
        found = self._games(table)
        played, won = np.zeros(len(table.subject)), np.zeros(len(table.subject))
        np.add.at(played, found.unit, found.weight)
        np.add.at(won, found.unit, found.weight * found.outcome)
        return Cells(won, played, played)

    def support(self, table: Table) -> Support:
        """Prompts that enter, and those that were planned and do not."""
        enters = np.zeros(len(table.subject), bool)
        enters[self._games(table).unit] = True
        counted = np.bincount(table.subject[enters], minlength=table.n_subjects)
        planned = np.bincount(table.subject[~table.itself | enters], minlength=table.n_subjects)
        clusters = np.unique(np.stack([table.subject[enters], table.cluster[enters]]), axis=1)[0]
        return Support(counted, planned - counted, np.bincount(clusters, minlength=table.n_subjects))

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; in official mode what the official code prints."""
        prepared = super().prepare(table)
        if self.mode == "official":
            return replace(prepared, published=self._published(table), why=apart(self.name, table, self._form(table)))
        own = np.zeros(table.n_subjects, bool)
        own[table.subject[table.itself]] = True
        alone = np.flatnonzero(own & ~playing(table)).tolist()
        both = np.flatnonzero(own & playing(table)).tolist()
        notes = [(subject, f"{self.name}: {ALONE}") for subject in alone]
        notes += [(subject, f"{self.name}: {LEFT_OUT}") for subject in both]
        return replace(prepared, notes=tuple(notes))

    def _games(self, table: Table) -> Games:
        found = games(table, entering(table, self._form(table)), strength=self.strength, ties=self.ties == "half")
        return Games(found.unit, np.where(table.itself[found.unit], 0.5, found.outcome), found.weight)

    def _form(self, table: Table) -> Form:
        return "corrected" if self.mode == "corrected" else official_form(table, self.version)

    def _published(self, table: Table) -> Published:
        found = self._games(table)
        rows = found.rows
        subject, outcome = table.subject[found.unit[rows]], found.outcome[rows]
        if self._form(table) == "v0.1":
            scores = _together(subject, outcome, table.n_subjects)
            low, high = _percentiles(scores, 2.5, 97.5)
            return Published(standard_error=scores.std(axis=0, ddof=1), low=low, high=high, method="rows")
        scores = _apart(subject, outcome, table.n_subjects)
        low, high = _percentiles(scores, 5.0, 95.0)
        return Published(scores.mean(axis=0), scores.std(axis=0, ddof=1), low, high, confidence=0.9, method="rows")


def apart(name: str, table: Table, form: Form) -> dict[int, str]:
    """Why nobody has an official estimate over several categories, by subject; nothing where there is one."""
    if not (parts := pooled(table, form)):
        return {}
    reason = f"the official code has a table for each category: --measure {name}/{parts[0]}, or {name}/* for all"
    return dict.fromkeys(range(table.n_subjects), reason)


def _together(subject: IntArray, outcome: FloatArray, subjects: int) -> FloatArray:
    """Scores [rounds, subjects] from rows of all subjects drawn as one heap."""
    rng = np.random.default_rng(SEED)
    found = np.full((ROUNDS, subjects), np.nan)
    for scores in found if len(subject) else ():
        drawn = rng.integers(0, len(subject), len(subject))
        played = np.bincount(subject[drawn], minlength=subjects)
        won = np.bincount(subject[drawn], outcome[drawn], subjects)
        np.divide(100.0 * won, played, out=scores, where=played > 0)
    return found


def _apart(subject: IntArray, outcome: FloatArray, subjects: int) -> FloatArray:
    """Scores [rounds, subjects] from each subject's rows drawn by themselves."""
    rng = np.random.default_rng(SEED)
    found = np.full((ROUNDS, subjects), np.nan)
    for number in np.unique(subject):
        mine = outcome[subject == number]
        found[:, number] = 100.0 * mine[rng.integers(0, len(mine), (ROUNDS, len(mine)))].mean(axis=1)
    return found


def _percentiles(scores: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    """Ends [subjects]; NaN for a subject without rows."""
    there = np.isfinite(scores).any(axis=0)
    ends = np.full((2, scores.shape[1]), np.nan)
    if there.any():
        ends[:, there] = np.nanpercentile(scores[:, there], [low, high], axis=0)
    return ends[0], ends[1]


COMPONENT = ArenaScore
