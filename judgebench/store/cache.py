"""The completion cache: what was paid for, by a digest of everything that was asked. Disposable."""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from judgebench.core.errors import RecordError
from judgebench.core.request import Completion
from judgebench.store.digest import digest
from judgebench.store.readable import readable

_decoder = msgspec.json.Decoder(Completion, strict=False)
_TRIES, _PAUSE = 1200, 0.05
"""How often, and after how many seconds, opening is tried again: SQLite does not wait for a change of the journal."""


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
            with ExitStack() as opened:
                self._writer = opened.enter_context(closing(self._connect()))
                self._writer.execute(
                    "create table if not exists completions (key blob primary key, value blob not null) without rowid"
                )
                self._reader = opened.enter_context(closing(self._connect()))
                self.get(b"")
                self._opened = opened.pop_all()
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from None

    def _connect(self) -> sqlite3.Connection:
        with ExitStack() as opened:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            opened.enter_context(closing(connection))
            for tries in range(1, _TRIES + 1):
                try:
                    connection.execute("pragma journal_mode=wal")
                    break
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or tries == _TRIES:
                        raise
                    time.sleep(_PAUSE)
            connection.execute("pragma synchronous=normal")
            opened.pop_all()
        return connection

    @staticmethod
    def key(*parts: Any) -> bytes:
        """The key of a request: a digest of the model's identity, the request, and what tells repeats apart."""
        return digest(parts)

    def get(self, key: bytes) -> Completion | None:
        """The stored completion, or None."""
        try:
            row = self._reader.execute("select value from completions where key = ?", (key,)).fetchone()
            return None if row is None else _decoder.decode(row[0])
        except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _unusable(self.path, error) from None

    def put(self, entries: Iterable[tuple[bytes, Completion]]) -> None:
        """Store completions in one transaction; of two processes that bought the same, the first stays.

        RecordError when nothing could be stored, or after all but a completion that could not be read back.
        """
        rows, refused = [], None
        for key, completion in entries:
            try:
                rows.append((key, readable(completion, _decoder)))
            except (TypeError, msgspec.ValidationError) as error:
                refused = RecordError(f"a completion cannot be stored: {error}", "its backend gave a wrong type")
        try:
            self._writer.execute("begin immediate")
            self._writer.executemany("insert or ignore into completions values (?, ?)", rows)
            self._writer.execute("commit")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._writer.rollback()
            raise _unusable(self.path, error) from None
        if refused is not None:
            raise refused

    def close(self) -> None:
        """Close both connections."""
        self._opened.close()


def _unusable(path: Path, error: Exception) -> RecordError:
    return RecordError(
        f"the completion cache {path} cannot be used: {error}",
        "make room or delete the file, or set JUDGEBENCH_CACHE to another folder",
    )
