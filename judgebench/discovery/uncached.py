"""Modules compiled from what their files hold now: bytecode tells files apart by size and second alone."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any


class Uncached(SourceFileLoader):
    """Compiles what the file holds now."""

    def path_stats(self, path: Any) -> Any:
        """No file has a time by which bytecode could be taken for it."""
        raise OSError("bytecode is neither read nor written")


class Below:
    """Finds the modules of one package, whenever it imports them, and has each compiled anew.

    `root` is the folder of the package, or the file of a lone module, and `top` its name.
    """

    def __init__(self, top: str, root: Path) -> None:
        self.top, self.root = top, root

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module below the root; None leaves any other to Python."""
        if name.partition(".")[0] != self.top:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        if not Path(spec.origin).resolve().is_relative_to(self.root):
            return None
        spec.loader = Uncached(name, spec.origin)
        return spec


def compile_anew(top: str, root: Path) -> None:
    """From now on the modules of this package are compiled when they are imported."""
    sys.meta_path[:] = [one for one in sys.meta_path if not (isinstance(one, Below) and one.top == top)]
    sys.meta_path.insert(0, Below(top, root))
