"""arena-score-style: the score that a policy would have, were its answers in the style of the baseline's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.components.measures.arena_score import apart
from judgebench.measuring.style import style, tokens
from judgebench.plugin.measure import Measure, Mode, Prepared, Published, Support
from judgebench.plugin.options import Weight, option
from judgebench.stats.arena_style import ArenaStyle, Rows
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.games import Form, Games, entering, games, official_form
from judgebench.stats.style_features import NAMES, contrasts
from judgebench.stats.table import Table

BOTH, THEIRS = "both answers", "the baseline's answers"
ROUNDS, SEED = 100, 0
"""The official intervals come from so many rounds; their seed is ours, since the official code has none that holds."""
COLUMNS = {"both": (0, 1, 2, 3), "length": (0,), "markdown": (1, 2, 3)}


@dataclass(frozen=True)
class ArenaScoreStyle(Measure):
    """Arena-Hard's score at equal style: a regression with an intercept for each policy and shared effects of style.

    Formula: 100 · σ(α_i) for policy i, where α and γ maximise Σ w·k·[o·log q + (1 − o)·log(1 − q)] over the verdicts of
    one judge, with q = σ(α_i + γ·z), o and k as of `arena-score`, and z the differences of style between the policy's
    answer a and the baseline's b, each divided by its standard deviation over all verdicts: of tokens, headers, lists
    and bold texts by the version, v0.1 (a − b) / (a + b + 1); v2.0 (a − b) / (a + b) of tokens, and (a − b) / (a + b +
    1) of the others, counted by token.

    In the standard deviations a strong verdict counts k times too. The fit is the exact optimum, and is made again
    under every resample of prompts; the standard deviations are held.

    `corrected`: style differences are 0 at equal style; a prompt enters when every planned order has a verdict; a
    policy compared with itself has no estimate. `official` centres the differences, so that its score is at the average
    difference, not at none, and lets games of the baseline against itself enter. As v0.1: a penalty (L2, C = 1) on all
    coefficients, the score is where the official optimiser stops, some tenths from the optimum, 95 % intervals from 100
    resamples of rows. As v2.0: no penalty, the score is the median of 100 resamples of rows, the interval reaches from
    their 5th to their 95th percentile; there is no estimate over several categories. Resamples are solved to the
    optimum; v2.0's own optimiser stops up to 5 points from it, at a place that its random resamples decide.

    Source: Li et al. (2024), arena-hard-auto; Li, Angelopoulos and Chiang (2024), "Does style matter?".
    """

    name = "arena-score-style"
    summary = "Arena-Hard's score at equal style: length and markdown controlled for"
    about = "policy under judge"
    bounds = (0.0, 100.0)

    mode: Mode = option("corrected", help="corrected, or official with its quirks; boards set it by --mode")
    control: Literal["both", "length", "markdown"] = option(
        "both", help="which differences of style are controlled for"
    )
    strength: Weight = option(3, help="weight of a strong verdict, such as A>>B, in plain ones")
    ties: Literal["half", "drop"] = option("half", help="a tie is half a win, or is left out")
    version: Literal["auto", "v0.1", "v2.0"] = option("auto", help="whose form of features; auto: the benchmark's")
    tokenizer: str = option("auto", help="auto: the counts in the data, else `pieces`; or a tiktoken encoding")

    @property
    def joint(self) -> bool:
        """The coefficients of style are shared by all policies."""
        return True

    def prepare(self, table: Table) -> Prepared:
        """The regressions, judge by judge."""
        counts, counted = self._counts(table)
        found = self._games(table, counts)
        parts = list(self._parts(table, found, counts))
        controls = [one.control(one.rows.cluster, table.n_clusters) for _, one in parts]

        def values(weights: FloatArray) -> FloatArray:
            scores = np.full((len(weights), table.n_subjects), np.nan)
            for (subjects, one), control in zip(parts, controls, strict=True):
                scores[:, subjects] = one.scores(*control.refits(weights))
            return scores

        notes: list[str | tuple[int, str]] = [f"{self.name}: tokens are {counted}"] if len(found.unit) else []
        names = [NAMES[k] for k in COLUMNS[self.control]]
        details = {f"coefficient of {name}": np.full(table.n_subjects, np.nan) for name in names}
        for (subjects, _), control in zip(parts, controls, strict=True):
            effects = dict(zip(names, control.coefficients[-len(names) :].tolist(), strict=True))
            for name, effect in effects.items():
                details[f"coefficient of {name}"][subjects] = effect
            if len(parts) == 1:
                told = ", ".join(f"{name} {effect:+.2f}" for name, effect in effects.items())
                notes.append(f"{self.name}: log-odds of one standard deviation more: {told}")
            for subject, side in zip(subjects.tolist(), control.separated.tolist(), strict=True):
                if side:
                    notes.append((subject, f"{self.name}: it {'won' if side > 0 else 'lost'} everything, at any style"))
        why = apart(self.name, table, self._form(table))
        if not why:
            partly, why = self._unknown(table, counts)
            notes += partly
        published = None
        if self.mode == "official":
            published = self._published(parts, table.n_subjects)
            if parts and self._form(table) == "v0.1" and published.value is not None:
                away = np.nanmax(np.abs(published.value - values(np.ones((1, table.n_clusters)))[0]))
                notes.append(
                    f"{self.name}: where the official optimiser stops, up to {away:.2f} points from the optimum"
                )
        return Prepared(values, details, published, tuple(notes), why)

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The scores refitted under each row of weights."""
        return self.prepare(table).values(weights)

    def support(self, table: Table) -> Support:
        """Prompts that enter; those whose style is not known are missing."""
        enters = np.zeros(len(table.subject), bool)
        enters[self._games(table, self._counts(table)[0]).unit] = True
        n = np.bincount(table.subject[enters], minlength=table.n_subjects)
        planned = np.bincount(table.subject[~table.itself | enters], minlength=table.n_subjects)
        clusters = np.unique(np.stack([table.subject[enters], table.cluster[enters]]), axis=1)[0]
        return Support(n, planned - n, np.bincount(clusters, minlength=table.n_subjects))

    def _form(self, table: Table) -> Form:
        return "corrected" if self.mode == "corrected" else official_form(table, self.version)

    def _games(self, table: Table, counts: FloatArray) -> Games:
        """The verdicts that enter."""
        known = np.isfinite(counts).all(axis=(1, 2)) & entering(table, self._form(table))
        return games(table, known, strength=self.strength, ties=self.ties == "half")

    def _unknown(self, table: Table, counts: FloatArray) -> tuple[list[tuple[int, str]], dict[int, str]]:
        """Notes on policies of which some comparisons lack style, and why those that lack it in all are left out."""
        wanted = entering(table, self._form(table))
        lacking = np.isnan(counts)
        own, other = np.asarray(lacking[:, 0].any(axis=1)), np.asarray(lacking[:, 1].any(axis=1))
        notes, why = [], {}
        for subject in np.unique(table.subject[wanted & (own | other)]).tolist():
            mine = wanted & (table.subject == subject)
            whose = "its answers" if not other[mine].any() else BOTH if own[mine].any() else THEIRS
            text = f"the style of {whose} is not known, neither by texts nor by counts"
            if (left := int((mine & (own | other)).sum())) == mine.sum():
                why[subject] = text
            else:
                notes.append((subject, f"{self.name}: {text}, in {left} of {mine.sum()} comparisons"))
        return notes, why

    def _parts(self, table: Table, found: Games, counts: FloatArray) -> Iterator[tuple[IntArray, ArenaStyle]]:
        """The subjects of each judge, by their columns, and their regression."""
        kept = list(COLUMNS[self.control])
        contrast = contrasts(counts[found.unit], official_form(table, self.version))[:, kept]
        subject = table.subject[found.unit]
        for family in np.unique(table.family[subject]):
            mine = np.flatnonzero(table.family[subject] == family)
            subjects, code = np.unique(subject[mine], return_inverse=True)
            unit = found.unit[mine]
            rows = Rows(
                code, table.itself[unit], table.cluster[unit], found.outcome[mine], found.weight[mine], contrast[mine]
            )
            yield subjects, ArenaStyle(rows, self._form(table), len(subjects), table.n_clusters)

    def _published(self, parts: Sequence[tuple[IntArray, ArenaStyle]], subjects: int) -> Published:
        scores = np.full((ROUNDS, subjects), np.nan)
        for mine, one in parts:
            scores[:, mine] = one.by_rows(ROUNDS, SEED)
        first = bool(parts) and parts[0][1].form == "v0.1"
        stops = np.full(subjects, np.nan)
        for mine, one in parts if first else ():
            stops[mine] = one.stopped()
        ends = np.full((3, subjects), np.nan)
        there = np.isfinite(scores).any(axis=0)
        ends[:, there] = np.nanpercentile(scores[:, there], [2.5, 50, 97.5] if first else [5, 50, 95], axis=0)
        return Published(
            value=stops if first else ends[1],
            standard_error=scores.std(axis=0, ddof=1),
            low=ends[0],
            high=ends[2],
            confidence=0.95 if first else 0.9,
            method="rows",
        )

    def _counts(self, table: Table) -> tuple[FloatArray, str]:
        """Counts [units, 2, 4] of both responses, NaN where they cannot be had, and how the tokens were counted.

        Unless a tokenizer is named, the counts in the data hold where they serve at least as many comparisons as the
        texts do.
        """
        found = np.full((len(table.subject), 2, len(NAMES)), np.nan)
        for k, name in enumerate(NAMES):
            if name in table.features:
                found[:, :, k] = table.features[name]
        wanted = entering(table, self._form(table))
        written = np.array([None not in pair for pair in table.texts], dtype=bool)
        there = np.isfinite(found[:, :, 0]).all(axis=1)
        gained, lost = (wanted & written & ~there).sum(), (wanted & there & ~written).sum()
        counted = "those counted in the data"
        if self.tokenizer != "auto" or gained > lost:
            counted = f"counted by '{self._own_tokenizer}'"
            found[:, :, 0] = np.nan  # one tokenizer for both sides, or the difference is that of the tokenizers
        seen: dict[str, FloatArray] = {}
        for unit, column in np.argwhere(~np.isfinite(found).all(axis=2) & wanted[:, None]):
            if (text := table.texts[unit][column]) is not None:
                counts = seen[text] if text in seen else seen.setdefault(text, self._counted(text))
                found[unit, column] = np.where(np.isfinite(found[unit, column]), found[unit, column], counts)
        return found, counted

    @property
    def _own_tokenizer(self) -> str:
        return "pieces" if self.tokenizer == "auto" else self.tokenizer

    def _counted(self, text: str) -> FloatArray:
        parts = style(text)
        return np.array([tokens(text, self._own_tokenizer), *(parts[name] for name in NAMES[1:])], dtype=np.float64)


COMPONENT = ArenaScoreStyle
