"""Boards of run folders, comparisons, and what renders them."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from judgebench.app.board import Board
from judgebench.app.known import registry
from judgebench.core.leaderboard import Leaderboard
from judgebench.discovery.registry import Registry
from judgebench.engine.prepare import Plan
from judgebench.plugin.kinds import Report
from judgebench.plugin.measure import Mode
from judgebench.plugin.options import build
from judgebench.store.atomic import publish

if TYPE_CHECKING:
    from judgebench.engine.decision import Decision
    from judgebench.engine.detect import Detectable
    from judgebench.engine.evidence import Evidence
    from judgebench.reporting.paper_table import PaperTable


Folder: TypeAlias = str | PathLike[str]


def leaderboard(
    folders: Folder | Sequence[Folder],
    known: Registry | None = None,
    *,
    measures: Sequence[str] = (),
    title: str | None = None,
    mode: Mode = "corrected",
    notes: Sequence[str] = (),
    series: Sequence[str] = (),
    **inference: Any,
) -> Board:
    """The board of one or more run folders, from their records alone: no model is asked.

    `measures` stand in the place of the runs' own. `series` are patterns of names, such as `step-*`: subjects that
    match one are checkpoints of one training. `inference` says how intervals are made: `interval` ("bca",
    "percentile"), `confidence` (0.95), `replicates` (10,000), `seed` (the run's own). `known` is what components there
    are: all that are installed, unless it says otherwise. JudgebenchError as on the command line.
    """
    from judgebench.engine.analyse import analyse
    from judgebench.engine.inference import Inference

    there = registry() if known is None else known
    evidence, how = _evidence(folders, there), Inference(**inference)
    return Board.of(analyse(evidence, there, how, measures, title, mode, notes, series))


def beside(
    folders: Sequence[Path],
    known: Registry,
    table: "PaperTable",
    *,
    title: str | None = None,
    mode: Mode = "corrected",
    notes: Sequence[str] = (),
    **inference: Any,
) -> Leaderboard:
    """The board of a paper's table, made of one or more run folders; `table` renders it beside the paper's numbers."""
    from judgebench.engine.beside import beside as board_beside
    from judgebench.engine.inference import Inference

    return board_beside(_evidence(folders, known), known, Inference(**inference), table, mode, title, notes)


def board_of(planned: Plan, known: Registry) -> Board:
    """The board of a run that was carried out, written into its folder."""
    board = leaderboard([planned.folder], known, measures=planned.setup.spec.measures)
    publish_board(board, planned.folder, known, {"board.json": "json", "board.md": "markdown", **trajectory(board)})
    return board


def trajectory(board: Leaderboard) -> dict[str, str]:
    """The files that a board with checkpoints of a training has beside its own, and the reports that make them."""
    if not any(len(series.subjects) > 1 for series in board.series):
        return {}
    return {"trajectory.md": "trajectory", "trajectory.svg": "svg"}


def compare(
    folders: Folder | Sequence[Folder],
    known: Registry | None = None,
    *,
    measures: Sequence[str] = (),
    a: str | None = None,
    b: str | None = None,
    margin: float | None = None,
    mode: Mode = "corrected",
    gate: Sequence[str] = (),
    **inference: Any,
) -> "list[Decision]":
    """Whether `a` is better than `b`, in one or more run folders, paired on the same resamples.

    One decision a measure and judge, in words by `str`; without `a` and `b` one a pair of subjects, p-values adjusted
    for that. `margin` is the smallest difference that matters, in the measure's unit. `gate` are outcomes that a user
    asks for: a subject that is not there is then an error. The rest as in `leaderboard`.
    """
    from judgebench.engine.compare import compare as decide
    from judgebench.engine.inference import Inference

    there = registry() if known is None else known
    return decide(_evidence(folders, there), there, Inference(**inference), measures, a, b, margin, mode, gate)


def detectable(
    folders: Sequence[Path],
    known: Registry,
    items: int,
    measures: Sequence[str] = (),
    deviation: float | None = None,
    **inference: Any,
) -> "list[Detectable]":
    """The smallest differences that so many items can show: by recorded runs, and by a stated deviation."""
    from judgebench.engine.detect import detected, stated
    from judgebench.engine.inference import Inference

    how = Inference(**inference)
    found = detected(_evidence(folders, known), known, how, measures, items) if folders else []
    if deviation is not None:
        found.append(stated(deviation, how.confidence, items))
    return found


def _evidence(folders: Folder | Sequence[Folder], known: Registry) -> "list[Evidence]":
    from judgebench.engine.evidence import gather
    from judgebench.engine.evidence import load as load_run

    known.check()
    named = [folders] if isinstance(folders, str | PathLike) else folders
    return gather(load_run(Path(folder)) for folder in named)


def render(board: Leaderboard, report: str | Report, known: Registry) -> str:
    """A board as text by a report, or by the one with this name."""
    made = report if isinstance(report, Report) else build(known.get(Report, report), {}, f"report '{report}'")
    return made.render(board)


def publish_board(board: Leaderboard, folder: Path, known: Registry, reports: Mapping[str, str | Report]) -> list[Path]:
    """Write a board into a folder, each file whole or not at all: `reports` maps file names to reports."""
    texts = {folder / name: render(board, report, known) for name, report in reports.items()}
    for path, text in texts.items():
        publish(path, text)
    return list(texts)
