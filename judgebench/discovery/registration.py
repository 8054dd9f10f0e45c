"""What a plugin must be to be registered: hooks that there are, and components of the right form."""

import dataclasses
import difflib
import inspect
import re
import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pluggy

from judgebench.core.errors import PluginError
from judgebench.plugin import hooks
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import KINDS, Judge
from judgebench.plugin.options import nearest

PLANNING = frozenset({"order", "repeats", "limit", "sees"})
"""Words that beside a judge's options say how much it is asked: no judge has an option of such a name."""
HOOKS = frozenset(name for name in vars(hooks) if name.startswith("judgebench_"))


def check_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    """PluginError for a hook that there is not, for one that is not marked, and where there is none."""
    hooked = {caller.name: caller.has_spec() for caller in manager.get_hookcallers(plugin) or ()}
    for name, known in hooked.items():
        if not known:
            raise PluginError(f"unknown hook '{name}': {nearest(name, HOOKS)}")
    for name in sorted(HOOKS - hooked.keys()):
        if callable(getattr(plugin, name, None)):
            raise PluginError(f"'{name}' is not marked with @judgebench.hookimpl")
    if not hooked:
        raise PluginError("it implements no hook: mark its functions judgebench_... with @judgebench.hookimpl")


def components_of(manager: pluggy.PluginManager, plugin: Any) -> list[Any]:
    """What the plugin's hook `judgebench_components` returns."""
    implementations = manager.hook.judgebench_components.get_hookimpls()
    found: list[Any] = []
    for hook in implementations:
        if hook.plugin is plugin:
            found += hook.function()  # type: ignore[arg-type]  # its result is whatever the plugin returns
    return found


def checked(cls: Any) -> type[Component]:
    """The class, if it is a component of a name, frozen and with options of readable types; else an error that says."""
    kinds = tuple(KINDS.values())
    if not (inspect.isclass(cls) and issubclass(cls, kinds)):
        known = ", ".join(kind.__name__ for kind in kinds)
        raise PluginError(f"{cls!r} is not a component class: subclass one of {known}")
    name = getattr(cls, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[^\s=:@,]+", name):
        raise PluginError(f"{cls.__name__} has no name: set `name` to a word without blanks, '=', ':', '@' and ','")
    made = vars(cls).get("__dataclass_params__")  # its own: a decorated parent knows nothing of new fields
    if made is None or not made.frozen:
        raise PluginError(f"{cls.__name__} is no frozen dataclass: decorate it with @dataclass(frozen=True)")
    if inspect.isabstract(cls):
        raise PluginError(f"{cls.__name__} does not implement {', '.join(_missing(cls))}")
    reserved = {"kind", "name", "summary", "status", "preset", cls.kind, *(PLANNING if issubclass(cls, Judge) else ())}
    if taken := reserved.intersection(option.name for option in dataclasses.fields(cls)):  # type: ignore[arg-type]
        raise PluginError(f"{cls.__name__} has an option '{min(taken)}', which is a reserved word")
    typing.get_type_hints(cls)
    msgspec.json.Decoder(cls)  # raises for types that options cannot have
    return cls


def _missing(cls: type[Component]) -> Iterator[str]:
    """The methods that it lacks, each with its own one that is spelled nearly so."""
    own = [name for name, value in vars(cls).items() if callable(value) and not hasattr(cls.__base__, name)]
    for missing in sorted(cls.__abstractmethods__):
        close = difflib.get_close_matches(missing, own, n=1)
        yield f"{missing} (is it '{close[0]}'?)" if close else missing
