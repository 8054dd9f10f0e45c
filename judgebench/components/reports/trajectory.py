"""trajectory: the checkpoints of a training, every measure over its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series, by_pair, tables
from judgebench.plugin.kinds import Report
from judgebench.reporting import figures

Pairs = Mapping[tuple[str, str, str | None, str, str], Comparison]


@dataclass(frozen=True)
class Trajectory(Report):
    """One table per measure (and judge) of a series: each checkpoint with its interval, against the one before it and
    against the first, paired on the same resamples.

    A sentence says whether the last is told apart from the first, and which steps have no estimate. Subjects that
    belong to no series are left out.
    """

    name = "trajectory"
    summary = "every measure over the steps of a training, as markdown"
    suffix = ".md"

    def render(self, board: Leaderboard) -> str:
        """The series of a board as GitHub-flavoured markdown; `trajectory.svg` is expected beside it."""
        parts = [f"# {board.title}: trajectory"]
        pairs = by_pair(board)
        for series in board.series:
            found = [part for key, rows in tables(board) for part in _part(board, series, key, rows, pairs)]
            if found:
                parts += [f"## {figures.cell(series.name)}", *found]
        if len(parts) == 1:
            return "\n\n".join([*parts, "No subject of this board belongs to a series of checkpoints."]) + "\n"
        parts.insert(1, "![every measure over the steps](trajectory.svg)")
        return "\n\n".join([*parts, *figures.footer(board, ranked=False)]) + "\n"


def _part(
    board: Leaderboard, series: Series, key: tuple[str, str, str | None], rows: list[Estimate], pairs: Pairs
) -> list[str]:
    """Heading, table and sentence about one measure; nothing where no checkpoint has an estimate of it."""
    of = {row.subject: row for row in rows}
    steps = [of[name] for name in series.subjects if name in of]
    if not steps:
        return []
    said = _sentence(figures.about(key), steps, pairs)
    if lacking := [figures.cell(name) for name in series.subjects if name not in of]:
        said += f" No estimate at {', '.join(lacking)}."
    return [f"### {figures.heading(board, key)}", _table(steps, pairs), said]


def _table(steps: list[Estimate], pairs: Pairs) -> str:
    before = {later.subject: earlier for earlier, later in pairwise(steps)}
    columns: list[figures.Column] = [
        ("step", "left", lambda row: figures.cell(row.subject)),
        ("estimate", "right", figures.value),
        (f"{100 * steps[0].confidence:g} % interval", "right", figures.interval),
        ("against the one before", "right", lambda row: _against(row, before.get(row.subject), pairs)),
        ("against the first", "right", lambda row: "" if row is steps[0] else _against(row, steps[0], pairs)),
        ("n", "right", lambda row: str(row.n)),
        ("missing", "right", lambda row: str(row.missing)),
    ]
    return figures.table(steps, columns)


def _against(row: Estimate, other: Estimate | None, pairs: Pairs) -> str:
    if other is None or (found := _compared(row, other, pairs)) is None:
        return ""
    return figures.difference(found, row, other)


def _compared(row: Estimate, other: Estimate, pairs: Pairs) -> Comparison | None:
    return pairs.get((row.benchmark, row.measure, row.judge, row.subject, other.subject))


def _sentence(heading: str, steps: list[Estimate], pairs: Pairs) -> str:
    first, last = steps[0], steps[-1]
    said = f"{heading}: {figures.value(first)} at {figures.cell(first.subject)}"
    if first is last:
        return said + ", the only step."
    said += f", {figures.value(last)} at {figures.cell(last.subject)}"
    found = _compared(last, first, pairs)
    if found is None:
        return said + "; the two are not compared."
    told = "separable" if figures.separable(found) else "not separable"
    return f"{said}; {figures.difference(found, last, first).removesuffix(' *')}, {told}."


COMPONENT = Trajectory
