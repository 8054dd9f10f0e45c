"""judgebench plugin: begin a plugin, and check one."""

import click

from judgebench.cli.complete import files as complete_files

KINDS = ("judge", "policy", "backend", "benchmark", "measure", "import", "report")


@click.group("plugin")
def command() -> None:
    """Begin a plugin of your own, and check that one keeps the rules of its kinds.

    \b
      judgebench plugin new brevity --kind judge
      judgebench plugin check judgebench-brevity
      judgebench plugin check my_judge.py -o my-judge.words=50
    """


@command.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it brings.")
@click.option("--out", default=".", show_default=True, metavar="FOLDER", help="Where its folder judgebench-NAME goes.")
def new(name: str, kind: str, out: str) -> None:
    """Write a package with one small component that works, its tests and a README.

    NAME is what the component is called in specs; the distribution is judgebench-NAME. Nothing is overwritten.
    """
    import shlex
    from pathlib import Path

    from judgebench.cli.known import registry
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import KINDS as CLASSES
    from judgebench.scaffold.package import named, write

    names = named(name)
    known = registry()
    if known.has(CLASSES[kind], names.name):
        holder = known.origins[known.classes[kind, names.name]]
        raise ConfigError(f"there is a {kind} '{names.name}' already ({holder})", "give yours another name")
    folder = write(names, kind, Path(out))
    click.echo(f"written: {folder}; what to do next:", err=True)
    there = shlex.quote(str(folder))
    click.echo(f"pip install -e {shlex.quote(f'{folder}[test]')}")
    click.echo(f"judgebench plugin check {there}{names.options(kind, there)}")
    click.echo(names.use(kind, there))


@command.command("check")
@click.argument("target", metavar="NAME|PATH", shell_complete=complete_files)
@click.option(
    "-o",
    "--option",
    "options",
    multiple=True,
    metavar="COMPONENT.OPTION=VALUE",
    help="An option that a component is checked with; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON.")
def check(target: str, options: tuple[str, ...], as_json: bool) -> None:
    """Check every component of a plugin by the conformance suite of its kind. Exit code 3 when a check fails.

    NAME is an installed plugin (its entry point or distribution) or a component of one; PATH a .py file or a folder
    that is not installed. An option that is required and not given leaves checks out, which are then `not checked`.
    Needs `pip install 'judgebench[testing]'`; pytest runs the same checks by judgebench.testing.conformance.
    """
    from judgebench.cli.conform import outcomes, print_group, summary
    from judgebench.cli.spec import print_json

    groups = []
    for group in outcomes(target, options):
        groups.append(group)
        if not as_json:
            print_group(group)
    total = summary(groups)
    if as_json:
        print_json({"plugin": target, "groups": [group.as_data() for group in groups], **total.counts})
    else:
        click.echo("\n" + ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in total.counts.items()))
    total.raise_for_failed()
