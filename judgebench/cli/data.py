"""judgebench data: what benchmarks need of the hub; fetched into a mirror, and verified there."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.complete import names
from judgebench.cli.known import plugin_option, registry

if TYPE_CHECKING:
    from judgebench.engine.data import Row

MIRROR: dict[str, Any] = {"envvar": "JUDGEBENCH_DATA", "metavar": "DIR"}


@click.group("data")
def command() -> None:
    """What benchmarks need of the hub: list it, fetch it into a mirror, verify the mirror.

    A mirror is a folder with OWNER/NAME/FILE; `run --data-dir DIR` reads it, and asks the hub for nothing.

    \b
      judgebench data list
      judgebench data fetch alpaca-eval-2 arena-hard-v0.1 --data-dir mirror
      judgebench data verify --data-dir mirror
    """


@command.command("list")
@click.argument("benchmarks", nargs=-1, metavar="[BENCHMARK]...", shell_complete=names("benchmark"))
@click.option("--data-dir", help="The mirror to look into. [default: JUDGEBENCH_DATA]", **MIRROR)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; sizes in bytes.")
@plugin_option
def list_(benchmarks: tuple[str, ...], data_dir: str | None, as_json: bool) -> None:
    """Say what benchmarks need of the hub.

    BENCHMARK: NAME[:VALUE][,key=value], as in `run`; all of them where none is named. In a mirror a file is `present`
    (as it was fetched), `changed`, `absent`, or `unrecorded` (there, but not fetched by `judgebench data`).
    """
    from judgebench import app

    rows = app.data_list(benchmarks, registry(), None if data_dir is None else Path(data_dir))
    if as_json:
        click.echo(json.dumps([_object(row) for row in rows], indent=2))
        return
    lines = [["benchmark", "file", "licence", "size", "mirror" if data_dir else ""]]
    for row in rows:
        if row.file is None:
            lines.append([row.benchmark, _without(row)])
        else:
            size = _size(row.now.bytes if row.now else row.file.size)
            lines.append([row.benchmark, row.file.path, row.file.licence or "?", size, row.state or ""])
    widths = [max(len(line[k]) for line in lines if k == 0 or len(line) > 2) for k in range(4)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=False)).rstrip())


def _without(row: "Row") -> str:
    """What stands in the place of files."""
    return f"your own: {row.own}" if row.own else "nothing"


def _object(row: "Row") -> dict[str, Any]:
    if row.file is None:
        return {"benchmark": row.benchmark, "file": None, "own": row.own}
    return {
        "benchmark": row.benchmark,
        "file": row.file.path,
        "licence": row.file.licence,
        "bytes": row.now.bytes if row.now else row.file.size,
        "note": row.file.note,
        "revision": row.now.revision if row.now else row.file.revision,
        "mirror": row.state,
    }


@command.command("fetch")
@click.argument("benchmarks", nargs=-1, required=True, metavar="BENCHMARK...", shell_complete=names("benchmark"))
@click.option(
    "--data-dir", required=True, help="The mirror; made where it is not there. [or JUDGEBENCH_DATA]", **MIRROR
)
@click.option("--revision", metavar="R", help="Branch, tag or commit. [default: what is there, else the newest]")
@plugin_option
def fetch(benchmarks: tuple[str, ...], data_dir: str, revision: str | None) -> None:
    """Fetch what benchmarks need into a mirror.

    BENCHMARK: NAME[:VALUE][,key=value], as in `run`. DIR/judgebench-data.json records each file's revision and
    sha256. What is there already is left alone; the same command continues an interrupted one. `--revision main`
    updates a mirror. HF_TOKEN opens what is gated.
    """
    from judgebench import app
    from judgebench.engine.data import mixed

    known = registry()
    for row in app.data_list(benchmarks, known):
        if row.file is None:
            click.echo(f"{row.benchmark}: {_without(row)}")
    done = []
    for outcome in app.data_fetch(benchmarks, known, Path(data_dir), revision):
        done.append(outcome)
        what = "fetched" if outcome.fetched else "is there"
        if outcome.fetched and outcome.before == "changed":
            what = "had changed, fetched again"
        at = f"{_size(outcome.now.bytes)}, revision {outcome.now.revision}"
        click.echo(f"{outcome.file.path}: {what} ({at})")
    for repo in mixed(done):
        click.echo(f"note: the files of {repo} are of several revisions; --revision takes all of one", err=True)


@command.command("verify")
@click.option("--data-dir", help="The mirror. [default: JUDGEBENCH_DATA]", required=True, **MIRROR)
def verify(data_dir: str) -> None:
    """Compare a mirror with what was fetched.

    By the sha256 of every file. Exit code 4 when one is changed or absent, or was never fetched.
    """
    from judgebench import app
    from judgebench.core.errors import DataError

    same, differences = app.data_verify(Path(data_dir))
    for difference in differences:
        click.echo(f"{difference.state}: {difference.file}")
    click.echo(f"as fetched: {same} file{'' if same == 1 else 's'}")
    if differences:
        counts = {"changed": 0, "absent": 0, "unrecorded": 0}
        for difference in differences:
            counts[difference.state] += 1
        raise DataError(
            f"{data_dir} is not as it was fetched: " + ", ".join(f"{n} {what}" for what, n in counts.items() if n),
            "`judgebench data fetch` replaces what is changed or absent; move away what is unrecorded",
        )


def _size(size: int | None) -> str:
    """In decimal units with three digits, as the hub shows it."""
    if size is None:
        return "?"
    for unit, number in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= 0.9995 * number:  # what rounds to 1000 of a unit is 1 of the next
            return f"{size / number:.3g} {unit}"
    return f"{size} B"
