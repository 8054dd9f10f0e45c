"""What `judgebench plugin check` finds: the outcomes of every check of a plugin, by component."""

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from judgebench.core.errors import ConfigError, PluginError

if TYPE_CHECKING:
    from judgebench.discovery.origin import Loaded
    from judgebench.discovery.registry import Registry
    from judgebench.plugin.component import Component

State = Literal["ok", "failed", "not checked"]


@dataclass(frozen=True)
class Outcome:
    """One check: what it is about, how it ended, and why where it is not ok."""

    about: str
    state: State
    detail: str = ""


@dataclass(frozen=True)
class Group:
    """The checks of one component, or of the plugin as a package."""

    kind: str
    name: str
    outcomes: tuple[Outcome, ...]
    missing: tuple[str, ...] = ()
    """Options that are required and were not given."""

    def as_data(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class Total:
    """How many checks ended how, and which components failed one."""

    counts: Mapping[str, int]
    failed: tuple[str, ...]

    def raise_for_failed(self) -> None:
        """PluginError where a check failed."""
        if self.failed:
            number = self.counts["failed"]
            raise PluginError(
                f"{number} check{'' if number == 1 else 's'} failed: {', '.join(self.failed)}",
                "each says what it saw and what is expected; pytest shows more",
            )


def outcomes(target: str, options: Sequence[str]) -> Iterator[Group]:
    """The groups of a plugin, each as soon as it is checked. PluginError where there is no such plugin."""
    from judgebench.cli.packaging import of_package
    from judgebench.testing import conformance

    classes = _found(target)
    package = tuple(Outcome(*one) for one in of_package(target))
    if not classes and not package:
        raise PluginError(
            f"{target} brings no component: there is nothing to check", "other hooks are for a plugin's own tests"
        )
    for cls, given in [(cls, _given(cls, values)) for cls, values in _divided(classes, options)]:
        missing = tuple(_required(cls)) if given is cls else ()
        yield Group(cls.kind, cls.name, tuple(map(_outcome, conformance(given))), missing)
    if package:
        yield Group("package", target, package)


def summary(groups: Sequence[Group]) -> Total:
    """The counts over all groups."""
    states = [one.state for group in groups for one in group.outcomes]
    counts = {state.replace(" ", "_"): states.count(state) for state in typing.get_args(State)}
    bad = [f"{g.kind} {g.name}" for g in groups if any(one.state == "failed" for one in g.outcomes)]
    return Total(counts, tuple(bad))


def print_group(group: Group) -> None:
    """One line a check; after one that is not ok why, where none before says the same."""
    click.echo(f"{group.kind} {group.name}")
    said: set[str] = set()
    for one in group.outcomes:
        click.echo(f"  {one.state:<11}  {one.about}")
        for line in one.detail.splitlines() if one.detail not in said else ():
            click.echo(f"  {'':<11}    {line}")
        said.add(one.detail)
    if group.missing:
        words = " ".join(f"-o {group.name}.{option}=VALUE" for option in group.missing)
        click.echo(f"  with its options all of it can be checked: {words}")


def _outcome(check: Any) -> Outcome:
    from judgebench.testing import NotChecked

    try:
        check()
    except NotChecked as why:
        return Outcome(check.about, "not checked", str(why))
    except AssertionError as error:
        return Outcome(check.about, "failed", str(error))
    return Outcome(check.about, "ok")


def _found(target: str) -> "list[type[Component]]":
    """The components of the plugins that a name, a path or a module stands for, or those of this name."""
    from judgebench.cli.known import plugins, registry
    from judgebench.discovery.own_code import find
    from judgebench.discovery.selection import is_path, normalised
    from judgebench.plugin.options import nearest

    known = registry()
    named = [] if is_path(target) else _called(target, known)
    if named:
        return [cls for plugin in named for cls in plugin.components]
    for broken in known.broken:
        if normalised(target) in {normalised(broken.origin.plugin), normalised(broken.origin.distribution)}:
            raise PluginError(f"{target} was set aside: {broken.reason}", "JUDGEBENCH_TRACE=1 shows the traceback")
    if not is_path(target) and (classes := [cls for (_, name), cls in known.classes.items() if name == target]):
        return classes
    try:
        files = {own.file for own in find(target)}
    except PluginError:
        if is_path(target) or Path(target).exists():
            raise
        words = {word for one in known.loaded for word in (one.origin.plugin, one.origin.distribution)}
        hint = nearest(target, words | {name for _, name in known.classes})
        close = hint if hint.startswith("did") else "name an installed plugin, a component, or a path"
        raise PluginError(f"there is no plugin, component or path '{target}'", close) from None
    from judgebench import app

    loaded = app.registry(plugins=(*plugins(), target)).loaded
    return [cls for plugin in loaded if Path(plugin.place).resolve() in files for cls in plugin.components]


def _called(target: str, known: "Registry") -> "list[Loaded]":
    from judgebench.discovery.selection import normalised

    word = normalised(target)
    return [one for one in known.loaded if word in {normalised(one.origin.plugin), normalised(one.origin.distribution)}]


def _divided(
    classes: "Sequence[type[Component]]", options: Sequence[str]
) -> "list[tuple[type[Component], dict[str, str]]]":
    """The options, which read COMPONENT.OPTION=VALUE, by the components that they belong to."""
    from judgebench.plugin.options import nearest
    from judgebench.testing.subject import option_names

    found: list[tuple[type[Component], dict[str, str]]] = [(cls, {}) for cls in classes]
    for text in options:
        path, equals, value = text.partition("=")
        name, dot, option = path.rpartition(".")
        if not (equals and dot and name and option):
            raise ConfigError(f"-o {text} cannot be read", "the form is COMPONENT.OPTION=VALUE")
        named = [one for one in found if one[0].name == name]
        if not named:
            raise ConfigError(
                f"-o {text}: there is no component '{name}' here", nearest(name, {c.name for c in classes})
            )
        taking = [one for one in named if option in option_names(one[0])]  # of a judge and a policy of one name, say
        for _, values in taking or named:
            values[option] = value
    return found


def _given(cls: "type[Component]", values: Mapping[str, str]) -> "type[Component] | Component":
    """The class, or where options are given the component, with models that nobody named filled in."""
    from judgebench.plugin.options import build
    from judgebench.testing.subject import models_for

    if not values:
        return cls
    return build(cls, {**models_for(cls), **values}, f"{cls.kind} '{cls.name}'", strict=False)


def _required(cls: "type[Component]") -> list[str]:
    """Options without a default, but for those that name models."""
    from judgebench.plugin.options import model_options

    without = [one.name for one in fields(cls) if one.default is one.default_factory is MISSING]  # type: ignore[arg-type]
    return [name for name in without if name not in model_options(cls)]
