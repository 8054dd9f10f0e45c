"""judgebench run: ask policies and judges, record every outcome, make the board."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.known import registry
from judgebench.cli.spec import forecast_data, print_json, show, spec_of, spec_options

if TYPE_CHECKING:
    from judgebench.app import Observer
    from judgebench.core.leaderboard import Leaderboard
    from judgebench.discovery.registry import Registry
    from judgebench.engine.prepare import Plan


@click.command("run")
@spec_options
@click.option(
    "--watch", metavar="FOLDER", help="Go on: measure each checkpoint in FOLDER that a pattern finds, as it appears."
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="With --watch: a checkpoint counts once nothing in it has changed for so long.",
)
@click.option(
    "--idle", type=click.FloatRange(min=0), metavar="MINUTES", help="With --watch: end when no new one has come."
)
@click.option("--dry-run", is_flag=True, help="Print calls, tokens and cost; ask nothing, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the board as JSON; with --dry-run what would be asked.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    target: str,
    watch: str | None,
    settle: float,
    idle: float | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    no_cache: bool,
    **flags: Any,
) -> None:
    """Ask policies and judges, and make the board.

    \b
    A SPEC is [NAME=]COMPONENT[:VALUE | @BACKEND:MODEL][,option=value...]:
      --policy recorded:outputs/iter1.json       answers from a file
      --policy openai:gpt-4.1-mini               a model answers (policy `chat`)
      --policy 'hf:ckpts/step-*'                 each checkpoint that matches, in the order of its steps
      --judge  logprob@openai:gpt-4.1,order=both a judge and its model
    Judges also take order=both|seeded, repeats=N, limit=N, and sees=policies|pairs|both: whether they are shown the
    policies' answers, the pairs that the benchmark brings, or both. The same command continues a run that was
    interrupted; another policy or judge, or a larger limit, extends it.
    """
    from judgebench import app

    spec = spec_of(target, no_cache, flags)
    known = registry()
    if dry_run:
        if watch is not None:
            raise click.UsageError("--dry-run looks once: leave --watch out")
        forecasts = asyncio.run(app.preview(app.plan(spec, known, secrets=False)))
        print_json({"forecast": forecast_data(forecasts)}) if as_json else show(forecasts)
        return
    report = "json" if as_json else "markdown"
    if watch is None:
        if idle is not None:
            raise click.UsageError("--idle bounds a watch: give --watch FOLDER too")
        board = carried_out(app.plan(spec, known), known, quiet)
        click.echo(app.render(board, report, known), nl=False)
        return
    from judgebench.cli.watch import Round, Spent, Watch, follow
    from judgebench.core.errors import DataError

    spent = Spent()
    board, damaged = follow(
        spec,
        Watch(Path(watch), settle, None if idle is None else 60 * idle),
        Round(
            lambda path: app.check_path(spec, known, path),
            lambda ready: app.plan(spec, known, ready=ready),
            lambda planned: carried_out(spent.within(planned), known, quiet, spent),
        ),
    )
    click.echo(app.render(board, report, known), nl=False)
    if damaged:
        raise DataError(
            f"{len(damaged)} of the checkpoints could not be read: {', '.join(damaged)}",
            "mend or delete them; the same command measures them then",
        )


def carried_out(planned: "Plan", known: "Registry", quiet: bool, *more: "Observer") -> "Leaderboard":
    """Everything is asked, the board written into the run folder."""
    from judgebench import app

    observers = list(more)
    if not quiet:
        from judgebench.cli.progress import Progress

        observers.append(Progress())

    async def go() -> None:
        work = asyncio.ensure_future(app.execute(planned, known, observers))
        # a polite kill is a Ctrl-C, also where that itself is ignored: in a job that a shell put into the background
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    asyncio.run(go())
    board = app.board_of(planned, known)
    files = ["board.md", "board.json", *app.trajectory(board)]
    click.echo(f"board: {planned.folder}/{', '.join(files)}; record: {planned.folder}/record.jsonl", err=True)
    return board
