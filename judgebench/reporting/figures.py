"""The figures of a board in words: what its reports in markdown share."""

from collections.abc import Callable, Iterator, Sequence

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, tables, tiers

OPEN = {"at least": "≥ ", "at most": "≤ "}
"""The signs of values that are bounds."""
MARKS = {"wilson": " (w)", "limits": " (b)"}
"""What stands behind intervals that are made in another way than the board's."""
Column = tuple[str, str, Callable[[Estimate], str]]
TIERED = 3
"""A table of so many subjects or more shows tiers: two are told apart by their ranks as well."""


def kept(value: float) -> float:
    """A number as the data of a board keep it, in ten digits: what comes after them depends on the processor."""
    return float(f"{value:.10g}")


def digits(value: float, form: str = ".1f") -> str:
    """A number in few digits, out of the ten that the data of a board keep: of the same board both say the same."""
    return format(kept(value) + 0.0, form)  # no difference at all has no sign


def about(key: tuple[str, str, str | None]) -> str:
    """What a table is about, given its benchmark, measure and judge: the measure, and who judged."""
    _, measure, judge = key
    return measure if judge is None else f"{measure}, judged by {cell(judge)}"


def heading(board: Leaderboard, key: tuple[str, str, str | None]) -> str:
    """The same as a heading: the benchmark stands before it where the board has several."""
    return about(key) if key[0] == board.benchmark else f"{key[0]}: {about(key)}"


def table(rows: Sequence[Estimate], columns: Sequence[Column]) -> str:
    """Estimates as a table of GitHub's markdown, by columns: name, alignment, and the cell of a row."""
    from tabulate import tabulate

    return tabulate(
        [[shown(row) for _, _, shown in columns] for row in rows],
        headers=[name for name, _, _ in columns],
        tablefmt="github",
        disable_numparse=True,
        colalign=[align for _, align, _ in columns],
    )


def cell(text: str) -> str:
    """A text that stays within its cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def value(row: Estimate) -> str:
    """An estimate, with a sign where it is a bound."""
    return OPEN.get(row.method, "") + digits(row.value)


def interval(row: Estimate) -> str:
    """The interval of an estimate; of a bound the one end that it has."""
    if row.method in OPEN:
        return f"{OPEN[row.method]}{digits(row.low if row.method == 'at least' else row.high)} (b)"
    return f"{digits(row.low)} to {digits(row.high)}" + MARKS.get(row.method, "")


def separable(found: Comparison) -> bool:
    """Whether two subjects differ at the board's confidence, in the family of all pairs."""
    return found.p_adjusted <= 1.0 - found.confidence


def difference(found: Comparison, a: Estimate, b: Estimate) -> str:
    """A difference with its interval; * where the two are separable.

    `a` and `b` are the estimates of its two sides: where one is a bound, the difference is one too, and its interval
    has one end.
    """
    low, high = digits(found.low, "+.1f"), digits(found.high, "+.1f")
    sign, ends = "", f"{low} to {high}"
    if a.method != b.method:
        if a.method == "at least" or b.method == "at most":
            sign, ends = OPEN["at least"], f"≥ {low}"
        elif a.method == "at most" or b.method == "at least":
            sign, ends = OPEN["at most"], f"≤ {high}"
    return f"{sign}{digits(found.difference, '+.1f')} ({ends}){' *' if separable(found) else ''}"


def footer(board: Leaderboard, ranked: bool) -> Iterator[str]:
    """The last paragraphs of a board: notes, each once, then where its numbers come from.

    `ranked` says whether its tables have ranks and leads, or differences between the steps of a training.
    """
    said = [*_notes(board), *(_ranks(board) if ranked else _steps(board))]
    if said:
        yield "\n".join(f"- {note}" for note in dict.fromkeys(said))
    for run in board.provenance.get("runs", []):
        software = ", ".join(f"{name} {'/'.join(versions)}" for name, versions in run["software"].items())
        yield (
            f"{run['benchmark']}: {run['items']} items, seed {run['seed']}, {run['interval']} on "
            f"{run['replicates']} resamples of items within strata, {software}, evidence {run['evidence'][:12]}."
        )
        for name, sources in run.get("sources", {}).items():
            yield f"Data: {name} from {', '.join(sources)}."


def _notes(board: Leaderboard) -> Iterator[str]:
    """The notes of a board's runs, and what the marks at its estimates mean."""
    for run in board.provenance.get("runs", []):
        yield from run["notes"]
    if any(row.method == "wilson" for row in board.estimates):
        yield "(w): all items alike, where resampling sees no spread: Wilson's interval"
    if any(row.method in (*OPEN, "limits") for row in board.estimates):
        yield "(b): ratings that resampling cannot move, or bounds (≥, ≤): from Wilson's limits of each pair's share"
    if any(row.method == "rows" for row in board.estimates):
        yield "intervals are the official ones, from games drawn as if they were independent: too narrow"


def _ranks(board: Leaderboard) -> Iterator[str]:
    if board.comparisons:
        yield (
            f"ranks: those that the comparisons of all pairs leave open at {_level(board)} (step-down max-T, "
            "family-wise); *: separable from the next"
        )
    if any(len(rows) >= TIERED and tiers(rows) for _, rows in tables(board)):
        yield "tiers: nobody in one is separable from its first by rank"


def _steps(board: Leaderboard) -> Iterator[str]:
    if board.comparisons:
        yield (
            f"*, separable: told apart at {_level(board)}, family-wise over all pairs of a measure (step-down max-T)"
        )


def _level(board: Leaderboard) -> str:
    return f"{100 * (1 - board.comparisons[0].confidence):g} %"
