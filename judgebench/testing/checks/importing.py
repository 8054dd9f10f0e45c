"""What the import of a component's module does, in a fresh interpreter."""

import json
import sys
from functools import cache
from typing import Any

from judgebench.plugin.component import Component
from judgebench.plugin.measure import Measure
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.elsewhere import fresh, place_of
from judgebench.testing.rule import Rule
from judgebench.testing.subject import Subject, subclasses


def imports_quietly(subject: Subject[Component]) -> None:
    """The module can be imported on its own; it opens no socket, prints nothing and loads no heavy library.

    Measures may load numpy. All modules with components of one package are looked at in one interpreter, which forks
    for each of them.
    """
    cls = subject.cls
    there = {
        one for one in {cls, *subclasses(Component)} if _package(one) == _package(cls) and _is_module(one.__module__)
    }
    if cls not in there:
        raise NotChecked("it is defined in no module that can be imported")
    measuring = {one.__module__ for one in there if issubclass(one, Measure)}
    others = {one.__module__ for one in there} - measuring
    places = {"": [place_of(one) for one in sorted(others)], "numpy": [place_of(one) for one in sorted(measuring)]}
    found: dict[str, Any] = _found(json.dumps(places))[cls.__module__]
    if found["error"]:
        raise NotConforming(f"{cls.__module__} cannot be imported on its own: {found['error']}", "an import by itself")
    if found["sockets"]:
        raise NotConforming(f"the import of {cls.__module__} opens a socket", "no work at import")
    if found["printed"].strip():
        raise NotConforming(f"the import of {cls.__module__} prints: {found['printed']}", "no output at import")
    if found["heavy"]:
        loaded = ", ".join(found["heavy"])
        raise NotConforming(f"the import of {cls.__module__} loads {loaded}", "heavy libraries imported in functions")


@cache
def _found(places: str) -> Any:
    """Once for all components of a package: what was found for a question does not change in a process."""
    return fresh("imports", {"modules": json.loads(places)})


def _is_module(name: str) -> bool:
    return name != "__main__" and getattr(sys.modules.get(name), "__file__", None) is not None


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]


RULES = (Rule("is imported quietly, without heavy libraries", imports_quietly),)
