"""Folders of training rows: jsonl and parquet, and a card that says what they are and what was left out."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import DataError
from judgebench_loops.writing.card import card
from judgebench_loops.writing.publish import publish
from judgebench_loops.writing.rows import Row, as_json

ROWS = "train.jsonl"
GROUP = 1000
"""Rows of a group in the parquet file; a column of one group can hold 2 GiB of text."""


def write(
    folder: Path, rows: Sequence[Row], *, title: str, facts: Mapping[str, str], dropped: Mapping[str, int]
) -> Path:
    """Publish a dataset: `train.jsonl`, `train.parquet` with the same rows and types, and the card `README.md`.

    All of it or nothing: see `publish`. The same arguments give the same bytes (the parquet file: with the same version
    of pyarrow). `title` names the stage or what it made; `facts` are models, options, seeds, digests of what went
    before; `dropped` says for each reason how many things did not become a row. Returns the folder.

    DataError without rows, whose hint says what was dropped; also for rows of two kinds, two rows with one id, and a
    row that `as_json` refuses. Then nothing is written.
    """
    if not rows:
        raise DataError(f"{title}: there are no rows", f"dropped: {reasons(dropped)}" if dropped else NOTHING)
    kinds = {type(row): row for row in rows}
    if len(kinds) > 1:
        raise DataError(
            f"{title}: rows of {len(kinds)} kinds: {', '.join(sorted(kind.__name__ for kind in kinds))}",
            "write a folder for each kind",
        )
    held = [as_json(row) for row in rows]
    name, count = Counter(row["id"] for row in held).most_common(1)[0]
    if count > 1:
        raise DataError(f"{title}: {count} rows have the id '{name}'", "give each row an id of its own")
    lines = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in held).encode()
    text = card(
        next(iter(kinds)),
        len(held),
        list(held[0]),
        hashlib.sha256(lines).hexdigest(),
        title=title,
        facts=facts,
        dropped=dropped,
    )
    publish(folder, {ROWS: lines, "train.parquet": _parquet(held), "README.md": text.encode()})
    return folder


NOTHING = "nothing was dropped, so nothing was given to it: look at the stage before"


def reasons(dropped: Mapping[str, int]) -> str:
    """What was dropped, in one line: `12 equal scores, 3 fewer than two scored`."""
    return ", ".join(f"{count:,} {reason}" for reason, count in dropped.items())


def read(folder: Path) -> list[dict[str, Any]]:
    """The rows of a dataset as `as_json` gives them. DataError where they cannot be read."""
    found = []
    for number, line in enumerate(_lines(folder).split(b"\n"), start=1):
        if line:
            try:
                found.append(json.loads(line))
            except ValueError as error:
                raise DataError(f"{folder / ROWS}, line {number}: {error}", "write the dataset again") from None
    return found


def digest(folder: Path) -> str:
    """sha256 of the rows' file, hexadecimal. DataError where there is none."""
    return hashlib.sha256(_lines(folder)).hexdigest()


def _lines(folder: Path) -> bytes:
    try:
        return (folder / ROWS).read_bytes()
    except OSError as error:
        raise DataError(f"{folder / ROWS}: {error.strerror}", "it should be a folder that a loop wrote") from None


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    message = pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.string())])
    types = {"id": pyarrow.string(), "lineage": pyarrow.string(), "probability": pyarrow.float64()}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.list_(message))) for name in rows[0]])
    file = io.BytesIO()
    with parquet.ParquetWriter(file, schema) as writer:
        for start in range(0, len(rows), GROUP):
            writer.write_table(pyarrow.Table.from_pylist(rows[start : start + GROUP], schema))
    return file.getvalue()
