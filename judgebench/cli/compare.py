"""judgebench compare: better, worse, equivalent or undecided, in words and figures."""

from pathlib import Path
from typing import Any

import click

from judgebench.cli.complete import names
from judgebench.cli.complete import runs as complete_runs
from judgebench.cli.inference import inference_options
from judgebench.cli.known import plugin_option, registry

OUTCOMES = ("better", "worse", "different", "equivalent", "undecided")
FAILED = 1
"""Exit code of a gate that closed: nothing went wrong, the answer is the one that was not wanted."""


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_runs)
@click.option("--a", metavar="NAME", help="The policy or judge that is compared; alone, with every other.")
@click.option("--b", metavar="NAME", help="What it is compared with.")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    shell_complete=names("measure"),
    help="Instead of the runs' own measures.",
)
@click.option("--margin", type=float, help="The smallest difference that matters, in the measure's unit.")
@click.option("--fail-if", multiple=True, type=click.Choice(OUTCOMES), help="Exit with code 1 on this outcome.")
@click.option("--json", "as_json", is_flag=True, help="Print the decisions as JSON.")
@inference_options
@plugin_option
def command(
    runs: tuple[str, ...],
    a: str | None,
    b: str | None,
    measures: tuple[str, ...],
    margin: float | None,
    fail_if: tuple[str, ...],
    as_json: bool,
    **inference: Any,
) -> None:
    """Say whether A is better than B, worse, equivalent within a margin, or whether that is undecided.

    Runs of one benchmark are joined; both subjects are compared on the same resamples, paired. The same two policies
    are compared under each judge and on each measure that has a better end. Without --a and --b all pairs are
    compared, and p-values adjusted for that.

    \b
      judgebench compare runs/iter1 runs/iter2 --a iter2 --b iter1
      judgebench compare runs/weekly --a iter2 --b iter1 --measure win-rate --margin 2 --fail-if worse
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError

    if fail_if and (a is None or b is None):
        raise ConfigError("--fail-if needs to know who is worse than whom", "name two with --a and --b")
    known = registry()
    decisions = app.compare(
        [Path(run) for run in runs], known, measures=measures, a=a, b=b, margin=margin, gate=fail_if, **inference
    )
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(decisions), indent=2).decode())
    else:
        click.echo("\n\n".join(map(str, decisions)))
    failed = sorted({decision.outcome for decision in decisions} & set(fail_if))
    if failed:
        click.echo(f"gate closed: {', '.join(failed)}", err=True)
        raise SystemExit(FAILED)
