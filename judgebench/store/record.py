"""The record of a run: an append-only file of lines that outlives a kill at any byte."""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from judgebench.core.errors import RecordError
from judgebench.core.item import Item
from judgebench.store.lines import AnswerLine, ItemLine, Line, VerdictLine, decode, encode

FILE = "record.jsonl"
L = TypeVar("L", AnswerLine, VerdictLine)


@dataclass(slots=True)
class Content:
    """What a record says, independent of the order of its lines."""

    items: dict[str, ItemLine] = field(default_factory=dict)
    answers: dict[tuple[str, ...], AnswerLine] = field(default_factory=dict)
    verdicts: dict[tuple[str, tuple[str, ...], str, tuple[int, ...], int], VerdictLine] = field(default_factory=dict)

    def ranked(self) -> list[Item]:
        """The items by rank: the order in which a smaller limit would have taken them."""
        return [line.item for line in sorted(self.items.values(), key=lambda line: (line.rank, line.item.id))]

    def add(self, line: Line) -> None:
        """Take in a line. Of two about one thing a final one wins, then the one with the smaller bytes."""
        match line:
            case ItemLine():
                if self.items.setdefault(line.item.id, line) != line:
                    raise RecordError(
                        f"item '{line.item.id}' stands twice in the record with different content",
                        "the benchmark's data changed: use another folder with --out",
                    )
            case AnswerLine():
                self.answers[line.key] = _stronger(self.answers.get(line.key), line)
            case VerdictLine():
                self.verdicts[line.key] = _stronger(self.verdicts.get(line.key), line)


def _stronger(old: L | None, new: L) -> L:
    if old is None:
        return new
    return min(old, new, key=lambda line: (not line.final, encode(line)))


def read(folder: Path) -> Content:
    """The content of a run folder's record, a torn last line left aside. RecordError when damaged or absent."""
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RecordError(f"{folder} holds no record", "name a folder that `judgebench run --out` wrote") from None
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}", "check the path and its permissions") from None
    return _content(data[: _sound(data)], path)


def _sound(data: bytes) -> int:
    """Length of the part that ends with a newline: what follows was torn by a kill."""
    return data.rfind(b"\n") + 1


def _content(data: bytes, path: Path) -> Content:
    content = Content()
    for number, line in enumerate(data.splitlines(), start=1):
        content.add(decode(line, f"{path}, line {number},"))
    return content


class Record:
    """A record opened for appending by this process alone; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Create or open, lock, mend a torn last line, and read. RecordError when locked or damaged."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}", "choose another folder with --out") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise RecordError(f"{folder} is being written by another process", "wait for it, or use --out") from None
        try:
            data = path.read_bytes()
            self._size = _sound(data)
            self.content = _content(data[: self._size], path)
            if self._size < len(data):
                os.ftruncate(self._file, self._size)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, lines: Iterable[Line]) -> None:
        """Write lines in one go; on failure the file is as before and RecordError is raised."""
        data = b"".join(map(encode, lines))
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
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
        os.fsync(self._file)
        os.close(self._file)
