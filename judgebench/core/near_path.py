"""The path that a user may have meant by one that is not there."""

import difflib
import os
from pathlib import Path


def near_path(path: str | Path) -> Path | None:
    """The path with each part that is not there replaced by its nearest neighbour; None where one has none.

    Hidden files are not looked at. Reads folders, opens no file.
    """
    wanted = Path(os.path.expanduser(path))
    found = Path(wanted.anchor)
    for part in wanted.parts[1:] if wanted.anchor else wanted.parts:
        if not os.path.exists(found / part):
            try:
                there = sorted(one.name for one in found.iterdir() if not one.name.startswith("."))
            except (OSError, ValueError):  # of a name that no file can have
                return None
            close = difflib.get_close_matches(part, there, n=1, cutoff=0.7) or [
                one for one in there if Path(one).stem == part
            ]
            if not close:
                return None
            part = close[0]  # noqa: PLW2901
        found /= part
    return None if found == wanted else found


def meant(path: str | Path, otherwise: str) -> str:
    """The hint about a path that is not there: the nearest that is, else what stands in its place."""
    near = None if os.path.exists(os.path.expanduser(path)) else near_path(path)
    return otherwise if near is None else f"did you mean '{near}'?"
