"""Rows from files that users bring: json, jsonl, plain or gzipped, with errors that name the line."""

import codecs
import gzip
import zlib
from pathlib import Path
from typing import Any

import msgspec

from judgebench.core.errors import DataError
from judgebench.core.near_path import meant

ROWS = ".json, .jsonl and their .gz"
TABLES = ".parquet, .csv, .json, .jsonl and .gz of the last three"
"""Forms of files, as errors name them."""


def read_rows(path: str | Path) -> list[tuple[str, dict[str, Any]]]:
    """(place, object) of each row of a jsonl file or of a json array, plain or gzipped.

    The place reads `FILE, line N` or `FILE, row N`; a byte order mark is skipped. DataError when the file or a row
    cannot be read or when there is no row.
    """
    path = Path(path)
    data = _bytes(path).removeprefix(codecs.BOM_UTF8)
    if data.lstrip()[:1] == b"[":
        values = [(f"{path}, row {n}", value) for n, value in enumerate(_json(data, str(path)), start=1)]
    else:
        lines = enumerate(data.splitlines(), start=1)
        values = [(f"{path}, line {n}", _json(line, f"{path}, line {n}")) for n, line in lines if line.strip()]
    if not values:
        raise DataError(f"{path} is empty", "it should hold one JSON object a line, or a JSON array of objects")
    for where, value in values:
        if not isinstance(value, dict):
            raise DataError(f"{where} is no JSON object", "every row must be an object: {...}")
    return values


def read_columns(path: str | Path) -> dict[str, list[Any]]:
    """The columns of a table by name: parquet, csv (plain or gzipped), or whatever `read_rows` reads.

    Cells of csv are texts; where a row of objects lacks a column the cell is None. DataError when the file cannot be
    read, has no row, or has rows of different widths.
    """
    path = Path(path)
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix == ".parquet":
        columns = _parquet(path)
    elif suffix == ".csv":
        columns = _csv(path)
    else:
        stamp(path, TABLES)
        rows = [row for _, row in read_rows(path)]
        columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(key for row in rows for key in row)}
    if not any(columns.values()):
        raise DataError(f"{path} is empty", "it should hold a header and at least one row")
    return columns


def read_table_rows(path: str | Path) -> list[tuple[str, dict[str, Any]]]:
    """(place, row) of each row of a table: parquet, csv, or whatever `read_rows` reads, which alone names lines."""
    path = Path(path)
    if not {".parquet", ".csv"} & {suffix.lower() for suffix in path.suffixes}:
        return read_rows(path)
    columns = read_columns(path)
    rows = zip(*columns.values(), strict=True)
    return [(f"{path}, row {n}", dict(zip(columns, row, strict=True))) for n, row in enumerate(rows, start=1)]


def read_object(path: str | Path) -> dict[str, Any]:
    """The one object of a json file, plain or gzipped. DataError when it cannot be read or is none.

    NaN and Infinity, which JSON has not and Python writes, are read as such.
    """
    import json

    try:
        value = json.loads(_bytes(Path(path)).removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: {error}", "it should be one JSON object in UTF-8") from None
    if not isinstance(value, dict):
        raise DataError(f"{path} is no JSON object", "it should be one object: {...}")
    return value


def _parquet(path: Path) -> dict[str, list[Any]]:
    import pyarrow
    from pyarrow import parquet

    stamp(path, TABLES)
    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        why = str(error).partition("\n")[0]
        raise DataError(
            f"{path}: {why}", "it should be a whole .parquet file; .csv and .jsonl can be read too"
        ) from None
    return {name: table[name].to_pylist() for name in table.column_names}


def _csv(path: Path) -> dict[str, list[Any]]:
    import csv
    import io

    try:
        text = _bytes(path, TABLES).removeprefix(codecs.BOM_UTF8).decode()
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text", "save it as csv in UTF-8") from None
    except csv.Error as error:
        raise DataError(f"{path}: {error}", "it should be csv with commas and a header") from None
    except ValueError:  # no header
        return {}
    if len(set(header)) < len(header):
        raise DataError(f"{path} names a column twice", "its columns: " + ", ".join(header))
    rows = [row for row in rows if row]  # a blank line is none
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise DataError(f"{path}, row {number} has {len(row)} cells, the header {len(header)}", "check its commas")
    return {name: [row[k] for row in rows] for k, name in enumerate(header)}


def stamp(path: str | Path, forms: str = ROWS) -> tuple[int, int]:
    """Size in bytes and time of change in ns, by which a cache tells that a file is another. DataError without one."""
    try:
        state = Path(path).stat()
    except OSError as error:
        raise _unreadable(path, error, forms) from None
    return state.st_size, state.st_mtime_ns


def _bytes(path: Path, forms: str = ROWS) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: {error}", "it begins as gzip does: it should be a whole file, or plain text"
        ) from None
    except OSError as error:
        raise _unreadable(path, error, forms) from None


def _unreadable(path: str | Path, error: OSError, forms: str) -> DataError:
    return DataError(f"{path}: {error.strerror or error}", meant(path, f"check the path; {forms} can be read"))


def _json(data: bytes, where: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{where}: {error}", "it should be JSON in UTF-8") from None
