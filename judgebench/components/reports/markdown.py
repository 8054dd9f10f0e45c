"""markdown: a board to publish."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard
from judgebench.plugin.kinds import Report


@dataclass(frozen=True)
class Markdown(Report):
    """One table per measure and judge: ranks, subject, estimate, interval, lead over the next, n, missing.

    Ranks are those that the comparisons of all pairs leave open; measures of which neither more nor less is better
    give none. Notes and provenance follow.
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
        for (benchmark, measure, judge), rows in groupby(
            board.estimates, key=lambda row: (row.benchmark, row.measure, row.judge)
        ):
            heading = measure if judge is None else f"{measure}, judged by {_cell(judge)}"
            shown = heading if benchmark == board.benchmark else f"{benchmark}: {heading}"
            parts += [f"## {shown}", _table(list(rows), leads, board.mode == "official")]
        if not board.estimates:
            parts.append("No estimate: no measure found data.")
        parts += list(_footer(board))
        return "\n\n".join(parts) + "\n"


Leads = Mapping[tuple[str, str, str | None, str, str], Comparison]


def _table(rows: list[Estimate], leads: Leads, official: bool) -> str:
    from tabulate import tabulate

    columns: list[tuple[str, str, Callable[[Estimate], str]]] = [
        ("rank", "right", _rank),
        ("subject", "left", lambda row: _cell(row.subject)),
        ("estimate", "right", lambda row: f"{row.value:.1f}"),
        (f"{100 * rows[0].confidence:g} % interval", "right", _interval),
    ]
    if official:
        columns.append(("s.e.", "right", lambda row: f"{row.standard_error:.2f}"))
    following = dict(zip([row.subject for row in rows], rows[1:], strict=False))
    lead = {row.subject: _lead(row, following.get(row.subject), leads) for row in rows}
    if any(lead.values()):
        columns.append(("lead over next", "right", lambda row: lead[row.subject]))
    columns += [("n", "right", lambda row: str(row.n)), ("missing", "right", lambda row: str(row.missing))]
    return tabulate(
        [[cell(row) for _, _, cell in columns] for row in rows],
        headers=[name for name, _, _ in columns],
        tablefmt="github",
        disable_numparse=True,
        colalign=[align for _, align, _ in columns],
    )


def _rank(row: Estimate) -> str:
    if row.rank_low is None:
        return "-"
    return f"{row.rank_low}" if row.rank_low == row.rank_high else f"{row.rank_low} to {row.rank_high}"


def _interval(row: Estimate) -> str:
    return f"{row.low:.1f} to {row.high:.1f}" + (" (w)" if row.method == "wilson" else "")


def _lead(row: Estimate, after: Estimate | None, leads: Leads) -> str:
    found = None if after is None else leads.get((row.benchmark, row.measure, row.judge, row.subject, after.subject))
    if found is None:
        return ""
    mark = " *" if found.p_adjusted <= 1.0 - found.confidence else ""
    return f"{found.difference:+.1f} ({found.low:+.1f} to {found.high:+.1f}){mark}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _footer(board: Leaderboard) -> Iterator[str]:
    runs = board.provenance.get("runs", [])
    notes = [note for run in runs for note in run["notes"]]
    if any(row.method == "wilson" for row in board.estimates):
        notes.append("(w): all items alike, where resampling sees no spread: Wilson's interval")
    if any(row.method == "rows" for row in board.estimates):
        notes.append("intervals are the official ones, from games drawn as if they were independent: too narrow")
    if board.comparisons:
        level = f"{100 * (1 - board.comparisons[0].confidence):g} %"
        notes.append(
            f"ranks: those that the comparisons of all pairs leave open at {level} (step-down max-T, family-wise); "
            "*: separable from the next"
        )
    if notes:
        yield "\n".join(f"- {note}" for note in dict.fromkeys(notes))
    for run in runs:
        software = ", ".join(f"{name} {'/'.join(versions)}" for name, versions in run["software"].items())
        yield (
            f"{run['benchmark']}: {run['items']} items, seed {run['seed']}, {run['interval']} on "
            f"{run['replicates']} resamples of items within strata, {software}, evidence {run['evidence'][:12]}."
        )
        for name, sources in run.get("sources", {}).items():
            yield f"Data: {name} from {', '.join(sources)}."


COMPONENT = Markdown
