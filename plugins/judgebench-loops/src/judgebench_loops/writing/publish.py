"""Folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from judgebench import DataError, RecordError


def publish(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of these files by way of one beside it, synced and renamed; one of the same files is replaced.

    While it is replaced a reader finds the old folder, for a moment none, or the new one: never a mixture. DataError
    where something else stands in its place, which is left alone; RecordError where it cannot be written.
    """
    target = folder.resolve()
    _check(folder, set(files))
    partial = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        for name, data in files.items():
            with (partial / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        partial.chmod(0o755)
        _put(partial, target)
    except OSError as error:
        raise RecordError(
            f"{folder} cannot be written: {error.strerror}", "make room or choose another folder"
        ) from None
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _check(folder: Path, names: set[str]) -> None:
    """Only a folder with nothing else in it than such files may go."""
    try:
        others = sorted({one.name for one in folder.iterdir()} - names)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"{folder} is no folder: {error.strerror}", "choose another folder") from None
    if others:
        raise DataError(f"{folder} holds what no dataset does: {others[0]}", "choose a folder of its own for it")


def _put(partial: Path, target: Path) -> None:
    """Rename; what stood there is set aside first, and comes back where that fails."""
    if not target.exists():
        partial.rename(target)
        return
    aside = partial.with_suffix(".old")
    target.rename(aside)
    try:
        partial.rename(target)
    except OSError:
        with suppress(OSError):
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
