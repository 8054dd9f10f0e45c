"""A paper's table with ours beside it, as markdown, with its notes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.reporting import figures
from judgebench.reporting.beside import Block, Cell, Line, blocks, difference, specs, written
from judgebench.reporting.paper_numbers import SOURCES, Column, PaperNumbers, Printed

NONE = "-"


def markdown(table: PaperNumbers, board: Leaderboard) -> str:
    """One table a block, then the notes of the table and those of the board."""
    found = blocks(table, board)
    parts = [f"# {board.title}", f"`{table.name}`: {table.paper}."]
    for block in found:
        if block.benchmark is not None:
            judged = "" if block.judge is None else f", judged by {figures.cell(block.judge)}"
            parts.append(f"## {figures.cell(block.benchmark)}{judged}")
        parts.append(_tabulated(table, block))
    parts.append("\n".join(f"- {note}" for note in said(table, board, found)))
    parts += figures.footer(replace(board, comparisons=()), ranked=False)
    return "\n\n".join(parts) + "\n"


def _tabulated(table: PaperNumbers, block: Block) -> str:
    from tabulate import tabulate

    heads, align = [""], ["left"]
    for number, column in enumerate(table.columns):
        heads += [f"{column.heading}: {name}" for name in column.printed]
        align += ["right"] * len(column.printed)
        if column.measure is not None:
            level = next((row.confidence for line in block.lines if (row := line.cells[number].ours)), None)
            heads.append(f"{column.heading}: ours" + (f" [{100 * level:g} %] n" if level is not None else ""))
            align.append("right")
    rows = [[_label(line), *_texts(line, table.columns)] for line in block.lines]
    return tabulate(rows, headers=heads, tablefmt="github", disable_numparse=True, colalign=align)


def _label(line: Line) -> str:
    if line.name is None or line.subject is None or line.name.casefold() == line.subject.casefold():
        return figures.cell(line.name or line.subject or "")
    return f"{line.name} = {figures.cell(line.subject)}"


def _texts(line: Line, columns: Sequence[Column]) -> Iterator[str]:
    for cell, column in zip(line.cells, columns, strict=True):
        yield from map(_printed, cell.printed)
        if column.measure is not None:
            yield NONE if cell.ours is None else _ours(cell, cell.ours, column)


def _printed(number: Printed | None) -> str:
    """As the paper has it; a mark where it was not read in the paper itself."""
    if number is None:
        return NONE
    beside = f" ({number.beside})" if number.beside else ""
    return f"{number.text}{beside}" + (f" [{number.sources}]" if number.sources != "P" else "")


def _ours(cell: Cell, row: Estimate, column: Column) -> str:
    value, ends = figures.OPEN.get(row.method, "") + written(row.value, column), _ends(row, column)
    missing = f", {row.missing} missing" if row.missing else ""
    apart = difference(cell, column)
    less = "" if apart is None else f", Δ {figures.digits(apart, f'+.{column.decimals}f')}"
    return f"{value} [{ends}] n = {row.n}{missing}{less}"


def _ends(row: Estimate, column: Column) -> str:
    if row.method in figures.OPEN:
        end = row.low if row.method == "at least" else row.high
        return f"{figures.OPEN[row.method]}{written(end, column)} (b)"
    return f"{written(row.low, column)} to {written(row.high, column)}" + figures.MARKS.get(row.method, "")


def said(table: PaperNumbers, board: Leaderboard, found: Sequence[Block]) -> list[str]:
    """What a reader must know of the paper's numbers and of ours, each once."""
    wanted, cells = specs(table, board), [line.cells for block in found for line in block.lines]
    letters = {letter for row in cells for cell in row for one in cell.printed if one for letter in one.sources}
    notes = [*table.notes]
    if any(cell.ours for row in cells for cell in row):
        notes.append(
            "ours: value [interval] and n, the number of units that entered (missing: planned, without a verdict); "
            "Δ: ours less the paper's, whose data, judge and models are others: it is not tested"
        )
    if not all(cell.alike for row in cells for cell in row):
        notes.append(
            f"no difference is shown beside other items than the paper's, which are those of `{table.benchmark}`"
        )
    for number, (column, spec) in enumerate(zip(table.columns, wanted, strict=True)):
        lacks = bool(board.estimates) and not any(row[number].ours for row in cells)
        notes += _about(table, board, column, spec, lacks)
    cut = [column.heading for column in table.columns if column.truncated and column.measure]
    if cut:
        notes.append(f"digits are cut, not rounded, as in the paper: {'; '.join(cut)}")
    notes += [f"[{letter}]: {SOURCES[letter]}" for letter in SOURCES if letter in letters - {"P"}]
    if "P" in letters:
        notes.append(f"a number of the paper without a mark was {SOURCES['P']}")
    return list(dict.fromkeys(notes))


def _about(table: PaperNumbers, board: Leaderboard, column: Column, spec: str | None, lacks: bool) -> Iterator[str]:
    """Which measure a column is, why the two are not compared, and why there is nothing of ours."""
    if column.measure is None:
        yield f"{column.heading}: none of ours: {column.apart}"
    elif spec is None:
        yield (
            f"{column.heading}: none of ours: no judge stands for the paper's {table.reference}; name yours: "
            f"--row '{table.reference}=NAME'"
        )
    elif lacks:
        yield f"{column.heading}: none of ours: `{spec}`: {reason(board, spec) or 'see the notes below'}"
    else:
        yield f"{column.heading}: `{spec}`" + (f"; no difference is shown: {column.apart}" if column.apart else "")


def reason(board: Leaderboard, spec: str) -> str:
    """Why a board has no estimate of a measure, as its notes say; nothing where they do not."""
    lacks = f"measure {spec}: no data ("
    about = re.compile(rf"(?:.*[ ])?{re.escape(spec)}(?:, .*)?: no estimate: (.+)")
    found: list[str] = []
    for note in (note for run in board.provenance.get("runs", []) for note in run.get("notes", [])):
        if note.startswith(lacks):
            found.append(note.removeprefix(lacks).removesuffix(")"))
        elif told := about.fullmatch(note):
            found.append(told[1])
    return ", ".join(dict.fromkeys(found))
