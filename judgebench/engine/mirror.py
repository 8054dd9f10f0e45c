"""A local mirror of the hub: its files, and what was recorded of each when it was fetched."""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from judgebench.core.errors import DataError, RecordError
from judgebench.plugin.hub import mirrored, sha256
from judgebench.store.atomic import publish

FILE = "judgebench-data.json"
LOCK = ".judgebench-data.lock"
State = Literal["present", "unrecorded", "changed", "absent"]
"""As it was fetched; there, but not fetched by judgebench; other bytes than were fetched; not there."""
ROOM = "make room, or check the folder's permissions; what is fetched already stays"


class Fetched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file was when it was fetched: the hub's revision, the sha256 of its bytes, their number."""

    revision: str
    sha256: str
    bytes: int


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: dict[str, Fetched]
    schema: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A file of a mirror that is not as it was fetched."""

    file: str
    state: State


def recorded(mirror: Path) -> dict[str, Fetched]:
    """What was recorded of each file, OWNER/NAME/FILE; nothing where nothing was. DataError when it is damaged."""
    path = mirror / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Known).files
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", "check the path and its permissions") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged: {error}", "restore it, or remove it and fetch anew") from None


def state(mirror: Path, file: str, known: Mapping[str, Fetched]) -> State:
    """How a file is, by its bytes. DataError when it cannot be read."""
    path = mirrored(mirror, file)
    if path is None:
        return "absent"
    if file not in known:
        return "unrecorded"
    was = known[file]
    same = path.stat().st_size == was.bytes and sha256(path) == was.sha256
    return "present" if same else "changed"


def differences(mirror: Path) -> tuple[int, list[Difference]]:
    """How many recorded files are as they were fetched, and what else is not: changed, absent, unrecorded.

    Hidden files, and files outside OWNER/NAME/, are nobody's data. DataError where nothing was recorded.
    """
    known = recorded(mirror)
    if not known:
        raise DataError(
            f"{mirror} holds no {FILE}: nothing was fetched into it", "`judgebench data fetch BENCHMARK` makes a mirror"
        )
    states = {file: state(mirror, file, known) for file in sorted(known)}
    found = [Difference(file, what) for file, what in states.items() if what != "present"]
    read = {mirrored(mirror, file) for file in known}
    found += [Difference(name, "unrecorded") for name, path in _data(mirror) if path not in read]
    return sum(what == "present" for what in states.values()), found


def _data(mirror: Path) -> Iterator[tuple[str, Path]]:
    """Every file that a benchmark could read, by its place in the mirror."""
    for folder, folders, names in os.walk(mirror):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(folder).relative_to(mirror)
        depth = len(place.parts) - (place.parts[:1] == ("datasets",))
        if depth >= 2:
            visible = sorted(name for name in names if not name.startswith("."))
            yield from (((place / name).as_posix(), Path(folder) / name) for name in visible)


@contextmanager
def held(mirror: Path) -> Iterator[None]:
    """The mirror, made where it is not there, for this process alone. DataError when another one writes into it."""
    try:
        mirror.mkdir(parents=True, exist_ok=True)
        lock = os.open(mirror / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataError(f"{mirror} cannot be written: {error.strerror}", ROOM) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataError(f"{mirror} is locked by another process that fetches", "wait for it to end") from None
        yield
    finally:
        os.close(lock)


def place(mirror: Path, file: str, source: Path, revision: str, known: dict[str, Fetched]) -> Fetched:
    """Copy a fetched file into the mirror, whole or not at all, and record it.

    The record is written first: a kill between the two leaves a file that is known to be missing, or changed, and is
    fetched again. DataError for a file of the user's own in its place, and when it cannot be written.
    """
    target = mirrored(mirror, file) or mirror / file
    beside = target.with_name(f".{target.name}.part")  # always the same: what a kill leaves is written over
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as read, beside.open("wb") as written:
            digest = hashlib.sha256()
            while block := read.read(1 << 20):
                digest.update(block)
                written.write(block)
            size = written.tell()
            written.flush()
            os.fsync(written.fileno())
        now = Fetched(revision, digest.hexdigest(), size)
        _check(mirror, file, now, known)
        known[file] = now
        _save(mirror, known)
        beside.replace(target)
    except OSError as error:
        raise DataError(f"{target} cannot be written: {error.strerror}", ROOM) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return now


def _check(mirror: Path, file: str, now: Fetched, known: Mapping[str, Fetched]) -> None:
    """Nothing of the user's own is written over, and one revision has one content."""
    path, was = mirrored(mirror, file), known.get(file)
    if path is not None and was is None and sha256(path) != now.sha256:
        raise DataError(
            f"{path} is there, was not fetched, and is not the hub's", "move it away to have the hub's in its place"
        )
    if was is not None and was.revision == now.revision and was.sha256 != now.sha256:
        raise DataError(
            f"{file} at revision {now.revision} is not what was recorded of it at the first fetch",
            "the hub's cache (HF_HOME) may be damaged: remove this dataset from it, and fetch again",
        )


def _save(mirror: Path, known: Mapping[str, Fetched]) -> None:
    text = msgspec.json.format(msgspec.json.encode(_Known(dict(sorted(known.items())))), indent=2).decode() + "\n"
    try:
        publish(mirror / FILE, text)
    except RecordError as error:
        raise DataError(error.message, ROOM) from None
