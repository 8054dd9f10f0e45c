"""From what a user calls a model to where it is: a folder, a .gguf file, or OWNER/NAME on the hub."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError, file_digest
from judgebench_hf import folder, hub

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_MAGIC = b"GGUF"
_SETTINGS = (folder.CONFIG, folder.ADAPTER_CONFIG)
_NO_CHECKPOINT = "give a folder that save_pretrained or a trainer wrote"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a model or an adapter are, and what can be said of it before it is loaded.

    `identity` is a digest of the files that decide, or OWNER/NAME@COMMIT. `config` is empty for a .gguf file and an
    adapter; `adapter` is None for a model. `path` is None for what is on the hub.
    """

    name: str
    identity: str
    config: Mapping[str, Any] = field(default_factory=dict)
    adapter: Mapping[str, Any] | None = None
    path: Path | None = None

    @property
    def gguf(self) -> bool:
        """Is it a .gguf file?"""
        return self.path is not None and self.path.is_file()

    def local(self) -> Path:
        """The folder or file on this machine, fetched from the hub where it has to be."""
        if self.path is not None:
            return self.path
        repo, _, commit = self.identity.partition("@")
        if (found := hub.cached(repo, commit)) is not None and _complete(found):
            return found
        print(f"downloading {repo} from the hub", file=sys.stderr, flush=True)
        return hub.download(repo, commit)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model, and the adapter that is put on it, if any."""

    model: Place
    adapter: Place | None

    def fingerprint(self) -> Mapping[str, str]:
        """The identity of each part: the same whether an adapter was named alone or beside its model."""
        found = {"model": self.model.identity}
        return found if self.adapter is None else {**found, "adapter": self.adapter.identity}


def find(model: str, revision: str | None = None, adapter: str | None = None, *, backend: str = "hf") -> Checkpoint:
    """The checkpoint behind the options `model`, `revision` and `adapter` of a backend, which hints name.

    A folder or repository that holds an adapter alone brings the name of its model. ConfigError for names of nothing,
    DataError for folders that are not whole, PermanentError for a hub that cannot be reached.
    """
    place = _place(model, revision)
    if place.adapter is not None:
        if adapter is not None:
            raise ConfigError(f"'{model}' is an adapter, and adapter={adapter} is another", "give the model")
        return Checkpoint(_base(place, backend), place)
    if adapter is None:
        return Checkpoint(place, None)
    other = _place(adapter, None)
    if other.adapter is None:
        told = f"'{adapter}' is no adapter: it is a model of its own"
        raise ConfigError(told, f"ask it as a model: {backend}:{adapter}")
    return Checkpoint(place, other)


def _place(name: str, revision: str | None) -> Place:
    path = Path(name).expanduser()
    if path.exists() and revision is not None:
        raise ConfigError(f"'{name}' is on this machine, where revision={revision} means nothing", "leave it out")
    if path.is_file():
        return _file(name, path)
    if path.is_dir():
        return _folder(name, path)
    if _HUB_NAME.fullmatch(name):
        return _on_hub(name, revision)
    raise ConfigError(
        f"'{name}' is neither a folder nor a model's name on the hub",
        "give the folder of a checkpoint, OWNER/NAME, or a .gguf file where the backend takes one",
    )


def _file(name: str, path: Path) -> Place:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
        if magic != _MAGIC:
            raise ConfigError(f"'{name}' is a file, but no .gguf file", "give the folder in which the model is saved")
        return Place(name, file_digest(path), path=path)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", "check its permissions") from None


def _folder(name: str, path: Path) -> Place:
    settings = {file: folder.read_json(path / file) if (path / file).is_file() else None for file in _SETTINGS}
    config, adapter = (settings[file] for file in _SETTINGS)
    if config is None and adapter is None:
        raise DataError(
            f"{path} holds neither {folder.CONFIG} nor {folder.ADAPTER_CONFIG}", folder.inside(path, _NO_CHECKPOINT)
        )
    if folder.is_adapter(path):
        return Place(name, folder.digest(path), {}, adapter, path)
    if adapter is not None:
        raise _two_in_one(path)
    return Place(name, folder.digest(path), config or {}, None, path)


def _on_hub(name: str, revision: str | None) -> Place:
    found = hub.settings(name, folder.CONFIG, revision)
    if found is None:
        adapter = hub.settings(name, folder.ADAPTER_CONFIG, revision)
        if adapter is None:
            raise ConfigError(f"{name} on the hub holds no {folder.CONFIG}", "give the repository of a model")
        return Place(name, f"{name}@{adapter[0]}", adapter=adapter[1])
    commit, config = found
    if hub.settings(name, folder.ADAPTER_CONFIG, commit) is not None:
        raise _two_in_one(name)
    return Place(name, f"{name}@{commit}", config)


def _two_in_one(name: object) -> ConfigError:
    return ConfigError(
        f"{name} holds a model and an adapter: it cannot be told whether one is already in the other",
        "move one of them to a folder of its own",
    )


def _base(adapter: Place, backend: str) -> Place:
    """The model that an adapter is for, by the adapter's own word."""
    assert adapter.adapter is not None
    name = adapter.adapter.get("base_model_name_or_path")
    hint = f"give it: {backend}:MODEL,adapter={adapter.name}"
    if not isinstance(name, str) or not name:
        raise ConfigError(f"the adapter '{adapter.name}' does not say which model it is for", hint)
    try:
        found = _place(name, None if Path(name).expanduser().exists() else adapter.adapter.get("revision"))
    except (ConfigError, hub.Unreachable) as error:
        raise type(error)(f"the model of the adapter '{adapter.name}' is not there: {error.message}", hint) from None
    if found.adapter is not None:
        raise ConfigError(f"the adapter '{adapter.name}' is for '{name}', which is an adapter itself", "merge that one")
    return found


def _complete(path: Path) -> bool:
    try:
        folder.deciding(path)
    except DataError:
        return False
    return True
