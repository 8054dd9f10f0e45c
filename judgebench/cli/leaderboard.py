"""judgebench leaderboard: the board of one or more run folders, from their records alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.complete import names, templates
from judgebench.cli.complete import runs as complete_runs
from judgebench.cli.inference import inference_options
from judgebench.cli.known import plugin_option, registry

if TYPE_CHECKING:
    from judgebench.core.leaderboard import Leaderboard
    from judgebench.discovery.registry import Registry
    from judgebench.reporting.paper_table import PaperTable

FILES = {"markdown": "table.md", "json": "table.json", "csv": "table.csv"}
"""What a paper's table is called in a folder, by its layout."""


@click.command("leaderboard")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_runs)
@click.option(
    "--format",
    "report",
    default="markdown",
    show_default=True,
    shell_complete=names("report"),
    help="A report: markdown, json, csv, ...",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--out", metavar="FOLDER", help="Write README.md and board.json there instead of printing.")
@click.option("--title", help="The board's title. [default: the benchmark]")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    shell_complete=names("measure"),
    help="Instead of the runs' own measures.",
)
@click.option("--series", multiple=True, metavar="PATTERN", help="Subjects that are steps of one training: 'step-*'.")
@click.option("--note", "notes", multiple=True, metavar="TEXT", help="A note for the board's readers.")
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=templates,
    help="A paper's table with your rows beside it: `judgebench list templates`.",
)
@click.option("--row", "rows", multiple=True, metavar="ROW=SUBJECT", help="With --template: which subject a row is.")
@inference_options
@plugin_option
def command(
    runs: tuple[str, ...],
    report: str,
    as_json: bool,
    out: str | None,
    title: str | None,
    measures: tuple[str, ...],
    notes: tuple[str, ...],
    series: tuple[str, ...],
    template: str | None,
    rows: tuple[str, ...],
    **inference: Any,
) -> None:
    """Print the board of one or more run folders, from their records alone: no model is asked.

    Runs of one benchmark are joined. With --out the folder gets README.md, board.json and, for another --format, that
    file too; trajectory.md and trajectory.svg where there are checkpoints of a training. A README.md without a
    board.json beside it is not overwritten.

    With --template the measures are those of the paper's table, which is printed with the runs' subjects beside its
    rows: those of the same name, and those that --row names (`--row M1=checkpoint-500`). --out then gets table.md and
    board.json.
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import Report

    if as_json and report not in ("markdown", "json"):
        raise ConfigError(f"--json is given with --format {report}", "leave one of them out")
    report = "json" if as_json else report
    if out is not None and (Path(out) / "README.md").exists() and not (Path(out) / "board.json").exists():
        hint = "give another folder to --out, or move that file away"
        raise ConfigError(f"{Path(out) / 'README.md'} is there and is no board: it would be overwritten", hint)
    known = registry()
    if template is not None:
        _alone(measures, series)
        table = _template(template, report, rows, known)
        board = app.beside([Path(run) for run in runs], known, table, title=title, notes=notes, **inference)
        if out is None:
            click.echo(app.render(board, table, known), nl=False)
        else:
            _publish(board, table, Path(out), known)
        return
    if rows:
        raise ConfigError("--row is given without --template", "name a paper's table: see `judgebench list templates`")
    kind = known.get(Report, report)
    board = app.leaderboard(
        [Path(run) for run in runs],
        known,
        measures=measures,
        title=title,
        notes=notes,
        series=series,
        **inference,
    )
    if out is None:
        click.echo(app.render(board, report, known), nl=False)
        return
    files = {"README.md": "markdown", "board.json": "json", **app.trajectory(board)}
    if report not in files.values():
        files[f"board{kind.suffix}"] = report
    for path in app.publish_board(board, Path(out), known, files):
        click.echo(f"written: {path}", err=True)


def _alone(measures: tuple[str, ...], series: tuple[str, ...]) -> None:
    """ConfigError for what a paper's table says itself, and for what it has no place for."""
    from judgebench.core.errors import ConfigError

    for option, given in (("--measure", measures), ("--series", series)):
        if given:
            raise ConfigError(f"{option} is given with --template", f"leave {option} out, or make a board without one")


def _template(name: str, report: str, rows: tuple[str, ...], known: "Registry") -> "PaperTable":
    """The table of this name, with its layout and the subjects of its rows."""
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import Report
    from judgebench.plugin.options import build, nearest
    from judgebench.reporting.paper_table import PaperTable

    tables = {one: cls for one in known.names(Report) if issubclass(cls := known.get(Report, one), PaperTable)}
    if name not in tables:
        raise ConfigError(f"there is no template '{name}'", nearest(name, tables))
    if report not in FILES:
        raise ConfigError(f"a template has no format '{report}'", nearest(report, FILES))
    named: dict[str, str] = {}
    for text in rows:
        row, equals, subject = text.partition("=")
        if not (row and equals and subject):
            raise ConfigError(
                f"--row '{text}' cannot be read", "the form is ROW=SUBJECT, as in --row M1=checkpoint-500"
            )
        if row.casefold() in map(str.casefold, named):
            raise ConfigError(f"row '{row}' is given twice", "a row has one subject")
        named[row] = subject
    return build(tables[name], {"rows": named, "layout": report}, f"template '{name}'")


def _publish(board: "Leaderboard", table: "PaperTable", folder: Path, known: "Registry") -> None:
    """Write the table and its board. ConfigError where the folder's board.json belongs to another board."""
    from dataclasses import replace

    from judgebench import app
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import Report

    if (folder / "README.md").exists():
        raise ConfigError(f"{folder} holds a board, whose board.json would be lost", "give another folder to --out")
    files: dict[str, str | Report] = {
        FILES["markdown"]: replace(table, layout="markdown"),
        "board.json": "json",
        FILES[table.layout]: table,
    }
    for path in app.publish_board(board, folder, known, files):
        click.echo(f"written: {path}", err=True)
