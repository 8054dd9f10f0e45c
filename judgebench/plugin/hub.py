"""Files of datasets on the Hugging Face hub, or of a local mirror in the hub's own layout."""

import errno
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from judgebench.core.errors import ConfigError, DataError

PATIENCE = 10.0
"""Seconds until a hub that does not answer counts as unreachable."""
MIRROR = "JUDGEBENCH_DATA"
"""The environment variable that names a mirror where no option does."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a dataset on the hub that a benchmark needs: a declaration, which opens nothing.

    `licence` is the dataset's own word; `size` is in bytes, as the hub showed it when this was written (three digits),
    so near enough to plan by; None: not known. `note` says what the file holds. `revision` is asked for where a user
    names none. ConfigError for a name that leaves the dataset's folder.
    """

    repo: str
    name: str
    licence: str | None = None
    size: int | None = None
    note: str = ""
    revision: str | None = None

    def __post_init__(self) -> None:
        if {"", ".", ".."} & set(self.path.split("/")) or self.repo.count("/") != 1 or "\\" in self.path:
            raise ConfigError(f"'{self.path}' is no file of a dataset", "the form is OWNER/NAME/FILE, without '..'")

    @property
    def path(self) -> str:
        """OWNER/NAME/FILE: its place in a mirror."""
        return f"{self.repo}/{self.name}"


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
    mirror = data_dir or os.environ.get(MIRROR)
    if mirror:
        path = mirrored(Path(mirror), f"{repo}/{name}")
        if path is None:
            raise DataError(
                f"{Path(mirror) / repo / name} is not there",
                "a mirror is laid out as the hub, OWNER/NAME/FILE: `judgebench data fetch` makes one; "
                "leave --data-dir and JUDGEBENCH_DATA out to ask the hub",
            )
        return HubFile(path, f"{repo} (mirror) sha256:{sha256(path)}")
    path, resolved = fetch(repo, name, revision)
    return HubFile(path, f"{repo}@{resolved} sha256:{sha256(path)}")


def mirrored(mirror: Path, file: str) -> Path | None:
    """Where a mirror holds OWNER/NAME/FILE: alone, else under datasets/; None where it does not."""
    return next((path for path in (mirror / file, mirror / "datasets" / file) if path.is_file()), None)


def fetch(repo: str, name: str, revision: str | None = None) -> tuple[Path, str]:
    """A dataset's file from the hub, by way of the hub's own cache, and the revision that the hub resolved.

    DataError when it cannot be had; a token that the library finds is used, and never shown.
    """
    from huggingface_hub import hf_hub_download

    try:
        path = Path(hf_hub_download(repo, name, repo_type="dataset", revision=revision, etag_timeout=PATIENCE))
    except Exception as error:  # the library raises what it likes
        why, hint = _reason(error, repo, revision)
        raise DataError(f"{repo}/{name} could not be fetched: {why}", hint) from None
    return path, _resolved(path)


def _reason(error: BaseException, repo: str, revision: str | None) -> tuple[str, str]:
    """What went wrong in few words, and what to do about it."""
    from huggingface_hub import errors

    network = "check the network and try again; offline, --data-dir names a mirror of the hub"
    access = "a private or gated dataset needs access, asked for on its page, and a valid token in HF_TOKEN"
    at = revision or "main"
    if isinstance(error, errors.LocalEntryNotFoundError):  # it stands for what went wrong before
        if error.__cause__ is None or not hasattr(error.__cause__, "response"):
            return f"the hub cannot be reached ({type(error.__cause__ or error).__name__})", network
        error = error.__cause__
    status = getattr(getattr(error, "response", None), "status_code", None)
    first = re.sub(r"Bearer.*", "Bearer ...", (str(error).strip() or type(error).__name__).splitlines()[0])
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    cases = (  # the first that holds
        (isinstance(error, errors.GatedRepoError) or status == 403, f"access to it is restricted ({status})", access),
        (isinstance(error, errors.RevisionNotFoundError), f"{repo} has no revision '{at}'", "the newest is 'main'"),
        (isinstance(error, errors.EntryNotFoundError), f"revision '{at}' has no such file", "name another of the two"),
        (status in (401, 404), f"the hub shows no dataset {repo} ({status})", f"check the name; {access}"),
        (status is not None, f"the hub answered {status}", network),
        (full, "no space is left for the hub's cache", "make room, or name another folder for it by HF_HOME"),
        (True, first, network),  # of which a library may show the header that it could not send
    )
    return next((why, hint) for holds, why, hint in cases if holds)


def _resolved(path: Path) -> str:
    """The revision in a path of the hub's cache: .../snapshots/REVISION/FILE."""
    parts = path.parts
    return parts[len(parts) - 1 - parts[::-1].index("snapshots") + 1] if "snapshots" in parts else "unknown"


def sha256(path: Path) -> str:
    """The digest of a file's bytes, hexadecimal. DataError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", "check the path and its permissions") from None
