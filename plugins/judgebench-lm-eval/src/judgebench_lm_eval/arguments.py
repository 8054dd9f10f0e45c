"""What a model class is made with: read from options, checked, and what of it decides the results."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from judgebench import ConfigError, PluginError, file_digest

SECRET = frozenset({"api_key", "auth_token", "token"})
"""Arguments by which model classes are given a key: a record would keep it."""


def parsed(given: Mapping[str, Any] | str) -> dict[str, Any]:
    """The arguments as a mapping. A text is JSON, or lm-eval's own form `key=value,key=value`. ConfigError."""
    if isinstance(given, str):
        given = _from_text(given.strip())
    if found := SECRET.intersection(given):
        raise ConfigError(
            f"lm-eval: args hold '{min(found)}', and a run keeps its options",
            "give the key in the environment, where the model class looks for it (such as OPENAI_API_KEY)",
        )
    return dict(given)


def identity(model_class: str, arguments: Mapping[str, Any]) -> Mapping[str, str]:
    """What decides a model's results: its class and arguments, the content of files among them, lm-eval's version.

    PluginError where lm-eval is not installed.
    """
    try:
        harness = version("lm_eval")
    except PackageNotFoundError:
        raise PluginError("lm-eval is not installed", "pip install lm-eval") from None
    found = {"class": model_class, "args": json.dumps(arguments, sort_keys=True), "lm_eval": harness}
    for key, value in sorted(arguments.items()):
        if isinstance(value, str) and value and Path(value).exists():
            found[f"args.{key}"] = _digest(Path(value))
    return found


def _from_text(text: str) -> Mapping[str, Any]:
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise ConfigError(
                f"lm-eval: args: {error}", 'they are read as JSON, such as {"pretrained": "DIR"}'
            ) from None
    pairs = [part.partition("=") for part in text.split(",") if part]
    for key, equals, _ in pairs:
        if not key or not equals:
            raise ConfigError(f"lm-eval: args: '{key}' has no value", "write key=value, or JSON for more than one")
    return {key.strip(): _value(value) for key, _, value in pairs}


def _value(text: str) -> Any:
    """A number or a truth value where the text is one, as lm-eval's own command reads it."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _digest(path: Path) -> str:
    """sha256 of a file, or over the names and digests of a folder's files, hidden ones aside."""
    if path.is_file():
        return file_digest(path)
    seen = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        if file.is_file() and not any(part.startswith(".") for part in name.parts):
            seen.update(f"{name}\0{file_digest(file)}\n".encode())
    return seen.hexdigest()
