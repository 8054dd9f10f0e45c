"""Tables of papers: their numbers, with a board's beside them, as a report."""

from dataclasses import dataclass
from typing import Literal

from judgebench.core.leaderboard import Leaderboard
from judgebench.plugin.options import option
from judgebench.reporting.paper_data import as_csv, as_json
from judgebench.reporting.paper_markdown import markdown
from judgebench.reporting.paper_numbers import PaperNumbers

Layout = Literal["markdown", "json", "csv"]


@dataclass(frozen=True)
class PaperTable(PaperNumbers):
    """The main table of a paper, with a board's subjects beside its rows: subclass it with the paper's numbers.

    `judgebench leaderboard --template` makes a board of its measures.
    """

    layout: Layout = option("markdown", help="markdown, json or csv")

    def render(self, board: Leaderboard) -> str:
        """The table in its layout; of a board without its measures, the paper's numbers alone."""
        return {"markdown": markdown, "json": as_json, "csv": as_csv}[self.layout](self, board)
