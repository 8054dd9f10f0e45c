"""judgebench audit: whether a judge can be trusted, on one page."""

import asyncio
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.complete import names
from judgebench.cli.known import plugin_option, registry

if TYPE_CHECKING:
    from judgebench.core.leaderboard import Leaderboard
    from judgebench.discovery.registry import Registry
    from judgebench.engine.audit import Asked
    from judgebench.engine.prepare import Plan


@click.command("audit")
@click.argument("judges", nargs=-1, required=True, metavar="JUDGE...", shell_complete=names("judge"))
@click.option("--model", "models", multiple=True, metavar="NAME=SPEC", help="Name a model for use in the judges.")
@click.option(
    "--benchmark",
    "benchmarks",
    multiple=True,
    metavar="SPEC",
    shell_complete=names("benchmark"),
    help="Instead of starter, attacks and mt-bench-agreement; may be given more than once.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Seeded items per benchmark; of `attacks`, items that all its attacks are made of. "
    "[default: all; of mt-bench-agreement 80]",
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Ask the first benchmark so often: does the judge say the same again?",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of samples, orders and intervals."
)
@click.option(
    "--data-dir", metavar="DIR", help="A mirror of the hub, for mt-bench-agreement. [default: JUDGEBENCH_DATA]"
)
@click.option(
    "--out", default="runs/audit", show_default=True, metavar="FOLDER", help="Gets a page a judge, and runs/."
)
@click.option("--max-calls", type=click.IntRange(min=0), help="Stop before this command makes more calls.")
@click.option("--max-cost", type=click.FloatRange(min=0), help="Stop before this command spends more US dollars.")
@click.option("--dry-run", is_flag=True, help="Print calls, tokens and cost; ask nothing, write nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print each judge's board as JSON; with --dry-run what would be asked."
)
@click.option("--quiet", is_flag=True, help="No progress.")
@plugin_option
def command(
    judges: tuple[str, ...],
    models: tuple[str, ...],
    benchmarks: tuple[str, ...],
    limit: int | None,
    repeats: int,
    seed: int,
    data_dir: str | None,
    out: str,
    max_calls: int | None,
    max_cost: float | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Ask judges about pairs whose better response is known, attack them, and write one page about each.

    \b
      judgebench audit verdict@openai:gpt-4.1 --limit 32 --dry-run
      judgebench audit mine=logprob@llamacpp:qwen2.5-coder-1.5b --data-dir mirror

    JUDGE is a spec as for `run --judge`. Every pair is shown in both orders. The page says accuracy, position and
    length bias, self-preference, calibration, what attacks by the worse response do, and agreement with people, each
    against a threshold with its source. Each judge and benchmark is a run folder under FOLDER/runs: the same command
    continues what was interrupted, and asks nothing twice.
    """
    from judgebench import app
    from judgebench.cli.spec import print_json
    from judgebench.cli.watch import Spent
    from judgebench.engine.audit import Asked
    from judgebench.plugin.hub import MIRROR

    more: dict[str, Any] = {"models": _named_models(models), "max_calls": max_calls, "max_cost": max_cost}
    # one for all runs: unchanged pairs are asked once, though two benchmarks have them
    more["cache"] = str(Path(out) / "runs" / app.CACHE)
    asked = Asked(benchmarks, limit, repeats, seed, data_dir or os.environ.get(MIRROR), more)
    known = registry()
    found = _plans(judges, asked, Path(out), known, dry_run)
    if dry_run:
        _preview(found, as_json)
        return
    spent, boards = Spent(), {}
    for judge, plans in found.items():
        for planned in plans:
            _carry_out(spent.within(planned), known, quiet, spent)
        board = _board(judge, plans, Path(out), known)
        if as_json:
            boards[judge] = json.loads(app.render(board, "json", known))
        else:
            click.echo(app.render(board, "audit", known), nl=False)
    if as_json:
        print_json(boards)


def _named_models(texts: tuple[str, ...]) -> dict[str, str]:
    from judgebench.engine.spec import split

    found = {}
    for text in texts:
        name = split(text).name
        if name is None:
            raise click.UsageError(f"--model {text}: give it a name: --model NAME={text}")
        found[name] = text.removeprefix(f"{name}=")
    return found


def _plans(
    judges: tuple[str, ...], asked: "Asked", out: Path, known: "Registry", dry_run: bool
) -> "dict[str, list[Plan]]":
    """Every run of every judge, checked before anything is spent. What is left out for want of data is said once."""
    from judgebench import app
    from judgebench.core.errors import ConfigError, DataError
    from judgebench.engine.audit import BENCHMARKS, parts, spec

    wanted = [part for part in parts(asked, known) if not (part.optional and part.data_dir is None)]
    if len(wanted) < len(asked.benchmarks or BENCHMARKS):
        _left_out(set(BENCHMARKS) - {part.name for part in wanted}, "name a mirror by --data-dir or JUDGEBENCH_DATA")
    places: dict[str, str] = {}
    found: dict[str, list[Plan]] = {}
    for judge, text in _named(judges).items():
        place = _file_name(judge)
        if (other := places.setdefault(place, judge)) != judge:
            raise ConfigError(f"the pages of '{other}' and '{judge}' would be one file", f"rename one: NAME={text}")
        found[judge] = []
        for part in list(wanted):
            made = spec(judge, text, part, asked, str(out / "runs" / place / _file_name(part.name)))
            try:
                found[judge].append(app.plan(made, known, secrets=not dry_run))
            except DataError as error:
                if not part.optional:
                    raise
                _left_out({part.name}, f"{error.message}; {error.hint}")
                wanted.remove(part)
    return found


def _named(judges: tuple[str, ...]) -> dict[str, str]:
    """The judges' specs by their names."""
    from judgebench.core.errors import ConfigError
    from judgebench.engine.spec import named

    try:
        return {name: str(text) for name, text in named(judges, "judges").items()}
    except ConfigError as error:  # here no flag stands before a judge
        raise ConfigError(error.message, error.hint.replace("--judge ", "")) from None


def _left_out(benchmarks: set[str], why: str) -> None:
    click.echo(f"left out: {', '.join(sorted(benchmarks))}: {why}", err=True)


def _file_name(text: str) -> str:
    """A name or spec as one part of a path."""
    return re.sub(r"[^\w.@+=,-]+", "-", text).strip(".-") or "judge"


def _preview(found: "dict[str, list[Plan]]", as_json: bool) -> None:
    from judgebench import app
    from judgebench.cli.spec import forecast_data, print_json, show

    runs = [(planned, asyncio.run(app.preview(planned))) for plans in found.values() for planned in plans]
    if as_json:
        folders = [(str(planned.folder), len(planned.items), forecast_data(asked)) for planned, asked in runs]
        print_json([{"run": run, "items": items, "forecast": asked} for run, items, asked in folders])
        return
    for planned, asked in runs:
        click.echo(f"\n{planned.folder}: {len(planned.items)} items")
        show(asked)
    click.echo("Calls about the same text, as of unchanged pairs, are made once.")


def _carry_out(planned: "Plan", known: "Registry", quiet: bool, spent: Any) -> None:
    from judgebench.cli.run import carried_out

    carried_out(planned, known, quiet, spent)


def _board(judge: str, plans: "list[Plan]", out: Path, known: "Registry") -> "Leaderboard":
    """The board of a judge; its page is written."""
    from judgebench import app
    from judgebench.engine.audit import page
    from judgebench.store.record import read

    folders = [planned.folder for planned in plans]
    board = page(app.leaderboard(folders, known, title=judge), map(read, folders))
    for path in app.publish_board(board, out, known, {f"{_file_name(judge)}.md": "audit"}):
        click.echo(f"page: {path}", err=True)
    return board
