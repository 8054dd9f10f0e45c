"""judgebench run: ask policies and judges, record every outcome, make the board."""

import asyncio
import signal
from typing import Any

import click

from judgebench.cli.spec import show, spec_of, spec_options


@click.command("run")
@spec_options
@click.option("--dry-run", is_flag=True, help="Print calls, tokens and cost; ask nothing, write nothing.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(target: str, dry_run: bool, quiet: bool, no_cache: bool, **flags: Any) -> None:
    """Ask policies and judges, and make the board.

    \b
    A SPEC is [NAME=]COMPONENT[:VALUE | @BACKEND:MODEL][,option=value...]:
      --policy recorded:outputs/iter1.json       answers from a file
      --policy openai:gpt-4.1-mini               a model answers (policy `chat`)
      --judge  logprob@openai:gpt-4.1,order=both a judge and its model
    Judges also take order=both|seeded, repeats=N and limit=N. The same command continues a run that
    was interrupted; another policy or judge, or a larger limit, extends it.
    """
    from judgebench import app

    known = app.registry()
    planned = app.plan(spec_of(target, no_cache, flags), known, secrets=not dry_run)
    if dry_run:
        show(asyncio.run(app.preview(planned)))
        return
    observers = []
    if not quiet:
        from judgebench.cli.progress import Progress

        observers.append(Progress())

    async def go() -> None:
        # a polite kill is a Ctrl-C
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
        await app.execute(planned, known, observers)

    asyncio.run(go())
    click.echo(app.render(app.board_of(planned, known), "markdown", known), nl=False)
    click.echo(f"board: {planned.folder}/board.md and board.json; record: {planned.folder}/record.jsonl", err=True)
