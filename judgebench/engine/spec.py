"""The run file and the flags: two forms of one specification, still without components."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.core.near_path import meant
from judgebench.plugin.options import nearest

Entry = str | Mapping[str, Any]
"""A component as the user wrote it: a spec text, or a mapping of options."""


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the user wrote it. Policies, judges and models are mappings of options or spec texts.

    `series` are patterns of names, such as `iter*`: the policies (or judges) that match one are steps of one training.
    """

    benchmark: str | dict[str, Any]
    models: dict[str, str | dict[str, Any]] = {}
    policies: dict[str, str | dict[str, Any]] = {}
    judges: dict[str, str | dict[str, Any]] = {}
    measures: list[str] = []
    series: list[str] = []
    out: str | None = None
    limit: int | None = None
    seed: int = 0
    retries: int = 5
    max_calls: int | None = None
    max_cost: float | None = None
    cache: str | bool = True
    data_dir: str | None = None


_RUN_KEYS = tuple(field.name for field in msgspec.structs.fields(RunSpec))


def read_run_file(path: Path) -> RunSpec:
    """The specification in a YAML file; ConfigError that names the place."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        _refuse_duplicates(yaml.compose(text, Loader=yaml.SafeLoader), str(path))
        values = yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", meant(path, "name a run file (YAML) or a benchmark")) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", "a run file is YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = getattr(error, "position", None)  # of a character that YAML does not allow
        line = mark.line if mark else None if at is None else text.count("\n", 0, at)
        place = "" if line is None else f", line {line + 1}"
        raise ConfigError(f"{path}{place}: {getattr(error, 'problem', None) or error}", "a run file is YAML") from None
    except (ValueError, RecursionError) as error:  # such as a date that does not exist
        raise ConfigError(f"{path}: {error}", "put texts that look like dates or numbers in quotes") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no mapping", "a run file begins with `benchmark: NAME`")
    return from_mapping(values, str(path))


def _refuse_duplicates(root: Any, where: str) -> None:
    """YAML forbids a key twice in one mapping, but its parser keeps the last and says nothing."""
    import yaml

    seen: set[int] = set()
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
            continue
        nodes += [value for _, value in node.value]
        keys: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in keys:
                place = f"{where}, line {key.start_mark.line + 1}"
                raise ConfigError(f"{place}: '{key.value}' stands here a second time", "keep one of the two")
            keys.add(key.value)


def from_mapping(values: Mapping[str, Any], where: str) -> RunSpec:
    """The specification in plain data; ConfigError for an unknown key, a wrong type or an impossible number."""
    for key in values:
        if key not in _RUN_KEYS:
            raise ConfigError(f"{where}: unknown key '{key}'", nearest(str(key), _RUN_KEYS))
    if "benchmark" not in values:
        raise ConfigError(f"{where}: no benchmark is named", "add `benchmark: NAME`; `judgebench list` shows them")
    try:
        spec = msgspec.convert(values, type=RunSpec)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}", "docs/how-to/runs.md has the form of a run file") from None
    if spec.limit is not None and spec.limit < 1:
        raise ConfigError(f"{where}: limit is {spec.limit}", "give a number of items from 1 on, or leave it out")
    for key in ("seed", "retries", "max_calls", "max_cost"):
        value = getattr(spec, key)
        if value is not None and not 0 <= value < math.inf:
            raise ConfigError(f"{where}: {key} is {value}", "give a number from 0 on")
    for name in (*spec.models, *spec.policies, *spec.judges):
        if not name.strip() or not name.isprintable():
            raise ConfigError(f"{where}: {name!r} is no name", "give a name that can be printed on a board")
    return spec


class Words(msgspec.Struct, frozen=True):
    """An entry taken apart; as a text it reads `[NAME=]HEAD[:VALUE | @MODEL][,key=value...]`."""

    name: str | None
    head: str
    value: str | None
    model: str | None
    options: dict[str, Any]


_NAME = re.compile(r"([^\s=:@,](?:[^=:@,]*[^\s=:@,])?)=(?=.)", re.DOTALL)
_BODY = re.compile(r"([^\s=:@,]+)(?::(.+)|@(.+))?", re.DOTALL)
_OPTION = re.compile(r",\s*(?=[A-Za-z_][A-Za-z0-9_-]*=)")


def split(text: str) -> Words:
    """Take a spec text apart.

    The first `:` or `@` ends the head; what follows may hold both (paths, addresses, revisions). A
    comma starts an option only before `key=`, so paths may hold commas.
    """
    name = None
    rest = text
    if match := _NAME.match(text):
        name, rest = match.group(1), text[match.end() :]
    body, *pairs = _OPTION.split(rest)
    if (match := _BODY.fullmatch(body)) is None:
        raise ConfigError(
            f"'{text}' cannot be read",
            "the form is [NAME=]COMPONENT[:VALUE | @BACKEND:MODEL][,option=value]",
        )
    options: dict[str, Any] = {}
    for key, value in (pair.split("=", 1) for pair in pairs):
        if key in options:
            raise ConfigError(f"'{text}': option '{key}' is given twice", "keep one of the two")
        options[key] = value
    return Words(name, match.group(1), match.group(2), match.group(3), options)


def words_of(entry: Entry, kind: str, where: str, name: str | None = None) -> Words:
    """An entry of either form taken apart; in a mapping, the component stands under its kind."""
    if not isinstance(entry, str):
        head = entry.get(kind)
        if not isinstance(head, str):
            raise ConfigError(f"{where}: '{kind}' is missing", f"add `{kind}: NAME`")
        return Words(None, head, None, None, {key: value for key, value in entry.items() if key != kind})
    words = split(entry)
    if words.name not in (None, name):
        raise ConfigError(f"{where}: '{entry}' sets another name, '{words.name}'", "leave one of them out")
    return words


def named(texts: Sequence[str], what: str) -> dict[str, str | dict[str, Any]]:
    """Spec texts of flags by name: the name given, else the last part of the value, model or path."""
    flag = {"policies": "--policy", "judges": "--judge"}[what]
    found: dict[str, str | dict[str, Any]] = {}
    for text in texts:
        words = split(text)
        name = words.name or _default_name(words)
        if name in found:
            raise ConfigError(
                f"two {what} are called '{name}'", f"name them: {flag} NAME={text.removeprefix(f'{words.name}=')}"
            )
        found[name] = text
    return found


def _default_name(words: Words) -> str:
    if words.model is not None:
        return f"{words.head}@{label(words.model)}"
    if words.value and (inner := re.fullmatch(r"([^\s=:@,+]+)@([^+]+)", words.value)):  # a judge made of another
        return f"{words.head}-{inner[1]}@{label(inner[2])}"
    return label(words.value) if words.value else words.head


def label(value: str) -> str:
    """What a value, model or path is called: its last part without suffix; with a pattern, from its first `*` on."""
    parts = value.rstrip("/").split("/")
    first = next((number for number, part in enumerate(parts) if "*" in part), len(parts) - 1)
    return stem("/".join(parts[first:]).rpartition(":")[2]) or value


def stem(path: str) -> str:
    """A path without the suffixes of files that hold answers or models."""
    return re.sub(r"(\.(jsonl?|gguf|gz))+$", "", path)
