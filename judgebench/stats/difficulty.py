"""Difficulty of prompts, as length control takes it: the benchmark's, looked up by row or by item, or estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.table import Table

Source = Literal["row", "item", "estimated", "none"]
"""Where a subject's difficulties come from: its answers' places in the official file, the items, or the others."""
LEAST_OTHERS = 3
"""Other policies from which the difficulty of a prompt is estimated, at least."""


def places(table: Table) -> FloatArray:
    """float [units]: the answer's place in its policy's file, else the item's in the benchmark; NaN: not known."""
    unknown = np.full(len(table.subject), np.nan)
    item = table.item_features.get("row", unknown)
    own = table.features["row"][:, 0] if "row" in table.features else unknown
    return np.where(np.isfinite(own), own, item)


def looked_up(table: Table, units: Sequence[IntArray], official: bool) -> tuple[FloatArray, list[Source]]:
    """The benchmark's difficulties: float [units], 0 where there is none, and the source for each subject.

    A subject's difficulties all have one source. By item: what the items bring. By row, officially: the difficulty
    of the instruction that has the answer's place in the benchmark, where each place is known; else by item.

    Args:
        table: any.
        units: of each subject, those that must have a difficulty.
        official: whether to look it up by row where that can be done.
    """
    by_item = table.item_features.get("difficulty", np.full(len(table.subject), np.nan))
    columns: list[tuple[Source, FloatArray]] = [("item", by_item)]
    if official:
        columns.insert(0, ("row", _by_row(table)))
    found, sources = np.zeros(len(table.subject)), list[Source]()
    for own in units:
        source, column = next(
            ((name, values) for name, values in columns if np.isfinite(values[own]).all()), ("none", found)
        )
        found[own] = column[own]
        sources.append(source)
    return found, sources


def _by_row(table: Table) -> FloatArray:
    """float [units], NaN where the answer's place in the official file is not known."""
    found = np.full(len(table.subject), np.nan)
    difficulty, rows = table.reference.get("difficulty"), table.features.get("row")
    if difficulty is None or rows is None:
        return found
    row = np.where(np.isfinite(rows[:, 0]), rows[:, 0], -1.0)
    known = (row >= 0) & (row < len(difficulty)) & (row == np.floor(row))
    found[known] = difficulty[row[known].astype(np.intp)]
    return found


def estimated(table: Table) -> FloatArray:
    """float [units]: standardised log-odds of the other policies under the same judge; 0 where they are too few."""
    log_odds = np.log(np.clip(table.mean_preference, 0.01, 0.99) / (1.0 - np.clip(table.mean_preference, 0.01, 0.99)))
    enters = table.complete.astype(float)
    group = table.family[table.subject] * table.n_clusters + table.cluster
    total = np.bincount(group, weights=enters * log_odds)[group] - enters * log_odds
    others = np.bincount(group, weights=enters)[group] - enters
    found = np.where(others >= LEAST_OTHERS, total / np.maximum(others, 1.0), 0.0)
    spread = found.std()
    return np.asarray((found - found.mean()) / spread if spread > 0.0 else np.zeros_like(found))
