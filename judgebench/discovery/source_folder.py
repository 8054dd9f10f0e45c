"""A plugin's source folder: what its pyproject.toml says of it, and where its modules lie."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench.core.errors import PluginError
from judgebench.discovery.selection import GROUP

ENTRY = '[project.entry-points.judgebench] with a line NAME = "MODULE"'


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry point: its name, its module, what of the module it names, the module's file and its package's root."""

    name: str
    module: str
    attribute: str
    file: Path
    root: Path


def project_of(folder: Path, given: str) -> dict[str, Any]:
    """The content of its pyproject.toml; PluginError that says what cannot be read."""
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PluginError(f"{given}/pyproject.toml: {error}", "it should be TOML; see the packaging guide") from None


def wheel_name(folder: Path) -> str:
    """The distribution's name, or nothing where it says none."""
    return str(_table(project_of(folder, str(folder)), "project").get("name", ""))


def entries_of(folder: Path, given: str) -> list[SourceEntry]:
    """The entry points of the group `judgebench`; PluginError where there is none, or a module is not there."""
    project = project_of(folder, given)
    named = _table(project, "project", "entry-points", GROUP)
    if not named:
        raise PluginError(f"{given}/pyproject.toml names no entry point in the group '{GROUP}'", f"add {ENTRY}")
    found = []
    for name, value in sorted(named.items()):
        module, _, attribute = str(value).replace(" ", "").partition(":")
        file = _file(folder, project, module)
        if file is None:
            where = ", ".join(str(root.relative_to(folder)) for root in _roots(folder, project))
            raise PluginError(
                f"{given}/pyproject.toml: the module '{module}' of entry point '{name}' is not there",
                f"looked into {where}: correct the name under {GROUP}",
            )
        top = file[0]
        found.append(SourceEntry(name, module, attribute, file[1], top.parent if top.name == "__init__.py" else top))
    return found


def _file(folder: Path, project: dict[str, Any], module: str) -> tuple[Path, Path] | None:
    """The files of a module's outermost package and of itself."""
    parts = module.split(".")
    for root in _roots(folder, project):
        paths = [_here(root.joinpath(*names)) for names in (parts[:1], parts)]
        if paths[0] is not None and paths[1] is not None:
            return paths[0], paths[1]
    return None


def _here(base: Path) -> Path | None:
    return next((path for path in (base / "__init__.py", base.with_name(f"{base.name}.py")) if path.is_file()), None)


def _roots(folder: Path, project: dict[str, Any]) -> Iterator[Path]:
    """Where modules may lie: as the build back end says (hatchling, setuptools), under src, or in the folder itself."""
    found = [(folder / str(path)).parent for path in _list(project, "tool", "hatch", "build", "targets", "wheel")]
    setuptools = _table(project, "tool", "setuptools")
    found += [folder / str(path) for path in _table(setuptools, "package-dir").values()]
    found += [folder / str(path) for path in _table(setuptools, "packages", "find").get("where", [])]
    yield from dict.fromkeys(root for root in (*found, folder / "src", folder) if root.is_dir())


def _list(project: dict[str, Any], *keys: str) -> list[Any]:
    packages = _table(project, *keys).get("packages", [])
    return packages if isinstance(packages, list) else []


def _table(values: Any, *keys: str) -> dict[str, Any]:
    """The table under these keys; empty where there is none."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}
