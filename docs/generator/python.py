"""The page of the public doors: `judgebench`, `judgebench.app`, `judgebench.testing`."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import judgebench
from docs.generator import kinds
from docs.generator.markdown import code, first_sentence, mono, page, prose, table
from docs.generator.source import assignment, declaration, head, methods, signature
from judgebench import app, testing
from judgebench.stats.table import Table

INTRODUCTION = """
`import judgebench` costs nothing: names are loaded on first use. A plugin imports `judgebench` and
`judgebench.testing` alone.
"""
TITLES = {
    "judgebench.app": "Run and read",
    "judgebench.app.running": "Run and read",
    "judgebench.app.boards": "Run and read",
    "judgebench.engine.recording": "What runs give",
    "judgebench.engine.dryrun": "What runs give",
    "judgebench.engine.decision": "What runs give",
    "judgebench.core.leaderboard": "Boards",
    "judgebench.plugin.kinds": "Kinds",
    "judgebench.plugin.component": "Kinds",
    "judgebench.plugin.benchmark": "Kinds",
    "judgebench.plugin.measure": "Kinds",
    "judgebench.plugin.conventions": "Kinds",
    "judgebench.stats.table": "Kinds",
    "judgebench.plugin.options": "Options and hooks",
    "judgebench.plugin.hooks": "Options and hooks",
    "judgebench.core.item": "Nouns",
    "judgebench.core.request": "Requests",
    "judgebench.core.events": "Events",
    "judgebench.core.errors": "Errors",
    "judgebench.plugin.template": "Prompts and texts",
    "judgebench.plugin.transcript": "Prompts and texts",
    "judgebench.plugin.hub": "Files",
    "judgebench.plugin.digests": "Files",
}
"""What the names of a module are about; of a module that is not here, they stand under its own name."""
POLICY = """
## What is public, and how it changes

Public are: the names in `judgebench.__all__`, `judgebench.app.__all__` and `judgebench.testing.__all__`; the hooks; the
names of components, options and measures; commands, their flags and exit codes; the fields of
[board.json](board.md), of [run folders](record.md) and of [verdict tables](verdict-table.md). All else may change at
any time. A public name that goes is kept for one minor version, in which using it gives a `DeprecationWarning` that
names what stands in its place; CHANGELOG.md lists it. A field of a file that goes or changes its meaning raises that
file's `schema`.
"""


def python_page() -> str:
    """Every public name, by what it is about."""
    homes = _homes(Path(judgebench.__file__).with_suffix(".pyi"))
    groups: dict[str, list[str]] = {title: [] for title in TITLES.values()}
    for name in vars(judgebench)["__all__"]:
        if name in homes:
            groups.setdefault(TITLES.get(homes[name], homes[name]), []).append(name)
    return page(
        "Python",
        INTRODUCTION,
        "[judgebench](#judgebench) · [judgebench.app](#judgebenchapp) · [judgebench.testing](#judgebenchtesting) · "
        "[what is public, and how it changes](#what-is-public-and-how-it-changes)",
        "## judgebench",
        "`__version__`: the version, a text.",
        *(part for title, names in groups.items() if names for part in _group(title, names, homes)),
        "## judgebench.app",
        prose(app.__doc__),
        *_all(app, "__init__.py"),
        "## judgebench.testing",
        prose(testing.__doc__),
        *_all(testing, "__init__.pyi"),
        POLICY,
    )


def _all(module: Any, file: str) -> Iterator[str]:
    homes = _homes(Path(module.__file__).with_name(file))
    above = [name for name in module.__all__ if name in vars(judgebench)["__all__"]]
    if above:
        yield "As in `judgebench`: " + ", ".join(f"[{mono(name)}](#{name.lower()})" for name in above) + "."
    for name in module.__all__:
        if name not in above:
            yield _section(name, getattr(module, name), homes.get(name, module.__name__), 3)


def _homes(stub: Path) -> dict[str, str]:
    """The module that each name is imported from."""
    found: dict[str, str] = {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: node.module for alias in node.names}
    return found


def _group(title: str, names: list[str], homes: dict[str, str]) -> Iterator[str]:
    yield f"### {title}"
    elsewhere = [name for name in names if _documented(getattr(judgebench, name))]
    rows = [
        (f"[{mono(name)}](kinds.md#{name.lower()})", first_sentence(getattr(judgebench, name).__doc__))
        for name in elsewhere
    ]
    yield table(("name", "what it is"), rows)
    for name in names:
        if name not in elsewhere:
            yield _section(name, getattr(judgebench, name), homes[name], 4)


def _documented(thing: Any) -> bool:
    """Whether the page of kinds has a section of it."""
    classes = {cls for kind, beside in kinds.KINDS for cls in (kind, *beside)}
    data = {*kinds.NOUNS, *kinds.REQUESTS, *kinds.ASKED, *kinds.RESULTS, *kinds.EVENTS, Table}
    return inspect.isclass(thing) and (thing in classes | data or issubclass(thing, Exception))


def _section(name: str, thing: Any, home: str, level: int) -> str:
    title = f"{'#' * level} {name}"
    if inspect.isclass(thing):
        fields = "__dataclass_fields__" in vars(thing) or "__struct_fields__" in vars(thing)
        own = [code(signature(method)) + "\n\n" + prose(method.__doc__) for method in methods(thing)]
        shown = declaration(thing) if fields else head(thing).rstrip(":")
        return "\n\n".join((title, code(shown), prose(thing.__doc__), *own))
    if inspect.isfunction(thing):
        return "\n\n".join((title, code(signature(thing)), prose(thing.__doc__)))
    if inspect.ismodule(thing):
        names = ", ".join(mono(one) for one in getattr(thing, "__all__", ()))
        return "\n\n".join((title, prose(thing.__doc__), f"Its names: {names}." if names else ""))
    line, about = assignment(import_module(home), name)
    return "\n\n".join(filter(None, (title, code(line), prose(about))))
