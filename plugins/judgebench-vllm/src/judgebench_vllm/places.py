"""From what a user calls a model to where it is: a folder, or OWNER/NAME on the hub, with an adapter or without."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError
from judgebench_vllm import folder, hub
from judgebench_vllm.folder import ADAPTER_CONFIG, CONFIG

_REWARDS = ("ForSequenceClassification",)
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model or an adapter is. `adapter` holds an adapter's settings, and is None for a model.

    `identity` is a digest of the files that decide what is answered, or OWNER/NAME@COMMIT; `path` is None for what is
    on the hub.
    """

    name: str
    identity: str
    path: Path | None = None
    adapter: Mapping[str, Any] | None = None

    @property
    def where(self) -> str:
        """What vLLM is told: a folder, or OWNER/NAME."""
        return str(self.path) if self.path is not None else self.identity.partition("@")[0]

    @property
    def commit(self) -> str | None:
        """Which commit of what is on the hub."""
        return None if self.path is not None else self.identity.partition("@")[2]

    def has_tokenizer(self) -> bool:
        """Is a tokenizer saved in the folder?"""
        return self.path is not None and folder.has_tokenizer(self.path)

    def rank(self) -> int:
        """The highest rank among a LoRA adapter's matrices. ConfigError for an adapter of another kind."""
        found = self.adapter or {}
        named = [found.get("r"), *(found.get("rank_pattern") or {}).values()]
        ranks = [rank for rank in named if isinstance(rank, int) and rank > 0]
        if found.get("peft_type") != "LORA" or ranks != named:
            raise ConfigError(
                f"the adapter '{self.name}' is no LoRA adapter, and vLLM loads no others",
                "merge it into its model and give the folder of that, or ask it with the backend hf",
            )
        return max(ranks)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model, and the adapter that is put on it, if any."""

    model: Place
    adapter: Place | None

    def fingerprint(self) -> Mapping[str, str]:
        """The identity of each part: the same whether an adapter was named alone or beside its model."""
        found = {"model": self.model.identity}
        return found if self.adapter is None else {**found, "adapter": self.adapter.identity}


def find(model: str, revision: str | None = None, adapter: str | None = None) -> Checkpoint:
    """The checkpoint behind the options `model`, `revision` and `adapter`.

    A folder or repository that holds an adapter alone brings the name of its model. An adapter on the hub is fetched,
    since vLLM knows no commits of adapters. ConfigError for names of nothing and for what vLLM does not load,
    DataError for folders that are not whole, PermanentError for a hub that cannot be reached.
    """
    place = _place(model, revision)
    if place.adapter is not None:
        if adapter is not None:
            raise ConfigError(f"'{model}' is an adapter, and adapter={adapter} is another", "give the model")
        base, own = _base(place), place
    elif adapter is None:
        return Checkpoint(place, None)
    else:
        base, own = place, _place(adapter, None)
        if own.adapter is None:
            raise ConfigError(f"'{adapter}' is no adapter: it is a model of its own", f"ask it as one: vllm:{adapter}")
    own.rank()
    return Checkpoint(base, own)


def _place(name: str, revision: str | None) -> Place:
    path = Path(name).expanduser()
    if path.exists() and revision is not None:
        raise ConfigError(f"'{name}' is on this machine, where revision={revision} means nothing", "leave it out")
    if path.is_dir():
        return _folder(name, path.resolve())
    if path.exists():
        raise ConfigError(
            f"'{name}' is a file", "give a folder that save_pretrained wrote; the backends hf and llamacpp take .gguf"
        )
    if _HUB_NAME.fullmatch(name):
        return _on_hub(name, revision)
    raise ConfigError(
        f"'{name}' is neither a folder nor a model's name on the hub", "give the folder of a checkpoint, or OWNER/NAME"
    )


def _folder(name: str, path: Path) -> Place:
    is_model, is_adapter = (path / CONFIG).is_file(), (path / ADAPTER_CONFIG).is_file()
    if not is_model and not is_adapter:
        inside = sorted(found.parent.name for file in (CONFIG, ADAPTER_CONFIG) for found in path.glob(f"*/{file}"))
        told = f"give one of the folders in it: {', '.join(inside[:5])}" if inside else "give a folder of a checkpoint"
        raise DataError(f"{path} holds neither {CONFIG} nor {ADAPTER_CONFIG}", told)
    if is_model and is_adapter and folder.has_model(path):
        raise _two_in_one(path)
    if not is_adapter and not folder.has_tokenizer(path):
        raise DataError(f"{path} holds no tokenizer", f"save it there: tokenizer.save_pretrained('{path}')")
    if is_adapter:
        return Place(name, folder.digest(path), path, folder.read(path / ADAPTER_CONFIG))
    _check(name, folder.read(path / CONFIG))
    return Place(name, folder.digest(path), path)


def _check(name: str, config: Mapping[str, Any]) -> None:
    """ConfigError for a model that answers with a score instead of tokens."""
    kinds = [str(kind) for kind in config.get("architectures") or ()]
    if kinds and all(kind.endswith(_REWARDS) for kind in kinds):
        raise ConfigError(f"'{name}' is no language model but {kinds[0]}", f"ask it as hf-reward:{name}")


def _on_hub(name: str, revision: str | None) -> Place:
    found = hub.settings(name, CONFIG, revision)
    adapter = hub.settings(name, ADAPTER_CONFIG, found[0] if found else revision)
    if found is not None and adapter is not None:
        raise _two_in_one(name)
    if adapter is not None:
        return Place(name, f"{name}@{adapter[0]}", hub.download(name, adapter[0]), adapter[1])
    if found is None:
        raise ConfigError(f"{name} on the hub holds no {CONFIG}", "give the repository of a model")
    _check(name, found[1])
    return Place(name, f"{name}@{found[0]}")


def _two_in_one(name: object) -> ConfigError:
    return ConfigError(
        f"{name} holds a model and an adapter: it cannot be told whether one is already in the other",
        "move one of them to a folder of its own",
    )


def _base(adapter: Place) -> Place:
    """The model that an adapter is for, by the adapter's own word."""
    name = (adapter.adapter or {}).get("base_model_name_or_path")
    hint = f"give it: vllm:MODEL,adapter={adapter.name}"
    if not isinstance(name, str) or not name:
        raise ConfigError(f"the adapter '{adapter.name}' does not say which model it is for", hint)
    try:
        found = _place(name, (adapter.adapter or {}).get("revision"))
    except ConfigError as error:
        raise ConfigError(
            f"the adapter '{adapter.name}' is for a model that is not there: {error.message}", hint
        ) from None
    if found.adapter is not None:
        raise ConfigError(f"the adapter '{adapter.name}' is for '{name}', which is an adapter itself", "merge that one")
    return found
