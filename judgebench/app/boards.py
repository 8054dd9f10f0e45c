"""Boards of run folders, comparisons, and what renders them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench.core.leaderboard import Leaderboard
from judgebench.engine.prepare import Plan
from judgebench.plugin.kinds import Report
from judgebench.plugin.measure import Mode
from judgebench.plugin.options import build
from judgebench.plugin.registry import Registry
from judgebench.store.atomic import publish

if TYPE_CHECKING:
    from judgebench.engine.compare import Decision
    from judgebench.engine.detect import Detectable
    from judgebench.engine.evidence import Evidence
    from judgebench.plugin.paper_table import PaperTable


def leaderboard(
    folders: Sequence[Path],
    known: Registry,
    *,
    measures: Sequence[str] = (),
    title: str | None = None,
    mode: Mode = "corrected",
    notes: Sequence[str] = (),
    series: Sequence[str] = (),
    **inference: Any,
) -> Leaderboard:
    """The board of one or more run folders; `inference` as in `judgebench.engine.inference.Inference`.

    `series` are patterns of names, such as `step-*`: subjects that match one are checkpoints of one training.
    """
    from judgebench.engine.analyse import analyse
    from judgebench.engine.inference import Inference

    return analyse(_evidence(folders, known), known, Inference(**inference), measures, title, mode, notes, series)


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


def board_of(planned: Plan, known: Registry) -> Leaderboard:
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
    folders: Sequence[Path],
    known: Registry,
    *,
    measures: Sequence[str] = (),
    a: str | None = None,
    b: str | None = None,
    margin: float | None = None,
    mode: Mode = "corrected",
    gate: Sequence[str] = (),
    **inference: Any,
) -> "list[Decision]":
    """Whether `a` is better than `b`, in one or more run folders; see `judgebench.engine.compare`."""
    from judgebench.engine.compare import compare as decide
    from judgebench.engine.inference import Inference

    return decide(_evidence(folders, known), known, Inference(**inference), measures, a, b, margin, mode, gate)


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


def _evidence(folders: Sequence[Path], known: Registry) -> "list[Evidence]":
    from judgebench.engine.evidence import gather
    from judgebench.engine.evidence import load as load_run

    known.check()
    return gather(map(load_run, folders))


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
