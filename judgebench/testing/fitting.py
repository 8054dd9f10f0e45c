"""How checks show tables to a measure, and when its values are held equal."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from judgebench.core.errors import JudgebenchError
from judgebench.plugin.measure import Measure
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.strategies.tables import About, table_of, weights_of
from judgebench.testing.subject import Subject

if TYPE_CHECKING:
    from judgebench.stats.arrays import FloatArray
    from judgebench.stats.table import Table

SHARED = ("n_clusters", "n_subjects", "strata", "names", "family", "reference")
"""What of a table is not a column of its units."""
Slots = Literal["pair", "any"]
Case = Callable[[Measure, "Table", "FloatArray"], None]


def each(subject: Subject[Measure], case: Case, least: int = 1) -> None:
    """Tries the case on drawn tables, or on those that were given; NotChecked where the measure refuses all of them."""
    measure, given = subject.built, subject.given
    if given.tables:
        cases = [(table, weights_of(0, table)) for table in given.tables if table.n_subjects >= least]
    else:
        cases = _drawn(measure.about, measure.responses, given.examples, least)
    refused: list[str] = []
    for table, weights in cases:
        try:
            measure.prepare(table)
        except JudgebenchError as error:
            refused.append(error.message)
        else:
            case(measure, table, weights)
    if len(refused) == len(cases):
        raise NotChecked(f"tables do not serve it ({', '.join(refused[:1])}): give tables=[...]")


@cache
def _drawn(about: About, responses: Slots, examples: int, least: int) -> "list[tuple[Table, FloatArray]]":
    """Tables with weights, the small ones first: made once, since many measures are shown the same."""
    found = []
    for seed in range(examples):
        items, subjects = 1 + 8 * seed // examples, max(least, 1 + seed % 4)
        mutual = about == "policy under judge" and subjects > 1 and seed % 3 == 2
        table = table_of(seed, about, responses, items=items, subjects=subjects, mutual=mutual)
        found.append((table, weights_of(seed, table)))
    return found


def tolerance_of(subject: Subject[Measure]) -> float:
    """The relative difference of values that are held equal."""
    given = subject.given.tolerance
    return given if given is not None else 1e-6 if subject.built.joint else 1e-9


def check_equal(subject: Subject[Measure], found: "FloatArray", expected: "FloatArray", seen: str, wanted: str) -> None:
    """NotConforming unless both have NaN in the same places, and elsewhere differ by the tolerance at most."""
    import numpy as np

    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(invalid="ignore"):  # of infinite ones
        apart = np.abs(found - expected) / np.maximum(1.0, np.maximum(np.abs(found), np.abs(expected)))
    if found.shape != expected.shape or not (same | (apart <= tolerance_of(subject))).all():
        raise NotConforming(f"{seen} {found}, not {expected}", wanted)


def turned_round(table: "Table", units: int) -> "Table":
    """The table with its units the other way round."""
    changed: dict[str, Any] = {}
    for field in fields(table):
        column = getattr(table, field.name)
        if field.name in SHARED:
            continue
        if isinstance(column, dict):
            changed[field.name] = {name: one[::-1] for name, one in column.items()}
        elif len(column) == units:
            changed[field.name] = column[::-1]
    return replace(table, **changed)
