"""markdown: a board to publish."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.plugin.kinds import Report


@dataclass(frozen=True)
class Markdown(Report):
    """One table per measure and judge: rank, subject, estimate, interval, n, missing; then notes and provenance."""

    name = "markdown"
    summary = "tables to publish"
    suffix = ".md"

    def render(self, board: Leaderboard) -> str:
        """The board as GitHub-flavoured markdown."""
        parts = [f"# {board.title}"]
        for (benchmark, measure, judge), rows in groupby(
            board.estimates, key=lambda row: (row.benchmark, row.measure, row.judge)
        ):
            heading = measure if judge is None else f"{measure}, judged by {_cell(judge)}"
            shown = heading if benchmark == board.benchmark else f"{benchmark}: {heading}"
            parts += [f"## {shown}", _table(list(rows))]
        if not board.estimates:
            parts.append("No estimate: the record holds no verdict yet.")
        parts += list(_footer(board))
        return "\n\n".join(parts) + "\n"


def _table(rows: list[Estimate]) -> str:
    from tabulate import tabulate

    confidence = f"{100 * rows[0].confidence:g} % interval"
    return tabulate(
        [
            (
                rank,
                _cell(row.subject),
                f"{row.value:.1f}",
                f"{row.low:.1f} to {row.high:.1f}" + (" (w)" if row.method == "wilson" else ""),
                row.n,
                row.missing,
            )
            for rank, row in enumerate(rows, start=1)
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
