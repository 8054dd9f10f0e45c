"""markdown: a board to publish."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, tiers
from judgebench.plugin.kinds import Report


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
        for (benchmark, measure, judge), rows in _tables(board):
            heading = measure if judge is None else f"{measure}, judged by {_cell(judge)}"
            shown = heading if benchmark == board.benchmark else f"{benchmark}: {heading}"
            parts += [f"## {shown}", _table(rows, leads, board.mode == "official")]
        if not board.estimates:
            parts.append("No estimate: no measure found data.")
        parts += list(_footer(board))
        return "\n\n".join(parts) + "\n"


OPEN = {"at least": "≥ ", "at most": "≤ "}
"""The signs of values that are bounds."""
MARKS = {"wilson": " (w)", "limits": " (b)"}
Leads = Mapping[tuple[str, str, str | None, str, str], Comparison]
Column = tuple[str, str, Callable[[Estimate], str]]
TIERED = 3
"""A table of so many subjects or more shows tiers: two are told apart by their ranks as well."""


def _tables(board: Leaderboard) -> list[tuple[tuple[str, str, str | None], list[Estimate]]]:
    """The estimates of each benchmark, measure and judge."""
    whole = groupby(board.estimates, key=lambda row: (row.benchmark, row.measure, row.judge))
    return [(key, list(rows)) for key, rows in whole]


def _table(rows: list[Estimate], leads: Leads, official: bool) -> str:
    from tabulate import tabulate

    columns: list[Column] = [
        ("rank", "right", _rank),
        *_tier(rows),
        ("subject", "left", lambda row: _cell(row.subject)),
        ("estimate", "right", lambda row: OPEN.get(row.method, "") + _digits(row.value)),
        (f"{100 * rows[0].confidence:g} % interval", "right", _interval),
    ]
    if any("p" in row.details for row in rows):
        columns.append(("p", "right", _p))
    if official:
        columns.append(("s.e.", "right", lambda row: _digits(row.standard_error, ".2f")))
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


def _interval(row: Estimate) -> str:
    if row.method in OPEN:
        return f"{OPEN[row.method]}{_digits(row.low if row.method == 'at least' else row.high)} (b)"
    return f"{_digits(row.low)} to {_digits(row.high)}" + MARKS.get(row.method, "")


def _p(row: Estimate) -> str:
    """The p-value of a measure's own test, where it has one."""
    p = row.details.get("p")
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _lead(row: Estimate, after: Estimate | None, leads: Leads) -> str:
    if after is None:
        return ""
    found = leads.get((row.benchmark, row.measure, row.judge, row.subject, after.subject))
    if found is None:
        return ""
    mark = " *" if found.p_adjusted <= 1.0 - found.confidence else ""
    if row.method != after.method and (row.method == "at least" or after.method == "at most"):
        return f"≥ {_digits(found.difference, '+.1f')} (≥ {_digits(found.low, '+.1f')}){mark}"
    difference, low, high = (_digits(value, "+.1f") for value in (found.difference, found.low, found.high))
    return f"{difference} ({low} to {high}){mark}"


def _digits(value: float, form: str = ".1f") -> str:
    """A number in few digits, out of the ten that the data of a board keep: of the same board both say the same."""
    return format(float(f"{value:.10g}"), form)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _footer(board: Leaderboard) -> Iterator[str]:
    runs = board.provenance.get("runs", [])
    notes = [note for run in runs for note in run["notes"]]
    if any(row.method == "wilson" for row in board.estimates):
        notes.append("(w): all items alike, where resampling sees no spread: Wilson's interval")
    if any(row.method in (*OPEN, "limits") for row in board.estimates):
        notes.append(
            "(b): ratings that resampling cannot move, or bounds (≥, ≤): from Wilson's limits of each pair's share"
        )
    if any(row.method == "rows" for row in board.estimates):
        notes.append("intervals are the official ones, from games drawn as if they were independent: too narrow")
    if board.comparisons:
        level = f"{100 * (1 - board.comparisons[0].confidence):g} %"
        notes.append(
            f"ranks: those that the comparisons of all pairs leave open at {level} (step-down max-T, family-wise); "
            "*: separable from the next"
        )
    if any(len(rows) >= TIERED and tiers(rows) for _, rows in _tables(board)):
        notes.append("tiers: nobody in one is separable from its first by rank")
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
