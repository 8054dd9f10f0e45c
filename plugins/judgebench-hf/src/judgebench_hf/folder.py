"""A folder of a checkpoint on disk: which of its files decide what the model answers, and whether they are whole."""

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judgebench import DataError, file_digest

CONFIG, ADAPTER_CONFIG = "config.json", "adapter_config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_ADAPTER_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tokenizer_config.json")
_DECIDING = (
    CONFIG,
    "generation_config.json",  # its tokens that end an answer are heeded
    *_TOKENIZERS,
    "added_tokens.json",
    "merges.txt",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
)
_HALF_WRITTEN = "it looks half-written: wait until it is saved, or save it again"


def read_json(path: Path) -> Mapping[str, Any]:
    """A file of settings. DataError when it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}", _HALF_WRITTEN) from None
    if not isinstance(found, dict):
        raise DataError(f"{path} holds no settings", _HALF_WRITTEN)
    return found


def is_adapter(folder: Path) -> bool:
    """Does the folder hold an adapter, such as LoRA's, and no model of its own?"""
    return (folder / ADAPTER_CONFIG).is_file() and not any(_present(folder, name) for name in _WEIGHTS)


def weights(folder: Path) -> tuple[Path, ...]:
    """The files of a model's weights, as transformers chooses them: safetensors first, else PyTorch's.

    DataError where there are none, or not all that the index names, or one that is not whole.
    """
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return (_whole(folder / name),)
        index = folder / f"{name}.index.json"
        if index.is_file():
            named = read_json(index).get("weight_map")
            shards = sorted(set(named.values())) if isinstance(named, dict) else []
            missing = [shard for shard in shards if not (folder / shard).is_file()]
            if missing or not shards:
                told = f"{len(missing)} of the {len(shards)} files" if shards else "the files"
                raise DataError(f"{folder}: {told} that {index.name} names are missing", _HALF_WRITTEN)
            return tuple(_whole(folder / shard) for shard in shards)
    raise DataError(f"{folder} holds no weights ({' or '.join(_WEIGHTS)})", inside(folder, _HALF_WRITTEN))


def adapter_weights(folder: Path) -> Path:
    """The file of an adapter's weights. DataError where there is none, or one that is not whole."""
    for name in _ADAPTER_WEIGHTS:
        if (folder / name).is_file():
            return _whole(folder / name)
    raise DataError(f"{folder} holds no weights of an adapter ({' or '.join(_ADAPTER_WEIGHTS)})", _HALF_WRITTEN)


def has_tokenizer(folder: Path) -> bool:
    """Is a tokenizer saved beside the weights?"""
    return any((folder / name).is_file() for name in _TOKENIZERS)


def deciding(folder: Path) -> tuple[Path, ...]:
    """The files that decide what a model or an adapter answers. DataError for a folder that is not whole.

    Whatever else a training leaves there (optimizer, random states, arguments) does not count.
    """
    if is_adapter(folder):
        files = {folder / ADAPTER_CONFIG, adapter_weights(folder)}
    else:
        config = read_json(folder / CONFIG)
        files = {*weights(folder), *(folder.glob("*.py") if "auto_map" in config else ())}
        if not has_tokenizer(folder):
            raise DataError(f"{folder} holds no tokenizer", f"save it there: tokenizer.save_pretrained('{folder}')")
    for pattern in _DECIDING:
        files |= {path for path in folder.glob(pattern) if path.is_file()}
    return tuple(sorted(files))


def digest(folder: Path) -> str:
    """sha256 over the names and digests of the files that decide, sorted by name. DataError as `deciding`."""
    files = deciding(folder)
    try:
        lines = [f"{path.relative_to(folder).as_posix()} {file_digest(path)}" for path in files]
    except OSError as error:
        raise DataError(f"{error.filename}: {error.strerror}", "check its permissions") from None
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def tensor_shapes(path: Path) -> Mapping[str, tuple[int, ...]]:
    """Names and shapes of the tensors in a .safetensors file; nothing is loaded. Of another file: nothing."""
    if path.suffix != ".safetensors":
        return {}
    return {name: tuple(entry["shape"]) for name, entry in _header(path)[0].items() if name != "__metadata__"}


def inside(folder: Path, otherwise: str) -> str:
    """A hint at checkpoints in subfolders, which a user may have meant; where there are none: `otherwise`."""
    found = sorted(path.parent.name for file in (CONFIG, ADAPTER_CONFIG) for path in folder.glob(f"*/{file}"))
    return f"give one of the folders in it: {', '.join(found[:5])}" if found else otherwise


def _present(folder: Path, name: str) -> bool:
    return (folder / name).is_file() or (folder / f"{name}.index.json").is_file()


def _whole(path: Path) -> Path:
    """DataError for a .safetensors file that is shorter than its own header says."""
    if path.suffix == ".safetensors":
        tensors, start = _header(path)
        ends = [entry["data_offsets"][1] for name, entry in tensors.items() if name != "__metadata__"]
        if path.stat().st_size != start + max(ends, default=0):
            raise DataError(f"{path} is not as long as its header says", _HALF_WRITTEN)
    return path


def _header(path: Path) -> tuple[Mapping[str, Any], int]:
    """What a .safetensors file says of its tensors, and where their data begins (safetensors' own format text)."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > path.stat().st_size:
                raise ValueError("its header is cut off")
            found = json.loads(file.read(length))
    except (OSError, ValueError, struct.error) as error:
        raise DataError(f"{path}: {error}", _HALF_WRITTEN) from None
    return found, 8 + length
