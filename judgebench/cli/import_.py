"""judgebench import: what another tool recorded becomes a run like any other."""

from pathlib import Path

import click

from judgebench.cli.complete import files as complete_files
from judgebench.cli.complete import names
from judgebench.cli.known import plugin_option, registry


@click.command("import")
@click.argument("form", metavar="FORM", shell_complete=names("import"))
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete_files)
@click.option("--out", required=True, metavar="RUN", help="The run folder; extended when it is of the same benchmark.")
@click.option(
    "--benchmark",
    metavar="SPEC",
    shell_complete=names("benchmark"),
    help="What the files are about. [default: what the form says]",
)
@click.option(
    "--items",
    type=click.Choice(["file", "benchmark"]),
    help="Items as the files have them, or the benchmark's own, found by text or id: then runs of both can be joined. "
    "[default: file; benchmark where FORM says so, as alpaca-eval does, and not with --no-reference]",
)
@click.option(
    "--reference/--no-reference",
    default=True,
    show_default=True,
    help="Take in the numbers that the benchmark brings beside its items.",
)
@click.option("--data-dir", metavar="DIR", help="A mirror of the hub. [default: JUDGEBENCH_DATA, else the hub]")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    shell_complete=names("measure"),
    help="Instead of the benchmark's own measures.",
)
@click.option("-o", "--option", "options", multiple=True, metavar="KEY=VALUE", help="An option of the form.")
@click.option("--board/--no-board", default=True, help="Print the board, and write it into the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the board as JSON.")
@plugin_option
def command(
    form: str,
    files: tuple[str, ...],
    out: str,
    benchmark: str | None,
    items: str | None,
    reference: bool,
    data_dir: str | None,
    measures: tuple[str, ...],
    options: tuple[str, ...],
    board: bool,
    as_json: bool,
) -> None:
    """Make a run of what another tool recorded; nothing is written unless all of it can be read.

    FORM is one of `judgebench list imports`. A FILE is a path, or hub:OWNER/NAME/FILE of a dataset on the hub.

    \b
      judgebench import alpaca-eval results/*/annotations.json --out runs/recorded
      judgebench import table verdicts.parquet --benchmark alpaca-eval-2 --out runs/recorded
      judgebench import arena-hard model_judgment/gpt-4.1/*.jsonl --out runs/recorded -o answers=model_answer
    """
    from judgebench import app

    known = registry()
    folder = Path(out)
    own_items = None if items is None else items == "benchmark"
    wanted = app.Wanted(benchmark, own_items, reference, data_dir, measures)
    app.import_run(form, [Path(file) for file in files], folder, known, wanted, **dict(map(_pair, options)))
    if board:
        made = app.leaderboard([folder], known, measures=measures)
        app.publish_board(made, folder, known, {"board.json": "json", "board.md": "markdown"})
        click.echo(app.render(made, "json" if as_json else "markdown", known), nl=False)
    click.echo(f"record: {folder}/record.jsonl", err=True)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--option {text}: write KEY=VALUE")
    return key, value
