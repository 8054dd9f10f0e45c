"""Folders of checkpoints: an entry with a pattern stands for one subject a checkpoint, in the order of their steps."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from glob import escape, glob
from pathlib import PurePath
from typing import Any

import msgspec

from judgebench.core.errors import ConfigError
from judgebench.engine.spec import Entry, RunSpec, label, split, stem

PATH_OPTIONS = ("model", "path")
"""Options of a mapping in which a pattern may stand; in a spec text it is the value, or the model's behind the @."""
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
_DIGEST = re.compile(r"#[0-9a-f]{12}\Z")
"""What a board adds to the name of a subject that another one shares."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A specification without patterns, and what they stood for: names of subjects by kind and name of the series."""

    spec: RunSpec
    series: Mapping[tuple[str, str], tuple[str, ...]]


def natural(name: str) -> tuple[tuple[tuple[int, float | str], ...], str]:
    """A key by which step-9 stands before step-10, and epoch-1.25 before epoch-1.5.

    Subjects of one name, which a board tells apart by a digest, stand alike: sorting leaves them as they came.
    """
    plain = _DIGEST.sub("", name)
    parts = (part for part in _NUMBER.split(plain) if part)
    return tuple((0, float(part)) if _NUMBER.fullmatch(part) else (1, part) for part in parts), plain


def expanded(spec: RunSpec, ready: Collection[str] | None = None) -> Expanded:
    """Put a subject for each path that matches in the place of each policy and judge with a pattern.

    A subject is called as the entry, with what matched in the place of the pattern, or after the name that was given
    to the entry. `ready` are the paths that are complete; where it is given, a pattern may have no match yet.
    ConfigError for a pattern without a match, and for two subjects of one name.
    """
    kinds = {"policy": spec.policies, "judge": spec.judges}
    found: dict[str, dict[str, Any]] = {}
    series: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind, entries in kinds.items():
        found[kind] = {}
        for name, entry in entries.items():
            if (pattern := pattern_of(entry)) is None:
                _set(found[kind], kind, name, entry)
                continue
            paths = matches(pattern)
            if not paths and ready is None:
                hint = "it is seen from the working folder, and only * is more than itself"
                raise ConfigError(f"{kind} '{name}': nothing matches {pattern}", hint)
            series[kind, name] = ()
            for path in paths:
                if ready is None or path in ready:
                    member = _named(name, pattern, path)
                    _set(found[kind], kind, member, filled(entry, pattern, path))
                    training = kind, _training(name, pattern, path)
                    series[training] = (*series.get(training, ()), member)
    kept = {name: members for name, members in series.items() if members}
    return Expanded(msgspec.structs.replace(spec, policies=found["policy"], judges=found["judge"]), kept)


def pattern_of(entry: Entry) -> str | None:
    """The pattern in an entry, as it was written: a path with a `*`."""
    if isinstance(entry, str):
        words = split(entry)
        told = words.value if words.model is None else split(words.model).value
    else:
        texts = [value for key in PATH_OPTIONS if isinstance(value := entry.get(key), str) and "*" in value]
        told = split(texts[0]).value or texts[0] if texts else None
    return told if told is not None and "*" in told else None


def patterns(spec: RunSpec) -> list[str]:
    """Every pattern of a specification."""
    entries = (*spec.policies.values(), *spec.judges.values())
    return list(dict.fromkeys(pattern for entry in entries if (pattern := pattern_of(entry)) is not None))


def matches(pattern: str) -> list[str]:
    """The paths that match, in the natural order of their names; `*` alone is more than itself in a pattern."""
    return sorted(glob(escape(os.path.expanduser(pattern)).replace("[*]", "*")), key=natural)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names in natural order, each once."""
    return tuple(sorted(dict.fromkeys(names), key=natural))


def _named(name: str, pattern: str, path: str) -> str:
    """The name of one checkpoint: `step-*` or `logprob@step-*` with what matched, or the entry's own name before it."""
    matched, shown = stem("/".join(_matched(pattern, path))), label(pattern)
    return name.replace(shown, matched) if shown in name else f"{name}-{matched}"


def _training(name: str, pattern: str, path: str) -> str:
    """The name of the series: the entry's, with what tells the folders of several trainings apart (`run-*/step-*`)."""
    if "*" not in PurePath(pattern).name or len(_matched(pattern, path)) == 1:
        return name
    shown, folders = label(pattern), "/".join(_matched(pattern, path)[:-1])
    one = f"{folders}/{stem(PurePath(pattern).name)}"
    return name.replace(shown, one) if shown in name else f"{name}-{folders}"


def _matched(pattern: str, path: str) -> tuple[str, ...]:
    """The parts of a path from where its pattern has its first `*`."""
    parts = PurePath(pattern).parts
    first = next(number for number, part in enumerate(parts) if "*" in part)
    return PurePath(path).parts[first - len(parts) :]


def filled(entry: Entry, pattern: str, path: str) -> Entry:
    """An entry with a path in the place of its pattern."""
    if isinstance(entry, str):  # without the name that the text may set: it is that of the series
        return entry.removeprefix(f"{split(entry).name}=").replace(pattern, path, 1)
    whole = dict(entry)
    for key in PATH_OPTIONS:
        if isinstance(value := whole.get(key), str):
            whole[key] = value.replace(pattern, path, 1)
    return whole


def _set(found: dict[str, Any], kind: str, name: str, entry: Entry) -> None:
    if name in found:
        raise ConfigError(f"two {kind} entries are called '{name}'", "give one of them a name: NAME=...")
    found[name] = entry
