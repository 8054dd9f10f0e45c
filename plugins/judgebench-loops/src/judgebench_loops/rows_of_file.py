"""Rows of the user's jsonl files, each with its place for error messages."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from judgebench import DataError
from judgebench_loops.stage import file_digest


def json_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(place, row) of each line that is not blank. DataError for a file or a line that cannot be read, or no row."""
    file_digest(path)  # the error of a file that is not there
    found = False
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            try:
                row = msgspec.json.decode(line)  # refuses halves of surrogates, which no UTF-8 holds
            except (msgspec.DecodeError, ValueError) as error:
                raise DataError(f"{where}: {error}", "each line is a JSON object") from None
            if not isinstance(row, Mapping):
                raise DataError(f"{where} is no JSON object", "each line is a JSON object")
            found = True
            yield where, row
    if not found:
        raise DataError(f"{path} is empty", "each line is a JSON object")
