"""Files that appear whole or not at all."""

import os
from pathlib import Path

from judgebench import RecordError


def publish(path: Path, text: str) -> None:
    """Write a file, whole or not at all. RecordError for a disk that takes it not."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RecordError(
            f"{path} cannot be written: {error.strerror}", "make room; the same command goes on"
        ) from None
