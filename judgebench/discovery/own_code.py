"""Plugins that are not installed: a file, a package folder, or a module by its name, each with a digest of its code."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from judgebench.core.errors import PluginError
from judgebench.core.near_path import meant
from judgebench.discovery.source_folder import entries_of, wheel_name
from judgebench.discovery.uncached import compile_anew

FORMS = "name a .py file, a package folder or a module"
RUN = "manifest.json"
"""What tells a run folder: one that lies in a package is no code of it."""


@dataclass(frozen=True, slots=True)
class OwnCode:
    """A plugin as a user named it.

    `file` is its module's file, `root` all of its code (that file or a package's folder), `attribute` what of the
    module is the plugin (empty: all), `distribution` the name in its pyproject.toml, `installed` whether Python finds
    the module by its name.
    """

    given: str
    name: str
    module: str
    file: Path
    root: Path
    attribute: str = ""
    distribution: str = ""
    installed: bool = False

    def digest(self) -> str:
        """sha256 of the names and contents of its files, but for bytecode, hidden ones and run folders.

        Of a module within a package the files of Python alone: its outermost package may hold results and weights.
        """
        total = hashlib.sha256()
        within = self.installed and "." in self.module
        for path in [self.root] if self.root.is_file() else sorted(_code(self.root)):
            if within and path.suffix != ".py":
                continue
            name = path.relative_to(self.root).as_posix()  # of a lone file `.`: its code counts, not its name
            total.update(f"{len(name)} {name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()


def find(given: str) -> list[OwnCode]:
    """The plugins that a path or a module's name stands for; PluginError where there is none."""
    path = Path(os.path.expanduser(given))
    if os.path.isdir(path):
        return _folder(given, path.resolve())
    if os.path.isfile(path):
        if path.suffix != ".py":
            raise PluginError(f"{given} is no .py file", FORMS)
        whole = path.resolve()
        if whole.name == "__init__.py":
            return _folder(given, whole.parent)
        return [OwnCode(given, path.stem, _alias(whole), whole, whole)]
    if "/" in given or given.endswith(".py"):
        raise PluginError(f"{given}: there is no such file or folder", meant(path, FORMS))
    return [_module(given, path)]


def all_of(given: Sequence[str]) -> list[OwnCode]:
    """The plugins of several paths, each once; PluginError where two are called the same."""
    found: dict[str, OwnCode] = {}
    modules: dict[str, OwnCode] = {}
    for text in given:
        for one in find(text):
            for name, named in ((one.name, found), (one.module, modules)):
                if (other := named.setdefault(name, one)) is not one and other.file != one.file:
                    raise PluginError(f"two plugins are called '{name}': {other.given} and {text}", "rename one")
    return list(found.values())


def _folder(given: str, folder: Path) -> list[OwnCode]:
    if (folder / "pyproject.toml").is_file():
        distribution = wheel_name(folder)
        return [
            OwnCode(given, entry.name, entry.module, entry.file, entry.root, entry.attribute, distribution)
            for entry in entries_of(folder, given)
        ]
    if (file := folder / "__init__.py").is_file():
        return [OwnCode(given, folder.name, re.sub(r"\W", "_", folder.name), file, folder)]
    inside = sorted(path.name for path in folder.glob("*.py"))
    hint = f"name a file of it, such as {os.path.join(given, inside[0])}" if inside else "name a folder with code"
    raise PluginError(f"{given} has neither pyproject.toml nor __init__.py", hint)


def _module(given: str, path: Path) -> OwnCode:
    top = given.partition(".")[0]
    try:
        above = importlib.util.find_spec(top) if "." in given and given.replace(".", "").isidentifier() else None
        if above is not None and above.origin is not None:  # looking for a module imports its packages
            compile_anew(top, Path(above.origin).resolve().parent)
        spec = importlib.util.find_spec(given) if all(map(str.isidentifier, given.split("."))) else None
    except (ImportError, ValueError):  # its parent is not there, or is no package
        spec = None
    except Exception as error:  # its parent is imported for this
        raise PluginError(f"module '{given}': {type(error).__name__}: {error}", "mend it") from error
    if spec is None:
        raise PluginError(f"there is no file, folder or module '{given}'", meant(path, FORMS))
    if spec.origin is None or not spec.origin.endswith(".py"):
        raise PluginError(f"module '{given}' has no code of its own", "name a module with an __init__.py or a .py file")
    file = Path(spec.origin).resolve()
    return OwnCode(given, given.rpartition(".")[2], given, file, _outermost(file, given), installed=True)


def _outermost(file: Path, module: str) -> Path:
    """All code that a module may stand on: the folder of its outermost package, or the file of a lone one."""
    above = [file.parent, *file.parent.parents][: module.count(".") + (file.name == "__init__.py")]
    return above[-1] if above else file


def _code(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "__pycache__" or path.suffix == ".pyc":
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink() and not (path / RUN).exists():
            yield from _code(path)


def _alias(file: Path) -> str:
    """A name under which a lone file can be a module beside a library of its name; the same for the same file."""
    return f"_judgebench_{re.sub(r'[^0-9A-Za-z_]', '_', file.stem)}_{hashlib.sha256(bytes(file)).hexdigest()[:8]}"
