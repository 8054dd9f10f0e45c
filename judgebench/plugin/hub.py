"""Files of datasets on the Hugging Face hub, or of a local mirror in the hub's own layout."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from judgebench.core.errors import DataError

PATIENCE = 10.0
"""Seconds until a hub that does not answer counts as unreachable."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file that is there, and where it comes from: repository, the revision that the hub resolved, sha256."""

    path: Path
    source: str


def hub_file(repo: str, name: str, *, data_dir: str | None = None, revision: str | None = None) -> HubFile:
    """Find a dataset's file: in the mirror where one is given, else on the hub (in its cache, once fetched).

    A mirror holds OWNER/NAME/FILE, alone or under datasets/; `data_dir` names it, else the variable JUDGEBENCH_DATA.
    One that lacks the file is a DataError: nothing is fetched behind the user's back.
    """
    mirror = data_dir or os.environ.get("JUDGEBENCH_DATA")
    if mirror:
        return _mirrored(Path(mirror), repo, name)
    return _fetched(repo, name, revision)


def _mirrored(mirror: Path, repo: str, name: str) -> HubFile:
    for path in (mirror / repo / name, mirror / "datasets" / repo / name):
        if path.is_file():
            return HubFile(path, f"{repo} (mirror) sha256:{_sha256(path)}")
    raise DataError(
        f"{mirror / repo / name} is not there",
        "a mirror is laid out as the hub, OWNER/NAME/FILE; leave --data-dir and JUDGEBENCH_DATA out to ask the hub",
    )


def _fetched(repo: str, name: str, revision: str | None) -> HubFile:
    from huggingface_hub import hf_hub_download

    try:
        path = Path(hf_hub_download(repo, name, repo_type="dataset", revision=revision, etag_timeout=PATIENCE))
    except Exception as error:  # the library raises what it likes
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"{repo}/{name} could not be fetched: {why}", "check the network, or give a mirror of the hub by --data-dir"
        ) from None
    return HubFile(path, f"{repo}@{_resolved(path)} sha256:{_sha256(path)}")


def _resolved(path: Path) -> str:
    """The revision in a path of the hub's cache: .../snapshots/REVISION/FILE."""
    parts = path.parts
    return parts[len(parts) - 1 - parts[::-1].index("snapshots") + 1] if "snapshots" in parts else "unknown"


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", "check the path and its permissions") from None
