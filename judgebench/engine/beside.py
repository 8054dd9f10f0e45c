"""The board of a paper's table: its measures of everything that some runs hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.discovery.registry import Registry
from judgebench.engine.analyse import analyse
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference
from judgebench.engine.plan import TrialKey
from judgebench.plugin.measure import Mode
from judgebench.reporting.paper_markdown import reason
from judgebench.reporting.paper_numbers import AGAINST
from judgebench.reporting.paper_table import PaperTable
from judgebench.store.manifest import Planned


def beside(
    evidence: Sequence[Evidence],
    registry: Registry,
    inference: Inference,
    table: PaperTable,
    mode: Mode = "corrected",
    title: str | None = None,
    notes: Sequence[str] = (),
) -> Leaderboard:
    """The board of a table's measures; those about two policies are of each two that met, named `A vs B`.

    ConfigError for a row or subject that is not there; DataError where none of its measures has a number.
    """
    judges = [piece.shown(key) for piece in evidence for key in piece.subjects]
    met = [(piece, list(dict.fromkeys(_pairs(piece)))) for piece in evidence]
    sides = {side for _, pairs in met for pair in pairs for side in pair}
    table.check({*judges, *sides, *(AGAINST.join(pair) for _, pairs in met for one in pairs for pair in _ways(one))})
    specs = [(column, table.spec(column, judges)) for column in table.columns]
    whole = [spec for column, spec in specs if spec is not None and not column.between]
    between = [spec for column, spec in specs if spec is not None and column.between]
    boards = [analyse(evidence, registry, inference, whole, mode=mode, notes=notes)] if whole else []
    if between:
        boards += [
            _named(analyse([_of(piece, pair)], registry, inference, between, mode=mode, notes=notes), pair)
            for piece, pairs in met
            for pair in pairs
        ]
    board = _joined(boards, title or table.summary)
    if not board.estimates:
        raise _nothing(table, board, [*whole, *between], any(spec is None and column.measure for column, spec in specs))
    return board


def _nothing(table: PaperTable, board: Leaderboard, specs: Sequence[str], unnamed: bool) -> DataError:
    """`unnamed`: it has a column for which the judge is not known that others are compared with."""
    why = list(dict.fromkeys(filter(None, (reason(board, spec) for spec in specs))))
    hints = [f"it is made of {', '.join(dict.fromkeys(specs))}"] if specs else []
    if unnamed:
        why.append(f"no judge stands for its {table.reference}")
        hints.append(f"name that judge: --row '{table.reference}=NAME'")
    because = "; ".join(why) or "no two policies were compared"
    return DataError(f"'{table.name}': these runs give no number for it ({because})", "; ".join(hints))


def _pairs(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The names of every two policies that were compared; a baseline goes by its author's."""
    for key, plan in evidence.planned:
        if (pair := _pair(evidence, key, plan)) is not None:
            yield pair


def _pair(evidence: Evidence, key: TrialKey, plan: Planned) -> tuple[str, str] | None:
    """In alphabetical order, so that runs that name them the other way round are one."""
    if plan.policy is None or plan.alone or len(key.slots) != 2:
        return None
    mine = evidence.shown(plan.policy)
    other = key.slots[1] if plan.opponent is None else evidence.shown(plan.opponent)
    return None if mine == other else (min(mine, other), max(mine, other))


def _ways(pair: tuple[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    return pair, pair[::-1]


def _of(evidence: Evidence, pair: tuple[str, str]) -> Evidence:
    """The part about two policies alone."""
    return replace(
        evidence, planned=tuple((key, plan) for key, plan in evidence.planned if _pair(evidence, key, plan) == pair)
    )


def _named(board: Leaderboard, pair: tuple[str, str]) -> Leaderboard:
    """A board of two policies with the subjects named after both, those that were measured."""
    named = {mine: AGAINST.join((mine, other)) for mine, other in _ways(pair)}

    def about(row: Estimate) -> Estimate:
        return replace(row, subject=named[row.subject])

    return replace(board, estimates=tuple(about(row) for row in board.estimates if row.judge is not None))


def _joined(boards: Sequence[Leaderboard], title: str) -> Leaderboard:
    """All estimates, and for each benchmark one provenance with what is said on any board."""
    runs: dict[str, list[Mapping[str, Any]]] = {}
    for run in (run for board in boards for run in board.provenance["runs"]):
        runs.setdefault(run["evidence"], []).append(run)
    return Leaderboard(
        title=title,
        benchmark=", ".join(dict.fromkeys(run["benchmark"] for one in runs.values() for run in one)),
        mode=boards[0].mode if boards else "corrected",
        estimates=tuple(row for board in boards for row in board.estimates),
        provenance={"runs": [_one(parts) for parts in runs.values()]},
    )


def _one(runs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    measures = {name: value for run in runs for name, value in run["measures"].items()}
    return {**runs[0], "measures": measures, "notes": _once(note for run in runs for note in run["notes"])}


def _once(notes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(notes))
