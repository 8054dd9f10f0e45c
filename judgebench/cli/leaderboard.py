"""judgebench leaderboard: the board of one or more run folders, from their records alone."""

from pathlib import Path
from typing import Any

import click

from judgebench.cli.inference import inference_options


@click.command("leaderboard")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--format", "report", default="markdown", show_default=True, help="A report: markdown, json, csv, ...")
@click.option("--out", metavar="FOLDER", help="Write README.md and board.json there instead of printing.")
@click.option("--title", help="The board's title. [default: the benchmark]")
@click.option("--measure", "measures", multiple=True, metavar="NAME", help="Instead of the runs' own measures.")
@click.option("--series", multiple=True, metavar="PATTERN", help="Subjects that are steps of one training: 'step-*'.")
@click.option("--note", "notes", multiple=True, metavar="TEXT", help="A note for the board's readers.")
@inference_options
def command(
    runs: tuple[str, ...],
    report: str,
    out: str | None,
    title: str | None,
    measures: tuple[str, ...],
    notes: tuple[str, ...],
    series: tuple[str, ...],
    **inference: Any,
) -> None:
    """Print the board of one or more run folders, from their records alone: no model is asked.

    Runs of one benchmark are joined. With --out the folder gets README.md, board.json and, for another --format, that
    file too; trajectory.md and trajectory.svg where there are checkpoints of a training. A README.md without a
    board.json beside it is not overwritten.
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError
    from judgebench.plugin.kinds import Report

    if out is not None and (Path(out) / "README.md").exists() and not (Path(out) / "board.json").exists():
        hint = "give another folder to --out, or move that file away"
        raise ConfigError(f"{Path(out) / 'README.md'} is there and is no board: it would be overwritten", hint)
    known = app.registry()
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
