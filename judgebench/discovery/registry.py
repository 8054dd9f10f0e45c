"""Finds plugins, keeps every component with its origin, and sets broken plugins aside."""

import contextlib
import importlib.metadata
import inspect
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from judgebench import __version__
from judgebench.core.errors import ConfigError, JudgebenchError, PluginError
from judgebench.discovery import own_import
from judgebench.discovery.origin import Broken, Loaded, Origin
from judgebench.discovery.own_code import OwnCode, all_of
from judgebench.discovery.registration import PLANNING, check_hooks, checked, components_of
from judgebench.discovery.selection import GROUP, Selection, normalised
from judgebench.plugin import hooks
from judgebench.plugin.component import Component
from judgebench.plugin.options import nearest

__all__ = ["PLANNING", "Broken", "Loaded", "Origin", "Registry", "load"]

K = TypeVar("K", bound=Component)


@dataclass(slots=True)
class Registry:
    """Component classes by kind and name, each with its origin; the hooks; the plugins set aside."""

    manager: pluggy.PluginManager
    classes: dict[tuple[str, str], type[Component]] = field(default_factory=dict)
    origins: dict[type[Component], Origin] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    clashes: dict[tuple[str, str], tuple[Origin, ...]] = field(default_factory=dict)
    loaded: list[Loaded] = field(default_factory=list)

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

    def code(self, component: Component) -> dict[str, str]:
        """What of a component's identity is its code: the digest of files that have no version, else nothing."""
        origin = self.origins.get(type(component))
        return {"code": origin.code} if origin is not None and origin.code else {}

    def add(self, plugin: Any, origin: Origin, began: float | None = None) -> None:
        """Register a plugin; one that is broken in any way is set aside whole. `began`: when its import did."""
        began = time.perf_counter() if began is None else began
        try:
            found = self._registered(plugin, origin)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a third party's code: whatever it raises, the program lives
            self.set_aside(origin, error)
            return
        for cls in found:
            key = (cls.kind, cls.name)
            if (holder := self.classes.setdefault(key, cls)) is not cls:
                self.clashes[key] = (*self.clashes.get(key, (self.origins[holder],)), origin)
            self.origins.setdefault(cls, origin)
        self.loaded.append(Loaded(origin, time.perf_counter() - began, _place(plugin), tuple(found)))

    def add_own_code(self, own: OwnCode) -> None:
        """Import and register a plugin that is not installed. PluginError for one that is broken or takes a name."""
        began = time.perf_counter()
        digest = own.digest()
        plugin = own_import.load(own, digest)
        if self.manager.get_name(plugin) is not None:  # an installed one, named by its module: it takes part already
            return
        origin = Origin(own.name, own.given, f"sha256:{digest[:12]}", digest)
        try:
            found = self._registered(plugin, origin)
        except PluginError as error:
            raise PluginError(
                f"{own.given}: {error.message}", error.hint or "see `judgebench plugin new --help`"
            ) from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # its hook may raise anything
            raise own_import.fault(own, error) from error
        self._take(found, origin)
        self.loaded.append(Loaded(origin, time.perf_counter() - began, str(own.file), tuple(found)))

    def add_own(self, classes: Sequence[type]) -> None:
        """Register classes of the calling program. PluginError for one that is no component or whose name is taken."""
        try:
            found = [checked(cls) for cls in classes]
        except PluginError as error:
            raise PluginError(error.message, error.hint or "see `judgebench.plugin.kinds`") from None
        except Exception as error:  # of a type hint that cannot be resolved, say
            raise PluginError(f"a class of your own is no component: {error}", "define its types in a module") from None
        self._take(found, Origin("your own", "your own", "-"))

    def set_aside(self, origin: Origin, error: BaseException) -> None:
        """Keep a plugin as broken, with the reason."""
        text = " ".join(str(error).split())
        named = text if isinstance(error, JudgebenchError) else ": ".join(filter(None, (type(error).__name__, text)))
        self.broken.append(Broken(origin, named, "".join(traceback.format_exception(error))))

    def _registered(self, plugin: Any, origin: Origin) -> list[type[Component]]:
        """The components of a plugin whose hooks take part from now on; of one that is broken nothing does."""
        name = f"{origin.distribution}:{origin.plugin}"
        if (other := self.manager.get_name(plugin)) is not None:
            raise PluginError(f"it is the same as the plugin '{other.partition(':')[2]}'")
        try:
            self.manager.register(plugin, name)
            check_hooks(self.manager, plugin)
            return [checked(cls) for cls in components_of(self.manager, plugin)]
        except BaseException:
            if self.manager.get_plugin(name) is plugin:
                self.manager.unregister(plugin)
            raise

    def _take(self, found: Sequence[type[Component]], origin: Origin) -> None:
        """Take in what a user named: a name that is taken is an error at once."""
        for cls in found:
            if (holder := self.classes.setdefault((cls.kind, cls.name), cls)) is not cls:
                there = f"{cls.kind} '{cls.name}' is there already ({self.origins[holder]})"
                raise PluginError(f"{origin.distribution}: {there}" if origin.code else there, "rename yours")
            self.origins.setdefault(cls, origin)


def load(builtin: ModuleType, plugins: Sequence[str] = (), selection: Selection = Selection()) -> Registry:  # noqa: B008
    """The registry of what ships (`builtin`), of the installed plugins that are selected, and of a user's own code.

    `plugins` are paths of files and folders, or modules' names. A folder stands in the place of the installed
    distribution of its name.
    """
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    registry = Registry(manager)
    registry.add(builtin, Origin("built in", "judgebench", __version__))
    if registry.broken:
        raise PluginError(
            f"judgebench's own components are broken: {registry.broken[0].reason}", "reinstall judgebench"
        )
    with contextlib.redirect_stdout(sys.stderr):  # what a plugin prints is no part of what a command prints
        _load(registry, selection, all_of((*selection.paths, *plugins)))
    return registry


def _load(registry: Registry, selection: Selection, own: Sequence[OwnCode]) -> None:
    """Import and register the installed plugins that are selected, and the user's own code."""
    replaced = {normalised(one.distribution) for one in own if one.distribution}
    for one in own:
        if one.distribution:  # before an installed plugin can import the installed one of its name
            own_import.load(one, one.digest())
    for entry in selection.among(importlib.metadata.entry_points(group=GROUP)):
        origin = _origin(entry)
        if normalised(origin.distribution) in replaced:
            continue
        began = time.perf_counter()
        try:
            plugin = entry.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an import may raise anything, SystemExit included
            registry.set_aside(origin, error)
            continue
        registry.add(plugin, origin, began)
    for one in own:
        registry.add_own_code(one)


def _origin(entry: importlib.metadata.EntryPoint) -> Origin:
    name, version = (entry.dist.name, entry.dist.version) if entry.dist else (None, None)
    return Origin(entry.name, name or entry.module, version or "?")  # both may be None where metadata is damaged


def _place(plugin: Any) -> str:
    """The file that a plugin lies in."""
    try:
        return inspect.getfile(plugin if inspect.ismodule(plugin) or inspect.isclass(plugin) else type(plugin))
    except (TypeError, OSError):
        return ""
