"""markdown: a board to publish."""

from collections.abc import Mapping
from dataclasses import dataclass

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, tables, tiers
from judgebench.plugin.kinds import Report
from judgebench.reporting.figures import (
    TIERED,
    Column,
    cell,
    difference,
    digits,
    footer,
    heading,
    interval,
    table,
    value,
)


@dataclass(frozen=True)
class Markdown(Report):
    """One table per measure and judge: ranks, subject, estimate, interval, lead over the next, n, missing.

    Estimates of a measure with a test of its own have its p-value. Ranks are those that the comparisons of all pairs
    leave open, and tiers are read off them; measures of which neither more nor less is better give none. Notes and
    provenance follow.
    """

    name = "markdown"
    summary = "tables to publish"
    suffix = ".md"

    def render(self, board: Leaderboard) -> str:
        """The board as GitHub-flavoured markdown."""
        parts = [f"# {board.title}"]
        if board.mode == "official":
            parts.append(
                "As the official code computes it, quirks included; s.e. and intervals are its own, if it has any."
            )
        leads = {(c.benchmark, c.measure, c.judge, c.a, c.b): c for c in board.comparisons}
        for key, rows in tables(board):
            parts += [f"## {heading(board, key)}", _table(rows, leads, board.mode == "official")]
        if not board.estimates:
            parts.append("No estimate: no measure found data.")
        parts += footer(board, ranked=True)
        return "\n\n".join(parts) + "\n"


Leads = Mapping[tuple[str, str, str | None, str, str], Comparison]


def _table(rows: list[Estimate], leads: Leads, official: bool) -> str:
    columns: list[Column] = [
        ("rank", "right", _rank),
        *_tier(rows),
        ("subject", "left", lambda row: cell(row.subject)),
        ("estimate", "right", value),
        (f"{100 * rows[0].confidence:g} % interval", "right", interval),
    ]
    if any("p" in row.details for row in rows):
        columns.append(("p", "right", _p))
    if official:
        columns.append(("s.e.", "right", lambda row: digits(row.standard_error, ".2f")))
    following = dict(zip([row.subject for row in rows], rows[1:], strict=False))
    lead = {row.subject: _lead(row, following.get(row.subject), leads) for row in rows}
    if any(lead.values()):
        columns.append(("lead over next", "right", lambda row: lead[row.subject]))
    columns += [("n", "right", lambda row: str(row.n)), ("missing", "right", lambda row: str(row.missing))]
    return table(rows, columns)


def _tier(rows: list[Estimate]) -> list[Column]:
    """The column of tiers, where there are any."""
    found = tiers(rows) if len(rows) >= TIERED else None
    if found is None:
        return []
    of = {row.subject: str(tier) for row, tier in zip(rows, found, strict=True)}
    return [("tier", "right", lambda row: of[row.subject])]


def _rank(row: Estimate) -> str:
    if row.rank_low is None:
        return "-"
    return f"{row.rank_low}" if row.rank_low == row.rank_high else f"{row.rank_low} to {row.rank_high}"


def _p(row: Estimate) -> str:
    """The p-value of a measure's own test, where it has one."""
    p = row.details.get("p")
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _lead(row: Estimate, after: Estimate | None, leads: Leads) -> str:
    if after is None or row.rank_low is None:
        return ""
    found = leads.get((row.benchmark, row.measure, row.judge, row.subject, after.subject))
    return "" if found is None else difference(found, row, after)


COMPONENT = Markdown
