"""The files that an import names: paths, and hub:OWNER/NAME/FILE for those of a dataset on the hub."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.near_path import meant
from judgebench.plugin.hub import hub_file

HUB = "hub:"


@dataclass(frozen=True, slots=True)
class Located:
    """A file that is there, and where it comes from: its digest, for one of the hub with repository and revision."""

    path: Path
    source: str


def located(files: Iterable[Path], data_dir: str | None = None) -> list[Located]:
    """Each file, those of the hub from a mirror where one is given. DataError for one that cannot be had."""
    return [_one(file, data_dir) for file in files]


def _one(file: Path, data_dir: str | None) -> Located:
    name = str(file)
    if not name.startswith(HUB):
        try:
            return Located(file, f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}")
        except OSError as error:
            raise DataError(f"{file}: {error.strerror}", meant(file, "check the path and its permissions")) from None
    owner, _, rest = name.removeprefix(HUB).partition("/")
    dataset, _, inside = rest.partition("/")
    if not (owner and dataset and inside) or ".." in inside.split("/"):
        raise ConfigError(f"'{name}' names no file of the hub", "the form is hub:OWNER/NAME/FILE")
    found = hub_file(f"{owner}/{dataset}", inside, data_dir=data_dir)
    return Located(found.path, found.source)


def sources(files: Sequence[Located]) -> dict[str, tuple[str, ...]]:
    """Where each file comes from, by its name; several may share one."""
    found: dict[str, set[str]] = {}
    for file in files:
        found.setdefault(file.path.name, set()).add(file.source)
    return {name: tuple(sorted(texts)) for name, texts in found.items()}
