"""alpaca-eval: a board as the leaderboard csv of AlpacaEval's package."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from judgebench import ConfigError, DataError, Estimate, Leaderboard, Report

COLUMNS = (
    "win_rate",
    "standard_error",
    "n_wins",
    "n_wins_base",
    "n_draws",
    "n_total",
    "discrete_win_rate",
    "mode",
    "avg_length",
    "length_controlled_winrate",
    "lc_standard_error",
)
MODE = "community"
"""What the package calls every row that its users add; without a word of its own its printing fails."""
_COUNTS = {"n_wins": "wins", "n_draws": "ties", "n_wins_base": "losses"}
_AVERAGED = ",orders=average"


@dataclass(frozen=True)
class AlpacaEvalLeaderboard(Report):
    """One row a policy, of one judge, in percent; the best by length-controlled win rate first, else by win rate.

    Columns and order are those of `alpaca_eval evaluate`, which reads the file as its `precomputed_leaderboard`. A cell
    is empty where the board lacks the number: standard errors are AlpacaEval's on boards in official mode alone, and
    the counts need the measures `wins`, `ties` and `losses` with `orders=average`. `avg_length` is cut to a whole
    number, as there.

    Source: alpaca-eval, `main.evaluate`, `get_winrate` and `get_length_controlled_winrate`.
    """

    name = "alpaca-eval"
    summary = "the leaderboard csv of AlpacaEval's package, of one judge"
    suffix = ".csv"

    def render(self, board: Leaderboard) -> str:
        """The csv, with newlines as line ends and full precision.

        ConfigError where the board has several judges or benchmarks; DataError where it has no win rates.
        """
        rates = [row for row in board.estimates if row.measure == "win-rate" and row.judge is not None]
        benchmark = _one("benchmark", (row.benchmark for row in rates))
        judge = _one("judge", (str(row.judge) for row in rates))
        found: dict[str, dict[str, Estimate]] = {rate.subject: {} for rate in rates}
        for one in board.estimates:
            if one.benchmark == benchmark and one.judge in (judge, None) and one.subject in found:
                found[one.subject][one.measure] = one
        rows = {subject: _row(own, board.mode == "official") for subject, own in found.items()}
        controlled = any(row["length_controlled_winrate"] is not None for row in rows.values())
        by = "length_controlled_winrate" if controlled else "win_rate"
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["", *COLUMNS])
        for subject, row in sorted(rows.items(), key=lambda pair: _falling(pair[1][by])):
            writer.writerow([subject, *("" if row[column] is None else row[column] for column in COLUMNS)])
        return text.getvalue()


def _row(found: Mapping[str, Estimate], official: bool) -> dict[str, float | int | str | None]:
    """The cells of one policy, given its estimates by measure."""
    rate, controlled = found["win-rate"], found.get("lc-win-rate")
    discrete, length = found.get("discrete-win-rate"), found.get("average-length")
    counts = {column: found.get(measure + _AVERAGED) for column, measure in _COUNTS.items()}
    return {
        "win_rate": rate.value,
        "standard_error": rate.standard_error if official else None,
        **{column: None if row is None else round(row.value / 100 * row.n) for column, row in counts.items()},
        "n_total": rate.n,
        "discrete_win_rate": None if discrete is None else discrete.value,
        "mode": MODE,
        "avg_length": None if length is None else int(length.value),
        "length_controlled_winrate": None if controlled is None else controlled.value,
        "lc_standard_error": controlled.standard_error if controlled is not None and official else None,
    }


def _one(what: str, there: Iterable[str]) -> str:
    """The only one there is."""
    names = sorted(set(there))
    if not names:
        raise DataError("the board has no win rates of policies under a judge", "add --measure win-rate")
    if len(names) > 1:
        raise ConfigError(
            f"an AlpacaEval leaderboard is of one {what}, and the board has {', '.join(names)}",
            f"name runs that share one {what}",
        )
    return names[0]


def _falling(value: float | int | str | None) -> float:
    return -value if isinstance(value, float) else inf
