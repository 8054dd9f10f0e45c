"""The record of a run: an append-only file of lines that outlives a kill at any byte."""

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from judgebench.core.errors import RecordError
from judgebench.store.lines import (
    START,
    AnswerLine,
    ItemLine,
    Line,
    ReferenceLine,
    TrialName,
    VerdictLine,
    decode,
    encode,
)

FILE = "record.jsonl"
L = TypeVar("L", AnswerLine, VerdictLine)
F = TypeVar("F", ItemLine, ReferenceLine)


@dataclass(slots=True)
class Content:
    """What a record says, independent of the order of its lines."""

    items: dict[str, ItemLine] = field(default_factory=dict)
    reference: dict[str, ReferenceLine] = field(default_factory=dict)
    answers: dict[tuple[str, ...], AnswerLine] = field(default_factory=dict)
    verdicts: dict[TrialName, VerdictLine] = field(default_factory=dict)

    def add(self, line: Line) -> bool:
        """Take in a line. Of two about one thing a final one wins, then the one with the smaller bytes.

        False when it changes nothing.
        """
        match line:
            case ItemLine():
                return _once(self.items, line.item.id, line, f"item '{line.item.id}'")
            case ReferenceLine():
                return _once(self.reference, line.name, line, f"the benchmark's '{line.name}'")
            case AnswerLine():
                return _stronger(self.answers, line)
            case VerdictLine():
                return _stronger(self.verdicts, line)


def _once(lines: dict[str, F], key: str, new: F, what: str) -> bool:
    old = lines.setdefault(key, new)
    if old is new:
        return True
    if old != new and encode(old) != encode(new):
        raise RecordError(
            f"{what} stands twice in the record with different content",
            "the benchmark's data changed: use another folder with --out",
        )
    return False


def _stronger(lines: dict[Any, L], new: L) -> bool:
    old = lines.get(new.key)
    if old is None or (old != new and _strength(new) < _strength(old)):
        lines[new.key] = new
        return True
    return False


def _strength(line: AnswerLine | VerdictLine) -> tuple[bool, bytes]:
    return (not line.final, encode(line))


def read(folder: Path) -> Content:
    """The content of a run folder's record, a torn last line left aside. RecordError when damaged or absent."""
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RecordError(f"{folder} holds no record", "name a folder that `judgebench run --out` wrote") from None
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}", "check the path and its permissions") from None
    return _content(data[: _sound(data, path)], path)


def _sound(data: bytes, path: Path) -> int:
    """Length of the part that ends with a newline: what follows was torn by a kill. RecordError when it is no line."""
    size = data.rfind(b"\n") + 1
    torn = data[size:]
    if not torn.startswith(START[: len(torn)]):
        number = data.count(b"\n") + 1
        raise RecordError(f"{path}, line {number}, is no line of a record", "use another folder with --out")
    return size


def _content(data: bytes, path: Path) -> Content:
    content = Content()
    for number, line in enumerate(data.splitlines(), start=1):
        content.add(decode(line, f"{path}, line {number},"))
    return content


def _unusable(path: Path | str, error: OSError) -> RecordError:
    return RecordError(f"{path}: {error.strerror}", "choose another folder with --out")


class Record:
    """A record opened for appending by this process alone; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Create or open, lock, mend a torn last line, and read. RecordError when locked or damaged."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _unusable(error.filename or path, error) from None
        try:
            self._begin(path)
        except BlockingIOError:
            os.close(self._file)
            raise RecordError(f"{folder} is being written by another process", "wait for it, or use --out") from None
        except OSError as error:
            os.close(self._file)
            raise _unusable(path, error) from None
        except BaseException:
            os.close(self._file)
            raise

    def _begin(self, path: Path) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = path.read_bytes()
        self._size = _sound(data, path)
        self.content = _content(data[: self._size], path)
        if self._size < len(data):
            os.ftruncate(self._file, self._size)

    def append(self, lines: Iterable[Line]) -> None:
        """Write lines in one go. RecordError on failure: of the system, and the file is as before; of one
        line that cannot be written, and the others are."""
        data, refused = [], None
        for line in lines:
            try:
                data.append(encode(line))
            except RecordError as error:
                refused = refused or error
        self._write(b"".join(data))
        if refused is not None:
            raise refused

    def extend(self, lines: Iterable[Line]) -> None:
        """Take in and write the lines that are not there yet. RecordError when one contradicts what is there."""
        new = [line for line in lines if self.content.add(line)]
        self.append(new)

    def _write(self, data: bytes) -> None:
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise RecordError(
                f"the record cannot be written: {error.strerror}",
                "make room, then run the same command again: what is recorded is kept",
            ) from None
        self._size += len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.fsync(self._file)
        except OSError as failure:
            if error is None:
                raise RecordError(f"the record cannot be synced: {failure.strerror}", "check the disk") from None
        finally:
            os.close(self._file)
