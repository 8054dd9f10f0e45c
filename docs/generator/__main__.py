"""`python -m docs.generator [FOLDER]`: write the reference into docs/reference, or into another folder."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from docs.generator.board import SCHEMA_FILE, board_page, board_schema
from docs.generator.catalogue import ROOT
from docs.generator.commands import commands_page
from docs.generator.components import components_page
from docs.generator.hooks import hooks_page
from docs.generator.index import index_page
from docs.generator.kinds import kinds_page
from docs.generator.measures import measures_page
from docs.generator.plugins import plugins_page
from docs.generator.python import python_page
from docs.generator.record import record_page
from docs.generator.run_file import run_file_page
from docs.generator.verdict_table import verdict_table_page

FILES: dict[str, Callable[[], str]] = {
    "index.md": index_page,
    "commands.md": commands_page,
    "run-file.md": run_file_page,
    "backends.md": partial(components_page, "backend"),
    "policies.md": partial(components_page, "policy"),
    "judges.md": partial(components_page, "judge"),
    "benchmarks.md": partial(components_page, "benchmark"),
    "measures.md": measures_page,
    "imports.md": partial(components_page, "import"),
    "reports.md": partial(components_page, "report"),
    "plugins.md": plugins_page,
    "board.md": board_page,
    SCHEMA_FILE: board_schema,
    "record.md": record_page,
    "verdict-table.md": verdict_table_page,
    "python.md": python_page,
    "kinds.md": kinds_page,
    "hooks.md": hooks_page,
}


def write(folder: Path) -> None:
    """Every file into the folder; those there that none is called are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        (folder / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "reference")
