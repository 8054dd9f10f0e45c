"""The run file and the flags: two forms of one specification, still without components."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.plugin.options import nearest


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the user wrote it. Policies, judges and models are mappings of options or spec texts."""

    benchmark: str | dict[str, Any]
    models: dict[str, str | dict[str, Any]] = {}
    policies: dict[str, str | dict[str, Any]] = {}
    judges: dict[str, str | dict[str, Any]] = {}
    measures: list[str] = []
    out: str | None = None
    limit: int | None = None
    seed: int = 0
    retries: int = 5
    max_calls: int | None = None
    max_cost: float | None = None
    cache: str | bool = True


_RUN_KEYS = tuple(field.name for field in msgspec.structs.fields(RunSpec))


def read_run_file(path: Path) -> RunSpec:
    """The specification in a YAML file; ConfigError that names the place."""
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "name a run file (YAML) or a benchmark") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", "a run file is YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{place}: {getattr(error, 'problem', None) or error}", "a run file is YAML") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no mapping", "a run file begins with `benchmark: NAME`")
    return from_mapping(values, str(path))


def from_mapping(values: Mapping[str, Any], where: str) -> RunSpec:
    """The specification in plain data; ConfigError for an unknown key or a wrong type."""
    for key in values:
        if key not in _RUN_KEYS:
            raise ConfigError(f"{where}: unknown key '{key}'", nearest(str(key), _RUN_KEYS))
    if "benchmark" not in values:
        raise ConfigError(f"{where}: no benchmark is named", "add `benchmark: NAME`; `judgebench list` shows them")
    try:
        spec = msgspec.convert(values, type=RunSpec)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}", "see the README for the form of a run file") from None
    if spec.limit is not None and spec.limit < 1:
        raise ConfigError(f"{where}: limit is {spec.limit}", "give a number of items from 1 on, or leave it out")
    return spec


class Words(msgspec.Struct, frozen=True):
    """A spec text taken apart: `[NAME=]HEAD[:VALUE][@MODEL][,key=value...]`."""

    name: str | None
    head: str
    value: str | None
    model: str | None
    options: dict[str, str]


_NAME = re.compile(r"([^=:@,]+)=(?=.)")
_OPTION = re.compile(r",(?=[A-Za-z_][A-Za-z0-9_]*=)")


def split(text: str) -> Words:
    """Take a spec text apart. A comma starts an option only before `key=`, so paths may hold commas."""
    name = None
    if match := _NAME.match(text):
        name, text = match.group(1).strip(), text[match.end() :]
    body, *pairs = _OPTION.split(text)
    head, at, model = body.partition("@") if ":" not in body.partition("@")[0] else (body, "", "")
    head, colon, value = head.partition(":")
    if not head or (at and not model) or (colon and not value):
        raise ConfigError(
            f"'{text}' cannot be read", "the form is [NAME=]COMPONENT[:VALUE][@BACKEND:MODEL][,key=value]"
        )
    options = dict(pair.split("=", 1) for pair in pairs)
    return Words(name, head, value or None, model or None, options)


def named(texts: Sequence[str], what: str) -> dict[str, str | dict[str, Any]]:
    """Spec texts of flags by name: the name given, else the last part of the value, model or path."""
    found: dict[str, str | dict[str, Any]] = {}
    for text in texts:
        words = split(text)
        name = words.name or _default_name(words)
        if name in found:
            raise ConfigError(f"two {what} are called '{name}'", f"name them: --{what[:-1]} NAME={text}")
        found[name] = text
    return found


def _default_name(words: Words) -> str:
    if words.model is not None:
        return f"{words.head}@{_stem(words.model)}"
    return _stem(words.value) if words.value else words.head


def _stem(value: str) -> str:
    last = value.rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return re.sub(r"(\.(jsonl?|gguf|gz))+$", "", last) or value
