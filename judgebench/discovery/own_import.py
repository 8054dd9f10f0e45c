"""Imports a plugin that is not installed, under a name that shadows nothing, and says which line of it is at fault."""

import importlib
import importlib.util
import os
import sys
import traceback
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

from judgebench.core.errors import JudgebenchError, PluginError
from judgebench.discovery.own_code import OwnCode
from judgebench.discovery.uncached import Uncached, compile_anew

_STAMP = "__judgebench_code__"


def load(own: OwnCode, digest: str) -> Any:
    """The plugin, imported anew where its code is another than that of an earlier import.

    `digest` is that of its code. PluginError that names the line for whatever it raises.
    """
    try:
        module = _imported(own, digest)
        return reduce(getattr, own.attribute.split("."), module) if own.attribute else module
    except (KeyboardInterrupt, JudgebenchError):
        raise
    except BaseException as error:  # an import may raise anything, SystemExit included
        raise fault(own, error) from error


def fault(own: OwnCode, error: BaseException) -> PluginError:
    """What a user reads of an error in a plugin: the last line of its code that the error came by, and what it says."""
    return PluginError(f"{_place(own, error)}: {_said(error)}", _hint(own, error))


def _imported(own: OwnCode, digest: str) -> ModuleType:
    top = own.module.partition(".")[0]
    earlier = sys.modules.get(own.module)
    if earlier is not None and getattr(earlier, _STAMP, None) in (None, (str(own.file), digest)):
        return _its_own(own, earlier)  # imported by others, or by us as it is now
    mine = [name for name in sys.modules if name.partition(".")[0] == top] if earlier is not None else []
    before = {name: sys.modules.pop(name) for name in mine}
    there = set(sys.modules)
    compile_anew(top, own.root)
    try:
        if not own.installed and top not in sys.modules:
            _first(own, top)
        module = _its_own(own, importlib.import_module(own.module))
    except BaseException:
        for name in sys.modules.keys() - there:
            if name.partition(".")[0] == top:
                del sys.modules[name]
        sys.modules.update(before)
        raise
    setattr(module, _STAMP, (str(own.file), digest))
    return module


def _its_own(own: OwnCode, module: ModuleType) -> ModuleType:
    """The module, if it is the plugin's and not another one of its name."""
    file = getattr(module, "__file__", None)
    if file is None or Path(file).resolve() != own.file:
        raise PluginError(
            f"{own.given}: there is a module '{own.module}' already ({file or 'built in'})", "rename yours"
        )
    return module


def _taken(own: OwnCode, name: str, by: str | None) -> PluginError:
    return PluginError(f"{own.given}: there is a module '{name}' already ({by})", "rename yours")


def _first(own: OwnCode, name: str) -> None:
    """Execute the outermost module from its file."""
    file = own.root if own.root.is_file() else own.root / "__init__.py"
    if not own.distribution and (spec := importlib.util.find_spec(name)) is not None and spec.origin != str(file):
        raise _taken(own, name, spec.origin)
    loader = Uncached(name, str(file))
    inside = None if own.root.is_file() else [str(own.root)]
    spec = importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=inside)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look the module of a class up here
    loader.exec_module(module)


def _place(own: OwnCode, error: BaseException) -> str:
    """The last line of the plugin's own code that an error came by."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        frames = [(error.filename, error.lineno)]
    else:
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    for name, line in reversed(frames):
        if (path := Path(name)).is_relative_to(own.root):
            return f"{_shown(own, path)}, line {line}"
    return own.given


def _shown(own: OwnCode, path: Path) -> str:
    """A file of the plugin as its user would name it."""
    base = Path(os.path.expanduser(own.given)).resolve()
    if path.is_relative_to(base):
        return os.path.join(own.given, *path.relative_to(base).parts)
    return str(path)  # of a module that was named, not a path


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    return ": ".join(filter(None, (type(error).__name__, text)))


def _hint(own: OwnCode, error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        name = error.name.partition(".")[0]
        if own.root.is_file() and ((own.root.parent / f"{name}.py").exists() or (own.root.parent / name).is_dir()):
            return "a file stands alone: make a package folder with __init__.py, and write `from .NAME import ...`"
        return f"install what brings '{name}'"
    if isinstance(error, ImportError) and "relative import" in str(error):
        return "a file stands alone: make a package folder with __init__.py"
    return "mend it; JUDGEBENCH_TRACE=1 shows the traceback"
