"""A paper's table with ours beside it, as data: json, csv."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import msgspec

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.reporting import figures
from judgebench.reporting.beside import blocks, difference, specs
from judgebench.reporting.paper_markdown import said
from judgebench.reporting.paper_numbers import SOURCES, Column, PaperNumbers, Printed

SCHEMA = 1


def as_json(table: PaperNumbers, board: Leaderboard) -> str:
    """The same as data; our numbers are on the paper's scale, in ten digits."""
    found = blocks(table, board)
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "template": table.name,
        "title": board.title,
        "paper": table.paper,
        "columns": [
            {**msgspec.to_builtins(column), "measure": spec}
            for column, spec in zip(table.columns, specs(table, board), strict=True)
        ],
        "tables": [
            {
                "benchmark": block.benchmark,
                "judge": block.judge,
                "rows": [
                    {
                        "row": line.name,
                        "subject": line.subject,
                        "cells": [
                            {
                                "paper": [None if one is None else _as_data(one) for one in cell.printed],
                                "ours": None if cell.ours is None else _numbers(cell.ours, column),
                                "difference": _kept(difference(cell, column)),
                            }
                            for cell, column in zip(line.cells, table.columns, strict=True)
                        ],
                    }
                    for line in block.lines
                ],
            }
            for block in found
        ],
        "sources": dict(SOURCES),
        "notes": said(table, board, found),
        "provenance": msgspec.to_builtins(dict(board.provenance)),
    }
    return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n"


def _as_data(one: Printed) -> dict[str, Any]:
    return {"value": one.value, "text": one.text, "beside": one.beside, "sources": one.sources}


def _numbers(row: Estimate, column: Column) -> dict[str, Any]:
    ends = {name: figures.kept(getattr(row, name) * column.times) for name in ("value", "low", "high")}
    return {**ends, "confidence": row.confidence, "n": row.n, "missing": row.missing, "method": row.method}


def _kept(value: float | None) -> float | None:
    return None if value is None else figures.kept(value)


def as_csv(table: PaperNumbers, board: Leaderboard) -> str:
    """One row a row of the table and a column of the paper's, with ours beside it; what is empty on both sides is out.

    Where the paper has no such column, `printed` and `paper` are empty.
    """
    ours = ("value", "low", "high", "confidence", "n", "missing", "method")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ("benchmark", "judge", "row", "subject", "column", "printed", "paper", "beside", "sources", "measure")
    writer.writerow((*head, *ours, "difference"))
    wanted = specs(table, board)
    for block in blocks(table, board):
        for line in block.lines:
            for cell, column, spec in zip(line.cells, table.columns, wanted, strict=True):
                numbers: Mapping[str, Any] = {} if cell.ours is None else _numbers(cell.ours, column)
                own = [*(numbers.get(name) for name in ours), _kept(difference(cell, column))]
                for name, one in zip(column.printed or (None,), cell.printed or (None,), strict=True):
                    if one is None and cell.ours is None:
                        continue
                    theirs = (None,) * 3 if one is None else (one.text, one.beside, one.sources)
                    where = (block.benchmark, block.judge, line.name, line.subject, column.heading, name)
                    cells = [*where, *theirs, spec, *own]
                    writer.writerow(["" if value is None else value for value in cells])
    return text.getvalue()
