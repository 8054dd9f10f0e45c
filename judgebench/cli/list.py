"""judgebench list: every component with its origin and options, and the plugins that were set aside."""

import dataclasses
from typing import Any

import click


@click.command("list")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
def command(kinds: tuple[str, ...]) -> None:
    """List components: kind, name, origin, version, and their options with defaults.

    KIND: backends, policies, judges, benchmarks, measures, reports.
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import KINDS
    from judgebench.plugin.options import nearest

    known = app.registry()
    plurals = {"policies" if name == "policy" else f"{name}s": kind for name, kind in KINDS.items()}
    singular = {kind.kind: plural for plural, kind in plurals.items()}
    for word in kinds:
        if singular.get(word, word) not in plurals:
            raise ConfigError(f"there is no kind '{word}'", nearest(word, plurals))
    wanted = [singular.get(word, word) for word in kinds] or list(plurals)
    for plural in wanted:
        click.echo(f"{plural}")
        for name in known.names(plurals[plural]):
            cls = known.classes[plurals[plural].kind, name]
            click.echo(f"  {name:<30} {cls.summary}  [{known.origins[cls]}]")
            for field in dataclasses.fields(cls):  # type: ignore[arg-type]
                click.echo(f"      {_option(field):<36} {field.metadata.get('help', '')}")
    if known.broken:
        click.echo("\nset aside")
        for broken in known.broken:
            click.echo(f"  {broken.origin.plugin:<30} [{broken.origin}] {broken.reason}")
    for (kind, name), (first, second) in known.clashes.items():
        click.echo(f"\nclash: {kind} '{name}' is claimed by {first.plugin} [{first}] and {second.plugin} [{second}]")


def _option(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING:
        return f"{field.name} (required)"
    return f"{field.name}={field.default!r}"
