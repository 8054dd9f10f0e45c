"""Ours beside a paper's: the rows of a paper's table with the estimates of a board, table by table."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import islice

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.reporting.figures import digits, kept
from judgebench.reporting.paper_numbers import Column, PaperNumbers, Printed, other_way


@dataclass(frozen=True, slots=True)
class Cell:
    """One column in one row: what the paper prints (one for each of its columns), and our estimate.

    `alike`: ours is of the paper's items, or nothing of ours is known to be.
    """

    printed: tuple[Printed | None, ...]
    ours: Estimate | None
    alike: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name in the paper (None: it has none of this subject), our subject, and a cell for each column."""

    name: str | None
    subject: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The paper's table beside the subjects of one benchmark, and of one judge where it is about policies."""

    benchmark: str | None
    judge: str | None
    lines: tuple[Line, ...]


def judges(board: Leaderboard) -> list[str]:
    """Everybody whom the board knows: those of its runs, and those of its estimates."""
    runs = [name for run in board.provenance.get("runs", []) for name in run.get("subjects", {})]
    return list(dict.fromkeys([*runs, *(row.subject for row in board.estimates)]))


def specs(table: PaperNumbers, board: Leaderboard) -> list[str | None]:
    """The measure of each column as it is called on this board."""
    return [table.spec(column, judges(board)) for column in table.columns]


def blocks(table: PaperNumbers, board: Leaderboard) -> list[Block]:
    """The table once for each benchmark and judge of the board; once with the paper's alone, where it has no number."""
    wanted = specs(table, board)
    rows = [row for row in board.estimates if row.measure in wanted]
    found = []
    for benchmark in dict.fromkeys(row.benchmark for row in rows):
        mine = [row for row in rows if row.benchmark == benchmark]
        named: list[str | None] = list(dict.fromkeys(row.judge for row in mine if row.judge is not None))
        found += [
            Block(benchmark, judge, _lines(table, wanted, [row for row in mine if row.judge in (judge, None)]))
            for judge in named or [None]
        ]
    return found or [Block(None, None, _lines(table, wanted, []))]


def _lines(table: PaperNumbers, wanted: Sequence[str | None], rows: Sequence[Estimate]) -> tuple[Line, ...]:
    """The paper's rows in its order, then the subjects that none of them is about, in the board's.

    Of those about two policies one way round is enough.
    """
    of = {(row.measure, row.subject): row for row in rows}
    alike = all(table.benchmark in (None, row.benchmark) for row in rows)
    subjects = list(dict.fromkeys(row.subject for row in rows))
    beside = {row.name: table.subject_of(row, subjects) for row in table.lines}
    lines = []
    for row in table.lines:
        numbers, subject = iter(row.printed(table.sources)), beside[row.name]
        cells = tuple(
            Cell(tuple(islice(numbers, len(column.printed))), of.get((spec or "", subject or "")), alike)
            for column, spec in zip(table.columns, wanted, strict=True)
        )
        lines.append(Line(row.name, subject, cells))
    there = {subject for subject in beside.values() if subject is not None}
    for subject in subjects:
        if not {subject, other_way(subject)} & there:
            there.add(subject)
            cells = tuple(
                Cell((None,) * len(column.printed), of.get((spec or "", subject)), alike)
                for column, spec in zip(table.columns, wanted, strict=True)
            )
            lines.append(Line(None, subject, cells))
    return tuple(lines)


def written(value: float, column: Column) -> str:
    """A value of ours on the paper's scale, in the paper's digits: rounded, or cut as the paper does.

    From the ten digits that the data of a board keep: 29.0 that came out as 28.999999999999996 is not cut to 28.9.
    """
    scaled = kept(value * column.times)
    if not column.truncated:
        return digits(scaled, f".{column.decimals}f")
    return format(Decimal(repr(scaled)).quantize(Decimal(1).scaleb(-column.decimals), ROUND_DOWN) + 0, "f")


def difference(cell: Cell, column: Column) -> float | None:
    """Ours less the paper's, on the paper's scale; None where one is lacking, or they are not the same quantity.

    Nor are they where the items are not alike.

    Where the paper cuts digits, ours are cut before.
    """
    if (
        not cell.alike
        or column.apart is not None
        or len(cell.printed) != 1
        or cell.printed[0] is None
        or cell.ours is None
    ):
        return None
    ours = cell.ours.value
    return (float(written(ours, column)) if column.truncated else kept(ours * column.times)) - cell.printed[0].value
