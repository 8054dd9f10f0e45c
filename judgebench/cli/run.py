"""judgebench run: ask policies and judges, record every outcome, make the board."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click


@click.command("run")
@click.argument("target", metavar="BENCHMARK|RUN.yaml")
@click.option("--policy", "policies", multiple=True, metavar="SPEC", help="A policy; may be given more than once.")
@click.option("--judge", "judges", multiple=True, metavar="SPEC", help="A judge; may be given more than once.")
@click.option("--model", "models", multiple=True, metavar="NAME=SPEC", help="Name a model for use in other specs.")
@click.option("--measure", "measures", multiple=True, metavar="NAME", help="Instead of the benchmark's own measures.")
@click.option("--limit", type=click.IntRange(min=1), help="A seeded, stratified sample of so many items.")
@click.option("--seed", type=int, help="Seed of samples, orders and intervals.")
@click.option("--out", metavar="FOLDER", help="The run folder; continued when it exists. [default: runs/BENCHMARK]")
@click.option("--data-dir", metavar="DIR", help="A mirror of the hub. [default: JUDGEBENCH_DATA, else the hub]")
@click.option("--retries", type=click.IntRange(min=0), help="Further tries of a call that fails. [default: 5]")
@click.option("--max-calls", type=click.IntRange(min=0), help="Stop before this command makes more calls.")
@click.option("--max-cost", type=click.FloatRange(min=0), help="Stop before this command spends more US dollars.")
@click.option(
    "--cache", metavar="FILE", help="A completion cache for several runs to share. [default: one in the run folder]"
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the completion cache.")
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
    planned = app.plan(_spec(target, no_cache, flags), known, secrets=not dry_run)
    if dry_run:
        _show(asyncio.run(app.preview(planned)))
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
    board = app.leaderboard([planned.folder], known, measures=planned.setup.spec.measures)
    app.publish_board(board, planned.folder, known, {"board.json": "json", "board.md": "markdown"})
    click.echo(app.render(board, "markdown", known), nl=False)
    click.echo(f"board: {planned.folder}/board.md and board.json; record: {planned.folder}/record.jsonl", err=True)


def _spec(target: str, no_cache: bool, flags: dict[str, Any]) -> Any:
    """The specification of a run file or benchmark, with the flags over it."""
    from judgebench.engine.spec import from_mapping, named, read_run_file, split

    values: dict[str, Any] = {"benchmark": target}
    if target.endswith((".yaml", ".yml")):
        import msgspec

        values = msgspec.structs.asdict(read_run_file(Path(target)))
    for key in ("policies", "judges"):
        values[key] = {**values.get(key, {}), **named(flags[key], key)}
    for text in flags["models"]:
        words = split(text)
        if words.name is None:
            raise click.UsageError(f"--model {text}: give it a name: --model NAME={text}")
        values["models"] = {**values.get("models", {}), words.name: text.removeprefix(f"{words.name}=")}
    for key in ("limit", "seed", "out", "retries", "max_calls", "max_cost", "cache", "data_dir"):
        if flags[key] is not None:
            values[key] = flags[key]
    if flags["measures"]:
        values["measures"] = list(flags["measures"])
    if no_cache:
        values["cache"] = False
    return from_mapping(values, target)


def _show(forecasts: Sequence[Any]) -> None:
    from tabulate import tabulate

    rows = [
        (
            f.subject,
            f.work,
            f.jobs,
            f.calls,
            f.input_tokens,
            f.output_tokens,
            "?" if f.cost is None else f"{f.cost:.4f}",
        )
        for f in forecasts
    ]
    headers = ("subject", "work", "jobs", "calls", "input tokens", "output tokens", "US $")
    click.echo(tabulate(rows, headers=headers, tablefmt="github"))
    total = sum(f.calls for f in forecasts)
    click.echo(
        f"\n{total} calls; what the record holds is not asked again. Tokens are estimates: 4 characters each, and "
        "answers that are not there yet as long as their max_tokens, at most 400."
    )
