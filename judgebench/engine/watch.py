"""Watching a folder: which checkpoints are complete, and whether any is new. Looks at the disk, and at no clock."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judgebench.core.errors import ConfigError
from judgebench.engine.checkpoints import matches, patterns
from judgebench.engine.spec import RunSpec


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the patterns of a run: when each matching path last changed (seconds since the epoch), by pattern."""

    changed: Mapping[str, Mapping[str, float]]

    def only(self, paths: Collection[str]) -> "Seen":
        """The same of some paths alone."""
        return Seen({p: {path: at for path, at in of.items() if path in paths} for p, of in self.changed.items()})

    @property
    def complete(self) -> bool:
        """Has every pattern a path."""
        return all(self.changed.values())

    @property
    def paths(self) -> dict[str, float]:
        """All paths, with the time of their last change."""
        return {path: at for of in self.changed.values() for path, at in of.items()}

    def adds_to(self, other: "Seen") -> bool:
        """Is there a path that the other look had not, or that has changed since."""
        before = other.paths
        return any(before.get(path) != at for path, at in self.paths.items())


NOTHING = Seen({})


@dataclass(slots=True)
class Patience:
    """Tells which paths are written to the end: nothing in them has changed for `settle` seconds.

    By the clock of the files, or, where that is ahead of ours, by what was seen at earlier looks.
    """

    settle: float
    first_seen: dict[tuple[str, float], float] = field(default_factory=dict)

    def settled(self, there: Seen, now: float, monotonic: float) -> Seen:
        """The complete paths of a look that is made now."""
        states = there.paths.items()
        self.first_seen = {state: self.first_seen.get(state, monotonic) for state in states}
        since = {path: max(now - at, monotonic - self.first_seen[path, at]) for path, at in states}
        return there.only({path for path, seconds in since.items() if seconds >= self.settle})


def look(spec: RunSpec) -> Seen:
    """What is there now. A path without a single file is not there yet."""
    changed = {p: {path: _changed(Path(path)) for path in matches(p)} for p in patterns(spec)}
    return Seen({p: {path: at for path, at in of.items() if at is not None} for p, of in changed.items()})


def check(spec: RunSpec, folder: Path) -> None:
    """ConfigError where no pattern of the run looks into the folder that is to be watched."""
    mine = folder.expanduser().absolute()
    for pattern in patterns(spec):
        parts = Path(pattern).expanduser().absolute().parts
        fixed = parts[: next(number for number, part in enumerate(parts) if "*" in part)]
        if Path(*fixed).is_relative_to(mine) or mine.is_relative_to(Path(*fixed)):
            return
    raise ConfigError(
        f"no policy and no judge is a pattern in {folder}: nothing would be judged",
        f"name the checkpoints by a pattern, such as --policy 'hf:{folder}/checkpoint-*'",
    )


def _changed(path: Path) -> float | None:
    """When a file, or any file in a folder, last changed; None where there is no file.

    The time of the change of its entry counts too: a copy that keeps times is as new as it is.
    """
    files = [Path(root) / name for root, _, names in os.walk(path) for name in names] if path.is_dir() else [path]
    times = []
    for file in files:
        try:
            status = file.stat()
        except OSError:  # renamed or deleted meanwhile, a link to itself, not ours to read: no file that counts
            continue
        times.append(max(status.st_mtime, status.st_ctime))
    return max(times, default=None)
