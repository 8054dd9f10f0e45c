"""Models on the Hugging Face hub; a hub that cannot be reached costs seconds."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from judgebench import ConfigError, PermanentError
from judgebench_hf.folder import ADAPTER_CONFIG, CONFIG, read_json

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds until an unanswered hub counts as unreachable."""
_COMMIT = re.compile("[0-9a-f]{40}")
_LATER = (408, 429)
"""Answers of a hub that only say: not now."""
_FILES = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "*.py"]
_NOT_OURS = ["*/*.safetensors", "*/*.json", "*/*.bin", "consolidated*", "training_args*", "optimizer*"]


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
        if isinstance(revision, str) and _COMMIT.fullmatch(revision):  # nothing of a commit ever changes
            known = try_to_load_from_cache(repo, file, revision=revision)
            if known is not None:
                return known if isinstance(known, str) else None
        try:
            return hf_hub_download(repo, file, revision=revision, etag_timeout=PATIENCE)
        except LocalEntryNotFoundError:
            raise
        except EntryNotFoundError:
            return None

    path = _patiently(get, 2 * PATIENCE, repo)
    return None if path is None else (Path(path).parent.name, read_json(Path(path)))


def cached(repo: str, commit: str) -> Path | None:
    """The folder of a commit in the hub's cache on this machine, whole or not."""
    from huggingface_hub import try_to_load_from_cache

    for file in (CONFIG, ADAPTER_CONFIG):
        if isinstance(found := try_to_load_from_cache(repo, file, revision=commit), str):
            return Path(found).parent
    return None


def download(repo: str, commit: str) -> Path:
    """Everything of a commit that a model needs, in the hub's cache; its weights as safetensors where it has them."""
    from huggingface_hub import HfApi, snapshot_download

    told = _patiently(lambda: HfApi().model_info(repo, revision=commit, timeout=PATIENCE), 2 * PATIENCE, repo)
    names = [file.rfilename for file in told.siblings or ()]
    safe = any(name.endswith(".safetensors") and "/" not in name for name in names)
    files = _FILES if safe else [*_FILES, "*.bin"]
    try:
        found = snapshot_download(
            repo, revision=commit, allow_patterns=files, ignore_patterns=_NOT_OURS, etag_timeout=PATIENCE
        )
    except Exception as error:
        raise PermanentError(
            f"the hub's {repo} could not be downloaded: {_first_line(error)}", "check network and disk space"
        ) from error
    return Path(found)


def _patiently(call: Callable[[], T], seconds: float, repo: str) -> T:
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
    thread.join(seconds)
    found = answer[0] if answer else TimeoutError(f"no answer within {seconds:.0f} s")
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
