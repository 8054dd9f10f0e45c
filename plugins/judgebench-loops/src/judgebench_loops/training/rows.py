"""Rows of a training: read from a folder or a file, the columns that the method takes and no other."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import DataError

LINES, TABLE = "train.jsonl", "train.parquet"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sft": ("prompt", "completion"),
    "dpo": ("prompt", "chosen", "rejected"),
    "reward": ("prompt", "chosen", "rejected"),
    "rloo": ("prompt",),
    "grpo": ("prompt",),
}
"""Columns of messages. Others are left aside, so that none means something to a trainer by accident."""
SOFT = "probability"
"""Of a reward model's row: how likely `chosen` is the better one, 0 to 1; a row without it says 1."""


def located(data: Path) -> Path:
    """The file of rows that a folder holds, or the file itself: `train.jsonl` first. DataError where there is none."""
    for path in (data, data / LINES, data / TABLE):
        if path.is_file():
            return path
    raise DataError(f"{data} holds no rows", f"a folder with {LINES} or {TABLE} is needed, or such a file")


def read(data: Path, method: str) -> list[dict[str, Any]]:
    """The rows of a method, in the order of their file.

    DataError that names the row for a column that is missing, is no list of messages, or is no probability.
    """
    path = located(data)
    rows = [_row(f"{path}, row {number}", row, method) for number, row in enumerate(_rows(path), start=1)]
    if not rows:
        raise DataError(f"{path} holds no rows", "what was dropped before, and why?")
    return rows


def _rows(path: Path) -> Iterator[Any]:
    try:
        if path.suffix == ".parquet":
            from pyarrow import parquet

            yield from parquet.read_table(path).to_pylist()
            return
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError as error:
                        raise DataError(f"{path}, line {number}: {error}", "each line is a JSON object") from None
    except (OSError, ValueError) as error:  # pyarrow's own are of both kinds
        raise DataError(f"{path}: {error}", "write the rows again") from None


def _row(where: str, row: Any, method: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise DataError(f"{where} is no object", "each line is a JSON object")
    found: dict[str, Any] = {name: _messages(where, name, row.get(name)) for name in COLUMNS[method]}
    if method == "reward":
        given = row.get(SOFT)
        value = 1.0 if given is None else given
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1 or math.isnan(value):
            raise DataError(f"{where}: its {SOFT} is {value!r}", "a number from 0 to 1")
        found[SOFT] = float(value)
    return found


def _messages(where: str, name: str, value: Any) -> list[dict[str, str]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value or not all(map(_is_message, value)):
        raise DataError(f"{where}: '{name}' is no list of messages", 'as [{"role": "user", "content": "..."}]')
    return [{"role": one["role"], "content": one["content"]} for one in value]


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role"), str) and isinstance(value.get("content"), str)
