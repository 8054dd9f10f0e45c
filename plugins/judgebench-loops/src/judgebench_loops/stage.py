"""A stage of a loop: made once, passed over while nothing changes that it is made from, made anew when something does.

A stage's folder holds its files and, written last, `stage.json`: the digest of what it was made from, the digest of
what it made, and what it dropped. A kill at any time leaves a folder without it, or with the old one; the next run goes
on from there. What models were asked meanwhile lies in the loop's cache of completions and is not paid for again.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from judgebench import DataError, RecordError
from judgebench_loops.whole import publish

MARK, BEGUN = "stage.json", "begun"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage made: how many rows or checkpoints, what was dropped for which reason, and facts for its readers.

    `made` is the digest of what later stages read; `came_from` the digest of all that it was made from.
    """

    made: str
    rows: int
    unit: str = "rows"
    dropped: dict[str, int] = {}
    facts: dict[str, Any] = {}
    came_from: str = ""


@dataclass(frozen=True)
class Stage:
    """A step of a loop by its name (`iteration-1/pairs`), which is also its folder's.

    `inputs` is everything beside earlier stages that its result depends on, as JSON; `files` those of the user's that
    it reads; `after` the stages whose results it reads. `work` is given the folder, and makes the result there.
    """

    name: str
    work: Callable[[Path], Done]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    after: tuple[str, ...] = ()

    def digest(self, made: Mapping[str, Done]) -> str:
        """What it is made from, as one digest. DataError for a file that cannot be read."""
        return digest_of(
            [
                self.name,
                self.inputs,
                {str(number): file_digest(path) for number, path in enumerate(self.files)},
                {name: made[name].made for name in self.after},
            ]
        )


def digest_of(value: Any) -> str:
    """sha256 of a value as JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def file_digest(path: Path) -> str:
    """sha256 of a file. DataError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", "the loop's configuration names this file") from None


def finished(folder: Path) -> Done | None:
    """What a stage's folder says of itself; None where it is not there or was not finished."""
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=Done)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise RecordError(f"{folder / MARK} cannot be read: {error}", "delete it: the stage is made again") from None


def carried_out(stage: Stage, root: Path, made: Mapping[str, Done], *, again: bool = False) -> tuple[Done, bool]:
    """Make a stage where it is not made, or made from something else; and whether it was made now.

    A folder that was begun for the same is gone on with; what was made from something else is taken away first.
    `again`: make it anew in any case.
    """
    folder, wanted = root / stage.name, stage.digest(made)
    there = finished(folder)
    if there is not None and there.came_from == wanted and not again:
        return there, False
    begun = folder / BEGUN
    if there is None and not begun.exists() and folder.exists() and any(map(_foreign, folder.iterdir())):
        raise RecordError(f"{folder} is there and is no stage of a loop", "name another folder as `out`")
    if there is not None or (begun.exists() and (again or begun.read_text() != wanted)):
        _emptied(folder)
    _folder(folder)
    publish(begun, wanted)
    done = msgspec.structs.replace(stage.work(folder), came_from=wanted)
    publish(folder / MARK, msgspec.json.format(msgspec.json.encode(done), indent=2).decode() + "\n")
    begun.unlink()
    return done, True


def _foreign(path: Path) -> bool:
    """Whether a file is none that a kill leaves of a stage's first one, while that is written."""
    return not path.name.startswith(f".{BEGUN}.")


def _emptied(folder: Path) -> None:
    """Take away what a stage made. A kill amid it leaves a stage that was begun, and is emptied by the next run."""
    publish(folder / BEGUN, "")
    (folder / MARK).unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != BEGUN:
            path.unlink()


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{path} cannot be made: {error.strerror}", "make room; the same command goes on") from None


def write_rows(path: Path, rows: "list[dict[str, Any]]") -> str:
    """Write rows as jsonl, whole or not at all, and return their digest."""
    text = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    publish(path, text)
    return hashlib.sha256(text.encode()).hexdigest()


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that a stage wrote."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
