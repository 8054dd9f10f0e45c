"""Finds plugins, keeps every component with its origin, and sets broken plugins aside."""

import dataclasses
import importlib.metadata
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from judgebench.core.errors import ConfigError, PluginError
from judgebench.plugin import hooks
from judgebench.plugin.kinds import KINDS, Component
from judgebench.plugin.options import nearest

GROUP = "judgebench"
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
    clashes: dict[tuple[str, str], tuple[Origin, Origin]] = field(default_factory=dict)

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
        for (kind, name), (first, second) in self.clashes.items():
            raise PluginError(
                f"{kind} '{name}' is claimed by two plugins: {first.plugin} ({first}) and {second.plugin} ({second})",
                "uninstall one of them",
            )

    def secret(self, name: str) -> str | None:
        """The first plugin's answer to `judgebench_secret`."""
        found: str | None = self.manager.hook.judgebench_secret(name=name)
        return found

    def add(self, plugin: Any, origin: Origin) -> None:
        """Register a plugin; one that is broken in any way is set aside whole."""
        try:
            self.manager.register(plugin, origin.plugin)
        except (pluggy.PluginValidationError, ValueError) as error:
            self._set_aside(plugin, origin, str(error).splitlines()[-1])
            return
        unknown = [call.name for call in _hooks_without_spec(self.manager, plugin)]
        if unknown:
            self._set_aside(plugin, origin, f"unknown hook '{unknown[0]}'")
            return
        try:
            found = [_checked(cls) for cls in _components(plugin)]
        except Exception as error:  # a third party's code: whatever it raises, the program lives
            self._set_aside(plugin, origin, f"{type(error).__name__}: {error}")
            return
        for cls in found:
            key = (cls.kind, cls.name)
            if key in self.classes and self.classes[key] is not cls:
                self.clashes[key] = (self.origins[self.classes[key]], origin)
            else:
                self.classes[key], self.origins[cls] = cls, origin

    def _set_aside(self, plugin: Any, origin: Origin, reason: str) -> None:
        if self.manager.is_registered(plugin):
            self.manager.unregister(plugin)
        self.broken.append(Broken(origin, reason))


def _hooks_without_spec(manager: pluggy.PluginManager, plugin: Any) -> Iterator[pluggy.HookCaller]:
    for caller in manager.get_hookcallers(plugin) or ():
        if not caller.has_spec():
            yield caller


def _components(plugin: Any) -> list[type[Component]]:
    implementation = getattr(plugin, "judgebench_components", None)
    return list(implementation()) if implementation is not None else []


def _checked(cls: Any) -> type[Component]:
    kinds = tuple(KINDS.values())
    if not (inspect.isclass(cls) and issubclass(cls, kinds)):
        raise TypeError(f"{cls!r} is not a component class: subclass one of " + ", ".join(k.__name__ for k in kinds))
    if not isinstance(getattr(cls, "name", None), str):
        raise TypeError(f"{cls.__name__} has no name")
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is no dataclass: decorate it with @dataclass(frozen=True)")
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))
        raise TypeError(f"{cls.__name__} does not implement {missing}")
    return cls


def load(builtin: ModuleType) -> Registry:
    """The registry of what ships (`builtin`) and of every installed plugin of the group `judgebench`."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    registry = Registry(manager)
    version = importlib.metadata.version("judgebench")
    registry.add(builtin, Origin("built in", "judgebench", version))
    if registry.broken:
        raise PluginError(
            f"judgebench's own components are broken: {registry.broken[0].reason}", "reinstall judgebench"
        )
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda e: (e.name, e.value)):
        distribution = entry.dist
        origin = Origin(
            entry.name,
            distribution.name if distribution else entry.module,
            distribution.version if distribution else "?",
        )
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # an import may raise anything
            registry.broken.append(Broken(origin, f"{type(error).__name__}: {error}"))
            continue
        registry.add(plugin, origin)
    return registry
