"""judgebench list: every component with its origin and options, and the plugins that were set aside."""

import dataclasses
import typing
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.complete import kinds as complete_kinds
from judgebench.cli.known import plugin_option, registry

if TYPE_CHECKING:
    from judgebench.discovery.registry import Registry
    from judgebench.plugin.component import Component

TAKEN_BY_ALL = {"judges": " (each also takes sees: policies | pairs | both, order: both | seeded, repeats, limit)"}


@click.command("list")
@click.argument("kinds", nargs=-1, metavar="[KIND]...", shell_complete=complete_kinds)
@click.option("--verbose", is_flag=True, help="Also say of each plugin how long it took to load and where it lies.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON: components, plugins, broken, clashes.")
@plugin_option
def command(kinds: tuple[str, ...], verbose: bool, as_json: bool) -> None:
    """List components: kind, name, origin, version, and their options with defaults.

    KIND: backends, policies, judges, benchmarks, measures, imports, reports; of the reports, templates are the tables
    of papers. A plugin that cannot be loaded is set aside, with the reason; --verbose adds the line that is at fault,
    and JUDGEBENCH_TRACE=1 the whole traceback.
    """
    from judgebench.cli.catalogue import as_data, of_kinds

    known = registry()
    wanted = of_kinds(kinds)
    if as_json:
        import json

        click.echo(json.dumps(as_data(known, wanted), indent=2))
        return
    for plural, kind in wanted.items():
        click.echo(f"{plural}{TAKEN_BY_ALL.get(plural, '')}")
        for name in known.names(kind):
            if issubclass(cls := known.classes[kind.kind, name], kind):
                _component(cls, known)
    if verbose:
        _plugins(known)
    if known.broken:
        click.echo("\nset aside")
        for broken in known.broken:
            click.echo(f"  {broken.origin.plugin:<30} [{broken.origin}] {broken.reason}")
            if verbose and (lines := [line for line in broken.trace.splitlines() if line.startswith("  File ")]):
                click.echo(f"      {lines[-1].strip()}")
    for (one, name), origins in known.clashes.items():
        claims = " and ".join(f"{origin.plugin} [{origin}]" for origin in origins)
        click.echo(f"\nclash: {one} '{name}' is claimed by {claims}")


def _component(cls: "type[Component]", known: "Registry") -> None:
    status = f"  ({cls.status})" if cls.status else ""
    click.echo(f"  {cls.name:<30} {cls.summary}{status}  [{known.origins[cls]}]")
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        click.echo(f"      {_option(field, hints[field.name]):<44}  {field.metadata.get('help', '')}")
    for preset, values in cls.presets.items():
        sets = ", ".join(f"{option}={value!r}" for option, value in values.items())
        click.echo(f"      {f'preset={preset}':<44}  sets {sets}")


def _plugins(known: "Registry") -> None:
    click.echo("\nplugins")
    for plugin in known.loaded:
        brings = f"{len(plugin.components)} component{'' if len(plugin.components) == 1 else 's'}"
        took = f"{1000 * plugin.seconds:.0f} ms"
        click.echo(f"  {plugin.origin.plugin:<30} {took:>8}  {brings}  {plugin.place}  [{plugin.origin}]")


def _option(field: "dataclasses.Field[Any]", hint: Any) -> str:
    """`name: type = default`, types without the modules they come from."""
    from judgebench.cli.catalogue import spelled

    text = f"{field.name}: {spelled(hint)}"
    if field.default_factory is not dataclasses.MISSING:
        return f"{text} = {field.default_factory()!r}"
    return f"{text} (required)" if field.default is dataclasses.MISSING else f"{text} = {field.default!r}"
