"""csv: one row per estimate."""

import csv
import io
from dataclasses import astuple, dataclass, fields

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
        writer.writerow([field.name for field in fields(Estimate)])
        writer.writerows(["" if cell is None else cell for cell in astuple(row)] for row in board.estimates)
        return text.getvalue()


COMPONENT = Csv
