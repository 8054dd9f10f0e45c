"""Digests of large files, computed once and trusted by path, size and time of change, and where they are kept."""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

BLOCK = 1 << 20
SLOW = 200 << 20
"""Bytes from which hashing a file is worth a line of progress."""


def cache_folder() -> Path:
    """$JUDGEBENCH_CACHE, else judgebench/ in $XDG_CACHE_HOME, else in ~/.cache."""
    if chosen := os.environ.get("JUDGEBENCH_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "judgebench"


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def file_digest(path: Path, say: Callable[[str], None] = _to_stderr) -> str:
    """sha256 of a file's content; read from the cache while the file, its size and its mtime are the same.

    `say` is told when a large file is hashed. OSError when it cannot be read.
    """
    note = _note(path)  # of the file as it is before it is read: what changes meanwhile is another state
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(note.read_text())["sha256"])
    if path.stat().st_size >= SLOW:
        say(f"hashing {path.parent.name}/{path.name} (once)")
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            seen.update(block)
    if _note(path) != note:
        return file_digest(path, say)
    remember_digest(path, seen.hexdigest())
    return seen.hexdigest()


def remember_digest(path: Path, sha256: str) -> None:
    """Note the digest of a file as it is now; a cache that cannot be written only costs time later."""
    note = _note(path)
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        draft = note.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"path": str(path.resolve()), "sha256": sha256}))
        draft.replace(note)


def _note(path: Path) -> Path:
    """Where the digest of this state of a file is noted: another file, size or time is another note."""
    status = path.stat()
    key = f"{path.resolve()}\0{status.st_ino}\0{status.st_size}\0{status.st_mtime_ns}"
    return cache_folder() / "digests" / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".json")
