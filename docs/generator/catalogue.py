"""What there is to write about: what ships alone, and the repository's plugins, whether installed or not."""

import importlib
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

from judgebench import components
from judgebench.plugin.component import Component

ROOT = Path(__file__).parents[2]


def shipped() -> list[type[Component]]:
    """Every component that ships, in the order in which it is registered."""
    return list(components.judgebench_components())


def of_kind(kind: str) -> list[type[Component]]:
    """Those of one kind, by name."""
    return sorted((cls for cls in shipped() if cls.kind == kind), key=lambda cls: cls.name)


@dataclass(frozen=True)
class Plugin:
    """A plugin of the repository: its distribution, what it says of itself, its components and commands."""

    name: str
    about: str
    components: tuple[type[Component], ...]
    commands: tuple[click.Command, ...]


def plugins() -> list[Plugin]:
    """The repository's plugins, read from their sources."""
    return [_plugin(path) for path in sorted((ROOT / "plugins").glob("judgebench-*/pyproject.toml"))]


def _plugin(path: Path) -> Plugin:
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    points = project["entry-points"]
    sys.path.insert(0, str(path.parent / "src"))
    try:
        modules = [importlib.import_module(name) for name in points.get("judgebench", {}).values()]
    finally:
        sys.path.pop(0)
    cli = click.Group()
    for module in modules:
        if hasattr(module, "judgebench_commands"):
            module.judgebench_commands(cli)
    words = points.get("judgebench.commands", {})
    return Plugin(
        project["name"],
        project["description"],
        tuple(
            cls
            for module in modules
            if hasattr(module, "judgebench_components")
            for cls in module.judgebench_components()
        ),
        tuple(cli.commands[word] for word in sorted(words)),
    )
