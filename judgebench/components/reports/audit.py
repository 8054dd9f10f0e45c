"""audit: one page about each judge, question by question, with what its answers should be."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from judgebench.components.reports.audit_thresholds import CHECKS, HUMANS, Check
from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, by_pair
from judgebench.plugin.kinds import Report
from judgebench.reporting.figures import cell, digits, footer, interval, kept, value

Outcome = Literal["holds", "fails", "not shown", "-"]
MEANING = """\
`holds`: the whole interval is on the right side of the threshold; `fails`: all of it is on the wrong side; \
`not shown`: neither, so that more items are needed; `-`: nothing is asked of the value. Shares are in percent, \
differences in points."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: what is asked, what was found, the threshold in words, and what comes of both."""

    check: Check
    found: Estimate
    threshold: str
    outcome: Outcome


@dataclass(frozen=True)
class Audit(Report):
    """For every judge of a board: what it was asked, and one table of questions, values, thresholds and outcomes.

    Measures and thresholds are those of `judgebench.components.reports.audit_thresholds`. Where the threshold is what
    people get, the outcome is that of the paired difference. Questions without an estimate are named below the table:
    no number stands for data that are not there.
    """

    name = "audit"
    summary = "a page about each judge: biases, attacks and agreement against published thresholds"
    suffix = ".md"

    def render(self, board: Leaderboard) -> str:
        """The pages as GitHub-flavoured markdown, one after the other; then notes and provenance."""
        asked = {check.measure for check in CHECKS}
        judges = sorted({row.subject for row in board.estimates if row.measure in asked} - {HUMANS})
        parts = [part for judge in judges for part in _page(board, judge)]
        if not parts:
            parts = [f"# Audit: {board.title}", "No judge of this board has an estimate that an audit asks for."]
        return "\n\n".join([*parts, *footer(replace(board, comparisons=()), ranked=False)]) + "\n"


def _page(board: Leaderboard, judge: str) -> Iterator[str]:
    rows = _rows(board, judge)
    yield f"# Audit: {cell(judge)}"
    yield _headline(rows)
    yield "\n".join(_asked(board, judge))
    yield _table(rows)
    yield MEANING
    there = {row.check.measure for row in rows}
    if lacking := [check.measure for check in CHECKS if check.measure not in there]:
        yield f"No data: {', '.join(lacking)}."


def _rows(board: Leaderboard, judge: str) -> list[Row]:
    """Check by check, and within one benchmark by benchmark in the board's order."""
    of = {(row.benchmark, row.measure, row.subject): row for row in board.estimates if row.judge is None}
    benchmarks = list(dict.fromkeys(row.benchmark for row in board.estimates))
    pairs, rows = by_pair(board), []
    for check in CHECKS:
        for benchmark in benchmarks:
            found = of.get((benchmark, check.measure, judge))
            if found is None:
                continue
            if check.humans:
                people = of.get((benchmark, check.measure, HUMANS))
                apart = pairs.get((benchmark, check.measure, None, judge, HUMANS))
                rows.append(Row(check, found, *_against_people(people, apart)))
            else:
                rows.append(Row(check, found, _threshold(check), _outcome(check, found)))
    return rows


def _threshold(check: Check) -> str:
    match check.least, check.most:
        case None, None:
            return "-"
        case least, None:
            return f"at least {least:g}"
        case None, most:
            return f"at most {most:g}"
        case least, most:
            return f"{least:g} to {most:g}"


def _outcome(check: Check, found: Estimate) -> Outcome:
    """Where the whole interval lies, its ends in the digits that the data of a board keep."""
    if check.least is None and check.most is None:
        return "-"
    least = float("-inf") if check.least is None else check.least
    most = float("inf") if check.most is None else check.most
    low, high = kept(found.low), kept(found.high)
    if high < least or low > most:
        return "fails"
    return "holds" if low >= least and high <= most else "not shown"


def _against_people(people: Estimate | None, apart: Comparison | None) -> tuple[str, Outcome]:
    """Threshold and outcome where the judge should be as good as people: by the difference of the two."""
    if people is None:
        return "-", "-"
    said = f"people: {value(people)} [{interval(people)}] n = {people.n}"
    if apart is None:
        return said, "not shown"
    return said, "fails" if kept(apart.high) < 0 else "holds" if kept(apart.low) >= 0 else "not shown"


def _headline(rows: list[Row]) -> str:
    """What fails, by measure and benchmark, and how much holds."""
    failing = [f"{row.check.measure} ({row.found.benchmark})" for row in rows if row.outcome == "fails"]
    holds, open_ = (sum(row.outcome == outcome for row in rows) for outcome in ("holds", "not shown"))
    judged = holds + open_ + len(failing)
    said = f"Fails: {', '.join(failing)}." if failing else "Nothing fails."
    return f"**{said}** Of {judged} thresholds: {holds} held, {len(failing)} failed, {open_} not shown."


def _asked(board: Leaderboard, judge: str) -> Iterator[str]:
    """What the judge was asked, benchmark by benchmark."""
    of = {(row.benchmark, row.measure): row for row in board.estimates if row.subject == judge}
    items = {run["benchmark"]: run["items"] for run in board.provenance.get("runs", [])}
    for benchmark in dict.fromkeys(benchmark for benchmark, _ in of):
        said = [f"{items[benchmark]} items"] if benchmark in items else []
        if (pairs := of.get((benchmark, "position-consistency"))) is not None:
            planned = pairs.n + pairs.missing
            times = planned // items[benchmark] if benchmark in items else 1
            said.append("both orders" + (f", each {times} times" if times > 1 else ""))
        if (asked := of.get((benchmark, "miss-rate"))) is not None:
            said.append(f"{asked.n} verdicts asked for" + (f", {asked.missing} not yet" if asked.missing else ""))
        yield f"- {benchmark}: {', '.join(said) or 'recorded verdicts'}"


def _table(rows: list[Row]) -> str:
    from tabulate import tabulate

    several = len({row.found.benchmark for row in rows}) > 1
    return tabulate(
        [
            (
                row.check.question,
                f"{row.found.benchmark}: {row.check.measure}" if several else row.check.measure,
                _value(row.found),
                row.threshold,
                row.check.source,
                row.outcome,
            )
            for row in rows
        ],
        headers=("question", "measure", "value [interval] n", "threshold", "source", "outcome"),
        tablefmt="github",
        disable_numparse=True,
    )


def _value(found: Estimate) -> str:
    missing = f", {found.missing} missing" if found.missing else ""
    level = f"{digits(100 * found.confidence, 'g')} %"
    return f"{value(found)} [{level}: {interval(found)}] n = {found.n}{missing}"


COMPONENT = Audit
