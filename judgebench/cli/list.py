"""judgebench list: every component with its origin and options, and the plugins that were set aside."""

import dataclasses
import inspect
import re
import typing
from typing import Any

import click

MODULE = re.compile(r"""('[^']*'|"[^"]*")|\b(?:\w+\.)+(?=\w)""")
"""A quoted word of a type, which is kept, or the modules before a name."""
OPTIONAL = re.compile(r"\AOptional\[(.*)\]\Z")
TAKEN_BY_ALL = {"judges": " (each also takes sees: policies | pairs | both, order: both | seeded, repeats, limit)"}


@click.command("list")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
def command(kinds: tuple[str, ...]) -> None:
    """List components: kind, name, origin, version, and their options with defaults.

    KIND: backends, policies, judges, benchmarks, measures, imports, reports; of the reports, templates are the tables
    of papers.
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.component import Component
    from judgebench.plugin.kinds import KINDS
    from judgebench.plugin.options import nearest
    from judgebench.plugin.paper_table import PaperTable

    known = app.registry()
    whole = {"policies" if name == "policy" else f"{name}s": kind for name, kind in KINDS.items()}
    plurals: dict[str, type[Component]] = {**whole, "templates": PaperTable}
    singular = {**{kind.kind: plural for plural, kind in whole.items()}, "template": "templates"}
    for word in kinds:
        if singular.get(word, word) not in plurals:
            raise ConfigError(f"there is no kind '{word}'", nearest(word, plurals))
    wanted = [singular.get(word, word) for word in kinds] or list(whole)
    for plural in wanted:
        click.echo(f"{plural}{TAKEN_BY_ALL.get(plural, '')}")
        for name in known.names(plurals[plural]):
            cls = known.classes[plurals[plural].kind, name]
            if not issubclass(cls, plurals[plural]):
                continue
            status = f"  ({cls.status})" if cls.status else ""
            click.echo(f"  {name:<30} {cls.summary}{status}  [{known.origins[cls]}]")
            hints = typing.get_type_hints(cls)
            for field in dataclasses.fields(cls):  # type: ignore[arg-type]
                click.echo(f"      {_option(field, hints[field.name]):<44}  {field.metadata.get('help', '')}")
            for preset, values in cls.presets.items():
                sets = ", ".join(f"{option}={value!r}" for option, value in values.items())
                click.echo(f"      {f'preset={preset}':<44}  sets {sets}")
    if known.broken:
        click.echo("\nset aside")
        for broken in known.broken:
            click.echo(f"  {broken.origin.plugin:<30} [{broken.origin}] {broken.reason}")
    for (kind, name), origins in known.clashes.items():
        claims = " and ".join(f"{origin.plugin} [{origin}]" for origin in origins)
        click.echo(f"\nclash: {kind} '{name}' is claimed by {claims}")


def _option(field: "dataclasses.Field[Any]", hint: Any) -> str:
    """`name: type = default`, types without the modules they come from."""
    plain = MODULE.sub(lambda found: found[1] or "", inspect.formatannotation(hint))
    spelled = f"{field.name}: " + OPTIONAL.sub(r"\1 | None", plain)
    if field.default_factory is not dataclasses.MISSING:
        return f"{spelled} = {field.default_factory()!r}"
    return f"{spelled} (required)" if field.default is dataclasses.MISSING else f"{spelled} = {field.default!r}"
