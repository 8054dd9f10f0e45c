"""Models on the Hugging Face hub; a hub that cannot be reached costs seconds."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from judgebench import ConfigError, PermanentError

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds until an unanswered hub counts as unreachable."""
_COMMIT = re.compile("[0-9a-f]{40}")
_LATER = (408, 429)
"""Answers of a hub that only say: not now."""


class Unreachable(PermanentError):
    """The hub did not answer in time."""


def settings(repo: str, file: str, revision: str | None = None) -> tuple[str, Mapping[str, Any]] | None:
    """The commit that a revision (default: the main branch) is now, and a small JSON file of it; None: no such file.

    From a hub that cannot be reached: what is in the hub's cache on this machine. ConfigError where the hub has no
    such model or revision, Unreachable where neither knows it.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    def get() -> str | None:
        if revision is not None and _COMMIT.fullmatch(revision):  # nothing of a commit ever changes
            known = try_to_load_from_cache(repo, file, revision=revision)
            if known is not None:
                return known if isinstance(known, str) else None
        try:
            return hf_hub_download(repo, file, revision=revision, etag_timeout=PATIENCE)
        except LocalEntryNotFoundError:  # no answer: not the same as no such file, whose class it shares
            raise
        except EntryNotFoundError:
            return None

    path = _patiently(get, repo)
    if path is None:
        return None
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    return Path(path).parent.name, found


def download(repo: str, commit: str) -> Path:
    """The folder of a commit, in the hub's own cache. PermanentError when it cannot be had."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repo, revision=commit, etag_timeout=PATIENCE))
    except Exception as error:  # the library raises what it likes
        raise PermanentError(
            f"the hub's {repo} could not be downloaded: {_first_line(error)}", "check network and disk space"
        ) from error


def _patiently(call: Callable[[], T], repo: str) -> T:
    """What a call to the hub returns. ConfigError where the hub says no, Unreachable where it says nothing in time."""
    answer: list[tuple[T] | Exception] = []

    def ask() -> None:
        try:
            answer.append((call(),))
        except Exception as error:
            answer.append(error)

    # A thread that can be left behind: name resolution and proxies know no time-out of ours.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(2 * PATIENCE)
    found = answer[0] if answer else TimeoutError(f"no answer within {2 * PATIENCE:.0f} s")
    if isinstance(found, tuple):
        return found[0]
    if _refused(found):
        raise ConfigError(
            f"'{repo}' is no folder here, and the hub refuses it: {_first_line(found)}",
            "check the spelling of folder, model and revision; for a private or gated model set HF_TOKEN",
        )
    raise Unreachable(
        f"'{repo}' is no folder here, and the hub cannot be reached: {_first_line(found)}",
        "check the network, or give the path of a folder that holds the model",
    )


def _refused(error: Exception) -> bool:
    """The hub answered, and the answer was no (as opposed to: no answer, or one of a broken server)."""
    from huggingface_hub.errors import HFValidationError

    status = getattr(getattr(error, "response", None), "status_code", None)
    return isinstance(error, HFValidationError) or (status in range(400, 500) and status not in _LATER)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
