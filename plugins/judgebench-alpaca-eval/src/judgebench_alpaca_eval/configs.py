"""Annotator configurations as the package ships them: which there are, and the text of one."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import ConfigError
from judgebench_alpaca_eval import package

_ANEW = "install alpaca-eval anew"


@dataclass(frozen=True)
class Configuration:
    """One annotator: what its YAML file says, and the text of its prompt file."""

    name: str
    values: Mapping[str, Any]
    template: str

    @property
    def decoding(self) -> Mapping[str, Any]:
        """How its completions are asked for: `completions_kwargs`."""
        found: Mapping[str, Any] = self.values.get("completions_kwargs") or {}
        return found


def names() -> list[str]:
    """All annotators of the installed package; one of a pool of several is POOL/ANNOTATOR."""
    folders = sorted(path.parent.name for path in _files())
    return [name for folder in folders for name in _annotators(folder, _read(folder))]


def load(name: str) -> Configuration:
    """The annotator of this name. ConfigError where there is none, or where it names several."""
    folder, _, member = name.partition("/")
    if folder not in {path.parent.name for path in _files()}:
        raise ConfigError(
            f"alpaca-eval {package.installed_version()} has no annotator '{name}'", _nearest(name, names())
        )
    found = _annotators(folder, _read(folder))
    if name not in found and not member:
        raise ConfigError(
            f"'{name}' is a pool of {len(found)} annotators, of which one is drawn for each instruction",
            "name one of them: " + ", ".join(found),
        )
    if name not in found:
        raise ConfigError(f"the pool '{folder}' has no annotator '{member}'", _nearest(name, found))
    values = found[name]
    path = package.configurations() / str(values.get("prompt_template"))
    try:
        template = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"annotator '{name}': its prompt cannot be read: {error}", _ANEW) from None
    return Configuration(name, values, template)


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else "such as weighted_alpaca_eval_gpt4_turbo; the README lists all"


def _files() -> Iterator[Path]:
    """Most are called configs.yaml, one is not."""
    return package.configurations().glob("*/config*.yaml")


def _read(folder: str) -> Mapping[str, Any]:
    import yaml

    path = next(path for path in _files() if path.parent.name == folder)
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"annotator '{folder}': {path} cannot be read: {error}", _ANEW) from None
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise ConfigError(f"annotator '{folder}': {path} holds no annotators", _ANEW)
    return found


def _annotators(folder: str, found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """By name: the folder's where there is one alone."""
    if len(found) == 1:
        return {folder: next(iter(found.values()))}
    return {f"{folder}/{member}": values for member, values in found.items()}
