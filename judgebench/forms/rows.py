"""Rows of a user's own files: the columns that options name, and labels in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from judgebench.core.errors import DataError
from judgebench.plugin.component import Component


def check_columns(component: Component, options: Iterable[str], path: str, columns: Iterable[str]) -> None:
    """DataError for a column that one of the `options` names and no row has.

    An option's own name is its default column, which a file may lack; so may one that is None.
    """
    there = set(columns)
    for name in options:
        column = getattr(component, name)
        if column not in (None, name) and column not in there:
            message = f"{path}: no row has the column '{column}' that `{name}` names"
            raise DataError(message, "the columns: " + ", ".join(sorted(there)))


def label(row: Mapping[str, Any], column: str) -> str:
    """A row's value as text; empty where it has none: datasets fill absent values with null."""
    value = row.get(column)
    return "" if value is None else str(value)
