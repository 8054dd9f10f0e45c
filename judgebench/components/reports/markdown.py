"""markdown: a board to publish."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.plugin.kinds import Report


@dataclass(frozen=True)
class Markdown(Report):
    """One table per measure and judge: rank, subject, estimate, interval, n, missing; then notes and provenance.

    Equal values share a rank; measures of which neither more nor less is better give none.
    """

    name = "markdown"
    summary = "tables to publish"
    suffix = ".md"

    def render(self, board: Leaderboard) -> str:
        """The board as GitHub-flavoured markdown."""
        parts = [f"# {board.title}"]
        better = {
            name: about["better"]
            for run in board.provenance.get("runs", [])
            for name, about in run.get("measures", {}).items()
        }
        for (benchmark, measure, judge), rows in groupby(
            board.estimates, key=lambda row: (row.benchmark, row.measure, row.judge)
        ):
            heading = measure if judge is None else f"{measure}, judged by {_cell(judge)}"
            shown = heading if benchmark == board.benchmark else f"{benchmark}: {heading}"
            parts += [f"## {shown}", _table(list(rows), better.get(measure))]
        if not board.estimates:
            parts.append("No estimate: no measure found data.")
        parts += list(_footer(board))
        return "\n\n".join(parts) + "\n"


def _rank(row: Estimate, rows: list[Estimate], better: str | None) -> str:
    """1 + how many of the rows are better by more than rounding."""
    if better is None:
        return "-"
    sign = 1 if better == "higher" else -1
    ahead = (other for other in rows if not math.isclose(other.value, row.value, rel_tol=1e-9, abs_tol=1e-9))
    return str(1 + sum(sign * other.value > sign * row.value for other in ahead))


def _table(rows: list[Estimate], better: str | None) -> str:
    from tabulate import tabulate

    confidence = f"{100 * rows[0].confidence:g} % interval"
    return tabulate(
        [
            (
                _rank(row, rows, better),
                _cell(row.subject),
                f"{row.value:.1f}",
                f"{row.low:.1f} to {row.high:.1f}" + (" (w)" if row.method == "wilson" else ""),
                row.n,
                row.missing,
            )
            for row in rows
        ],
        headers=("rank", "subject", "estimate", confidence, "n", "missing"),
        tablefmt="github",
        disable_numparse=True,
        colalign=("right", "left", "right", "right", "right", "right"),
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _footer(board: Leaderboard) -> Iterator[str]:
    runs = board.provenance.get("runs", [])
    notes = [note for run in runs for note in run["notes"]]
    if any(row.method == "wilson" for row in board.estimates):
        notes.append("(w): all items alike, where resampling sees no spread: Wilson's interval")
    if notes:
        yield "\n".join(f"- {note}" for note in dict.fromkeys(notes))
    for run in runs:
        software = ", ".join(f"{name} {'/'.join(versions)}" for name, versions in run["software"].items())
        yield (
            f"{run['benchmark']}: {run['items']} items, seed {run['seed']}, {run['interval']} on "
            f"{run['replicates']} resamples of items within strata, {software}, evidence {run['evidence'][:12]}."
        )


COMPONENT = Markdown
