"""Files that appear whole or not at all."""

import os
import tempfile
from pathlib import Path

from judgebench.core.errors import RecordError


def publish(path: Path, text: str) -> None:
    """Write a UTF-8 file by way of a temporary one beside it, synced and renamed. RecordError on failure."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8", newline="\n") as file:
            temporary = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise RecordError(f"{path} cannot be written: {error.strerror}", "make room or choose another folder") from None
