"""Games: verdicts one by one, a strong one with the weight of several, and the official bootstrap over such rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table


@dataclass(frozen=True, slots=True)
class Games:
    """One row a game, that is a verdict of one order of a unit.

    unit: int [games]; outcome: float [games], 1 where slot 0 is better, 0 where slot 1 is; weight: float [games], in
    rows: what a verdict counts for.
    """

    unit: IntArray
    outcome: FloatArray
    weight: FloatArray

    @property
    def rows(self) -> IntArray:
        """int [rows], the game of each row; ValueError where a weight is no whole number."""
        whole = np.rint(self.weight).astype(np.intp)
        if (whole != self.weight).any():
            raise ValueError("rows are whole: weights must be whole numbers")
        return np.repeat(np.arange(len(whole)), whole)


Version = Literal["v0.1", "v2.0"]
Form = Literal["corrected", "v0.1", "v2.0"]
"""Which verdicts enter: as the estimator should be, or as either version of the official code takes them."""


def official_form(table: Table, version: Literal["auto", "v0.1", "v2.0"]) -> Version:
    """The official form that is named, or that of the benchmark, as its reference `arena.version` says; else v2.0."""
    if version != "auto":
        return version
    return "v0.1" if table.reference.get("arena.version", np.array([2.0]))[0] < 2.0 else "v2.0"


def pooled(table: Table, form: Form) -> list[str]:
    """The parts that the table pools, where the official form has a table for each (v2.0); else none."""
    parts = {name: rows for name, rows in table.subsets.items() if rows.any()}
    return sorted(parts) if form == "v2.0" and not any(rows.all() for rows in parts.values()) else []


def playing(table: Table) -> BoolArray:
    """bool [subjects]: who is compared with another than itself."""
    found = np.zeros(table.n_subjects, bool)
    found[table.subject[~table.itself]] = True
    return found


def entering(table: Table, form: Form) -> BoolArray:
    """bool [units]: where verdicts of it enter.

    v0.1 takes every verdict; v2.0 and the corrected form those of units with all that was planned, since position bias
    cancels only over both orders. A policy's games against itself, as the baseline, enter in the official forms, of a
    policy that has no others. Where v2.0 has a table for each part of the benchmark, nothing enters one of all parts.
    """
    if pooled(table, form):
        return np.zeros(len(table.subject), bool)
    left_out = table.itself if form == "corrected" else table.itself & playing(table)[table.subject]
    return np.asarray((table.valid.any(axis=1) if form == "v0.1" else table.complete) & ~left_out)


def games(table: Table, units: BoolArray, *, strength: float = 3.0, ties: bool = True) -> Games:
    """The verdicts of these units [units]; `strength` is the weight of a strong one, without `ties` those are left out.

    Source: Li et al. (2024), Arena-Hard: a strong verdict counts as three.
    """
    unit, order = np.nonzero(table.valid & units[:, None])
    outcome = table.preference[unit, order]
    weight = np.where(table.strong[unit, order], strength, 1.0)
    kept = np.ones(len(unit), bool) if ties else outcome != 0.5
    return Games(unit[kept], outcome[kept], weight[kept])


def resampled_rows(rows: int, rounds: int, seed: int) -> Iterator[IntArray]:
    """How often each row is drawn, int [rows] in each round, when rows are drawn as if they were independent."""
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        yield np.bincount(rng.integers(0, rows, rows), minlength=rows)
