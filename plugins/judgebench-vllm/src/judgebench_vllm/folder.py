"""A folder of a checkpoint on disk: which of its files decide what the model answers."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench import DataError, file_digest

CONFIG, ADAPTER_CONFIG = "config.json", "adapter_config.json"
_WEIGHTS = ("*.safetensors", "*.bin")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tokenizer_config.json")
_DECIDING = (
    CONFIG,
    ADAPTER_CONFIG,
    "generation_config.json",  # its tokens that end an answer are heeded
    *_TOKENIZERS,
    "added_tokens.json",
    "merges.txt",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
    "*.py",
    *_WEIGHTS,
)
_NO_WEIGHTS = ("training_args.bin", "optimizer.bin", "scheduler.bin")
"""What trainers leave beside a model."""
_INDEX = ".safetensors.index.json"
_HALF_WRITTEN = "it looks half-written: wait until it is saved, or save it again"


def has_tokenizer(path: Path) -> bool:
    """Is a tokenizer saved in the folder?"""
    return any((path / name).is_file() for name in _TOKENIZERS)


def has_model(path: Path) -> bool:
    """Does the folder hold the weights of a whole model?"""
    return any((path / f"model{end}").is_file() for end in (".safetensors", _INDEX))


def digest(path: Path) -> str:
    """sha256 over the names and digests of the files that decide, sorted by name. DataError without weights."""
    files = sorted({file for pattern in _DECIDING for file in path.glob(pattern) if file.name not in _NO_WEIGHTS})
    weights = {file.name for file in files if file.suffix in (".safetensors", ".bin")}
    if not weights:
        raise DataError(f"{path} holds no weights ({' or '.join(_WEIGHTS)})", _HALF_WRITTEN)
    if missing := sorted(set(_shards(path)) - weights):
        raise DataError(f"{path} lacks {len(missing)} of its files of weights, such as {missing[0]}", _HALF_WRITTEN)
    try:
        lines = [f"{file.relative_to(path).as_posix()} {file_digest(file)}" for file in files]
    except OSError as error:
        raise DataError(f"{error.filename}: {error.strerror}", "check its permissions") from None
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _shards(path: Path) -> Iterator[str]:
    """The files of weights that an index names."""
    for index in path.glob(f"*{_INDEX}"):
        yield from (read(index).get("weight_map") or {}).values()


def read(path: Path) -> Mapping[str, Any]:
    """A file of settings. DataError when it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}", _HALF_WRITTEN) from None
    if not isinstance(found, dict):
        raise DataError(f"{path} holds no settings", _HALF_WRITTEN)
    return found
