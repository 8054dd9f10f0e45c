"""Finds plugins, keeps every component with its origin, and sets broken plugins aside."""

import dataclasses
import importlib.metadata
import inspect
import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

import msgspec
import pluggy

from judgebench import __version__
from judgebench.core.errors import ConfigError, JudgebenchError, PluginError
from judgebench.plugin import hooks
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import KINDS, Judge
from judgebench.plugin.options import nearest

GROUP = "judgebench"
PLANNING = frozenset({"order", "repeats", "limit", "sees"})
"""Words that beside a judge's options say how much it is asked: no judge has an option of such a name."""
HOOKS = frozenset(name for name in vars(hooks) if name.startswith("judgebench_"))
K = TypeVar("K", bound=Component)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a component comes from: a plugin's name, its distribution and version."""

    plugin: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that was set aside, and why."""

    origin: Origin
    reason: str


@dataclass(slots=True)
class Registry:
    """Component classes by kind and name, each with its origin; the hooks; the plugins set aside."""

    manager: pluggy.PluginManager
    classes: dict[tuple[str, str], type[Component]] = field(default_factory=dict)
    origins: dict[type[Component], Origin] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    clashes: dict[tuple[str, str], tuple[Origin, ...]] = field(default_factory=dict)

    def get(self, kind: type[K], name: str) -> type[K]:
        """The class of a kind with a name; ConfigError with the nearest name when there is none."""
        self.check()
        if (found := self.classes.get((kind.kind, name))) is None:
            hint = nearest(name, self.names(kind))
            if self.broken:
                hint += f" ({len(self.broken)} plugin(s) could not be loaded: see `judgebench list`)"
            raise ConfigError(f"there is no {kind.kind} '{name}'", hint)
        assert issubclass(found, kind)
        return found

    def has(self, kind: type[Component], name: str) -> bool:
        """Is there a component of this kind with this name."""
        return (kind.kind, name) in self.classes

    def names(self, kind: type[Component]) -> list[str]:
        """All names of a kind, sorted."""
        return sorted(name for of, name in self.classes if of == kind.kind)

    def check(self) -> None:
        """PluginError when two plugins claim one name of one kind."""
        for (kind, name), origins in self.clashes.items():
            claims = " and ".join(f"{origin.plugin} ({origin})" for origin in origins)
            raise PluginError(f"{kind} '{name}' is claimed by more than one plugin: {claims}", "uninstall one of them")

    def secret(self, name: str) -> str | None:
        """The first plugin's answer to `judgebench_secret`."""
        found: str | None = self.manager.hook.judgebench_secret(name=name)
        return found

    def add(self, plugin: Any, origin: Origin) -> None:
        """Register a plugin; one that is broken in any way is set aside whole."""
        name = f"{origin.distribution}:{origin.plugin}"
        try:
            if (other := self.manager.get_name(plugin)) is not None:
                raise PluginError(f"it is the same as the plugin '{other.partition(':')[2]}'")
            self.manager.register(plugin, name)
            _check_hooks(self.manager, plugin)
            found = [_checked(cls) for cls in _components(self.manager, plugin)]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a third party's code: whatever it raises, the program lives
            if self.manager.get_plugin(name) is plugin:
                self.manager.unregister(plugin)
            self.set_aside(origin, error)
            return
        for cls in found:
            key = (cls.kind, cls.name)
            if (holder := self.classes.setdefault(key, cls)) is not cls:
                self.clashes[key] = (*self.clashes.get(key, (self.origins[holder],)), origin)
            self.origins.setdefault(cls, origin)

    def add_own(self, classes: Sequence[type]) -> None:
        """Register classes of the calling program. PluginError for one that is no component or whose name is taken."""
        origin = Origin("your own", "your own", "-")
        try:
            found = [_checked(cls) for cls in classes]
        except PluginError as error:
            raise PluginError(error.message, error.hint or "see `judgebench.plugin.kinds`") from None
        except Exception as error:  # of a type hint that cannot be resolved, say
            raise PluginError(f"a class of your own is no component: {error}", "define its types in a module") from None
        for cls in found:
            key = (cls.kind, cls.name)
            if (holder := self.classes.setdefault(key, cls)) is not cls:
                raise PluginError(f"{cls.kind} '{cls.name}' is there already ({self.origins[holder]})", "rename yours")
            self.origins.setdefault(cls, origin)

    def set_aside(self, origin: Origin, error: BaseException) -> None:
        """Keep a plugin as broken, with the reason."""
        text = " ".join(str(error).split())
        named = text if isinstance(error, JudgebenchError) else ": ".join(filter(None, (type(error).__name__, text)))
        self.broken.append(Broken(origin, named))


def _check_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    hooked = {caller.name: caller.has_spec() for caller in manager.get_hookcallers(plugin) or ()}
    for name, known in hooked.items():
        if not known:
            raise PluginError(f"unknown hook '{name}': {nearest(name, HOOKS)}")
    for name in sorted(HOOKS - hooked.keys()):
        if callable(getattr(plugin, name, None)):
            raise PluginError(f"'{name}' is not marked with @judgebench.hookimpl")
    if not hooked:
        raise PluginError("it implements no hook: mark its functions judgebench_... with @judgebench.hookimpl")


def _components(manager: pluggy.PluginManager, plugin: Any) -> list[Any]:
    implementations = manager.hook.judgebench_components.get_hookimpls()
    found: list[Any] = []
    for hook in implementations:
        if hook.plugin is plugin:
            found += hook.function()  # type: ignore[arg-type]  # its result is whatever the plugin returns
    return found


def _checked(cls: Any) -> type[Component]:
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
        raise PluginError(f"{cls.__name__} does not implement {', '.join(sorted(cls.__abstractmethods__))}")
    reserved = {"kind", "name", "summary", "status", "preset", cls.kind, *(PLANNING if issubclass(cls, Judge) else ())}
    if taken := reserved.intersection(option.name for option in dataclasses.fields(cls)):  # type: ignore[arg-type]
        raise PluginError(f"{cls.__name__} has an option '{min(taken)}', which is a reserved word")
    typing.get_type_hints(cls)
    msgspec.json.Decoder(cls)  # raises for types that options cannot have
    return cls


def load(builtin: ModuleType) -> Registry:
    """The registry of what ships (`builtin`) and of every installed plugin of the group `judgebench`."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    registry = Registry(manager)
    registry.add(builtin, Origin("built in", "judgebench", __version__))
    if registry.broken:
        raise PluginError(
            f"judgebench's own components are broken: {registry.broken[0].reason}", "reinstall judgebench"
        )
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda e: (e.name, e.value)):
        origin = _origin(entry)
        try:
            plugin = entry.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an import may raise anything, SystemExit included
            registry.set_aside(origin, error)
            continue
        registry.add(plugin, origin)
    return registry


def _origin(entry: importlib.metadata.EntryPoint) -> Origin:
    name, version = (entry.dist.name, entry.dist.version) if entry.dist else (None, None)
    return Origin(entry.name, name or entry.module, version or "?")  # both may be None where metadata is damaged
