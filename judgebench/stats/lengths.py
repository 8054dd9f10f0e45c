"""Lengths: how long the two responses of a unit are, and which one is longer."""

from __future__ import annotations

from typing import Literal

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table

Unit = Literal["characters", "words"]
"""What a length counts; words are what stands between blanks, and need the texts."""


def lengths(table: Table, unit: Unit) -> FloatArray:
    """Return the lengths of the two responses: float64 [units, 2], NaN where one is not known."""
    if unit == "characters":
        return table.length
    words = [[np.nan if text is None else len(text.split()) for text in pair] for pair in table.texts]
    return np.array(words, dtype=np.float64).reshape(len(table.subject), 2)


def longer(found: FloatArray) -> IntArray:
    """Return which response is longer: int [units], 1 slot 0, -1 slot 1, 0 both alike or not known."""
    apart = found[:, 0] - found[:, 1]
    return np.asarray(np.sign(np.where(np.isnan(apart), 0.0, apart)), dtype=np.intp)


def matched(found: FloatArray, within: float) -> BoolArray:
    """Return where the longer length is at most `within` times the shorter: bool [units]; not where one is unknown."""
    return np.asarray(found.max(axis=1) <= within * found.min(axis=1))
