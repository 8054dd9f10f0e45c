"""csv: one row per estimate."""

import csv
import io
from dataclasses import dataclass, fields

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.plugin.kinds import Report


@dataclass(frozen=True)
class Csv(Report):
    """The estimates as rows with a header; empty cells where a policy's measure needs no judge."""

    name = "csv"
    summary = "one row per estimate"
    suffix = ".csv"

    def render(self, board: Leaderboard) -> str:
        """RFC 4180 with newlines as line ends, full precision."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        columns = [field.name for field in fields(Estimate) if field.name != "details"]
        writer.writerow(columns)
        for row in board.estimates:
            cells = [getattr(row, column) for column in columns]
            writer.writerow(["" if cell is None else cell for cell in cells])
        return text.getvalue()


COMPONENT = Csv
