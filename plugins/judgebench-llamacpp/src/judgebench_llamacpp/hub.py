"""Files of the Hugging Face hub; a hub that cannot be reached costs seconds."""

import threading
from pathlib import Path
from typing import Any

from judgebench import ConfigError, PermanentError

PATIENCE = 5.0
"""Seconds until an unanswered hub counts as unreachable."""


class Unreachable(PermanentError):
    """The hub did not answer in time."""


def lookup(repo: str, file: str, revision: str | None = None) -> str | None:
    """The hub's digest of a file (sha256, for files of any size that matters here).

    ConfigError when the hub has no such file, Unreachable when it does not answer within PATIENCE.
    """
    answer: list[Any] = []
    # A thread that can be left behind: name resolution and proxies know no time-out of ours.
    thread = threading.Thread(target=_ask, args=(repo, file, revision, answer), daemon=True)
    thread.start()
    thread.join(PATIENCE + 1)
    found = answer[0] if answer else TimeoutError(f"no answer within {PATIENCE:.0f} s")
    if not isinstance(found, Exception):
        etag: str | None = found.etag
        return etag
    if _refused(found):
        raise ConfigError(
            f"the hub refuses {repo}/{file}: {_first_line(found)}",
            "check the spelling; for a private or gated repository set HF_TOKEN",
        )
    raise Unreachable(
        f"the hub cannot be reached for {repo}/{file}: {_first_line(found)}",
        "check the network, or give the path of a local .gguf file",
    )


def download(repo: str, file: str, revision: str | None = None, into: Path | None = None) -> Path:
    """A file of the hub, in the hub's own cache, or in the folder `into`."""
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repo, file, revision=revision, local_dir=into, etag_timeout=PATIENCE))
    except Exception as error:
        raise PermanentError(
            f"the hub's {repo}/{file} could not be downloaded: {_first_line(error)}", "check network and disk space"
        ) from error


def cached(repo: str, file: str) -> Path | None:
    """The file in the hub's own cache on this machine, where it is."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, file)
    return Path(found) if isinstance(found, str) else None


def _ask(repo: str, file: str, revision: str | None, answer: list[Any]) -> None:
    try:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        answer.append(get_hf_file_metadata(hf_hub_url(repo, file, revision=revision), timeout=PATIENCE))
    except Exception as error:
        answer.append(error)


def _refused(error: Exception) -> bool:
    """The hub answered, and the answer was no (as opposed to: no answer, or one of a broken server)."""
    from huggingface_hub.errors import HFValidationError

    status = getattr(getattr(error, "response", None), "status_code", None)
    return isinstance(error, HFValidationError) or (status is not None and 400 <= status < 500)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
