"""The completion cache: what was paid for, by a digest of everything that was asked. Disposable."""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from judgebench.core.errors import RecordError
from judgebench.core.request import Completion
from judgebench.store.digest import digest

_decoder = msgspec.json.Decoder(Completion)
_encoder = msgspec.json.Encoder()


def default_path() -> Path:
    """`$JUDGEBENCH_CACHE` or the user's cache folder, and there completions.sqlite."""
    if folder := os.environ.get("JUDGEBENCH_CACHE"):
        return Path(folder) / "completions.sqlite"
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "judgebench" / "completions.sqlite"


class Cache:
    """Completions in SQLite with a write-ahead log: several processes may read and write at once.

    `get` runs on the event loop (one look-up by primary key), `put` in the thread of a GroupCommit:
    each has a connection of its own. Only completions are stored; a failed call leaves no trace.
    """

    def __init__(self, path: Path) -> None:
        """Open or create. RecordError when the file is no cache or cannot be written."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            self._writer.execute(
                "create table if not exists completions (key blob primary key, value blob not null) without rowid"
            )
            self._reader = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")
        return connection

    @staticmethod
    def key(*parts: Any) -> bytes:
        """The key of a request: a digest of the model's identity, the request, and what tells repeats apart."""
        return digest(parts)

    def get(self, key: bytes) -> Completion | None:
        """The stored completion, or None."""
        try:
            row = self._reader.execute("select value from completions where key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise _unusable(self.path, error) from None
        return None if row is None else _decoder.decode(row[0])

    def put(self, entries: Iterable[tuple[bytes, Completion]]) -> None:
        """Store completions in one transaction; of two processes that bought the same, the first stays."""
        rows = [(key, _encoder.encode(completion)) for key, completion in entries]
        try:
            self._writer.execute("begin immediate")
            self._writer.executemany("insert or ignore into completions values (?, ?)", rows)
            self._writer.execute("commit")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("rollback")
            raise _unusable(self.path, error) from None

    def close(self) -> None:
        """Close both connections."""
        self._reader.close()
        self._writer.close()


def _unusable(path: Path, error: Exception) -> RecordError:
    return RecordError(
        f"the completion cache {path} cannot be used: {error}",
        "make room or delete the file, or set JUDGEBENCH_CACHE to another folder",
    )
