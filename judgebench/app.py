"""run, leaderboard, catalogue: the only place where everything meets. Use it from Python as the command line does."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import components
from judgebench.core.events import Event
from judgebench.core.leaderboard import Leaderboard
from judgebench.engine.ask import Door, Limits
from judgebench.engine.blocking import blocking
from judgebench.engine.dryrun import Forecast
from judgebench.engine.dryrun import forecast as count
from judgebench.engine.execute import Runner
from judgebench.engine.imports import Wanted, write_import
from judgebench.engine.line import Sleep
from judgebench.engine.prepare import Plan, check_path, plan
from judgebench.engine.spec import RunSpec, from_mapping
from judgebench.plugin.kinds import Import, Report
from judgebench.plugin.measure import Mode
from judgebench.plugin.options import build
from judgebench.plugin.registry import Registry
from judgebench.plugin.registry import load as load_registry
from judgebench.store.atomic import publish
from judgebench.store.cache import Cache
from judgebench.store.lines import ItemLine
from judgebench.store.manifest import Manifest, load, save
from judgebench.store.record import FILE, Content, Record, read

if TYPE_CHECKING:
    from judgebench.engine.compare import Decision
    from judgebench.engine.data import Outcome, Row
    from judgebench.engine.detect import Detectable
    from judgebench.engine.evidence import Evidence
    from judgebench.engine.mirror import Difference
    from judgebench.engine.recording import Recording
    from judgebench.plugin.paper_table import PaperTable

CACHE = "completions.sqlite"
"""The completion cache in a run folder, where no other is named."""
Observer = Callable[[Event], None]
__all__ = [
    "Plan",
    "Wanted",
    "beside",
    "board_of",
    "check_path",
    "collect",
    "compare",
    "data_fetch",
    "data_list",
    "data_verify",
    "detectable",
    "execute",
    "forecast",
    "import_run",
    "leaderboard",
    "plan",
    "preview",
    "publish_board",
    "registry",
    "render",
    "run",
]


def registry(own: Sequence[type] = ()) -> Registry:
    """Everything that ships, every installed plugin, and component classes of one's own."""
    known = load_registry(components)
    if own:
        known.add_own(own)
    return known


async def execute(
    planned: Plan, known: Registry, observers: Sequence[Observer] = (), sleep: Sleep = asyncio.sleep
) -> None:
    """Carry a plan out: after it, everything that could be had is in the run folder's record."""
    spec, setup = planned.setup.spec, planned.setup
    watch = _emitter(known, observers)
    with Record(planned.folder) as record:
        existing = load(planned.folder)
        manifest = planned.manifest if existing is None else existing.extended(planned.manifest)
        record.extend((*map(ItemLine, planned.items), *planned.reference))
        save(planned.folder, manifest)
        cache = _cache(spec, planned.folder)
        door = Door(
            seed=spec.seed,
            limits=Limits(spec.retries, spec.max_calls, spec.max_cost),
            secret=known.secret,
            cache=cache,
            emit=watch,
            sleep=sleep,
        )
        try:
            runner = Runner(record, door, watch)
            await runner.run(setup.policies, planned.judges, planned.items, planned.selected, spec.seed)
        finally:
            await door.close()
            if cache is not None:
                cache.close()


def run(
    spec: Mapping[str, Any],
    components: Sequence[type] = (),
    observers: Sequence[Observer] = (),
) -> Leaderboard:
    """Carry a run out from Python, as `judgebench run` does, and return its board; a run that was cut off continues.

    `spec` is a run file as plain data (`benchmark`, `policies`, `judges`, ...), `components` are classes of one's own
    beside those that are installed, and `observers` receive every event. The run folder gets board.json and board.md.
    Works where an event loop is already running, as in a notebook. JudgebenchError as on the command line.
    """
    known = registry(components)
    planned = plan(from_mapping(spec, "run"), known)
    blocking(execute(planned, known, observers))
    return board_of(planned, known)


def collect(
    spec: Mapping[str, Any],
    components: Sequence[type] = (),
    observers: Sequence[Observer] = (),
) -> "Recording":
    """Carry a run out, as `run` does, and return what was answered and said in it instead of a board.

    For programs that make something of texts and verdicts, such as training data. A run without a judge is one too:
    its policies answer.
    """
    from judgebench.engine.recording import recording

    known = registry(components)
    planned = plan(from_mapping(spec, "run"), known, judged=False)
    blocking(execute(planned, known, observers))
    return recording(planned, read(planned.folder))


def forecast(spec: Mapping[str, Any], components: Sequence[type] = ()) -> list[Forecast]:
    """What carrying a run out would ask, as `judgebench run --dry-run` says it; a run without a judge is one too."""
    found: list[Forecast] = []

    async def look() -> None:
        found.extend(await preview(plan(from_mapping(spec, "run"), registry(components), secrets=False, judged=False)))

    blocking(look())
    return found


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


def _cache(spec: RunSpec, folder: Path) -> Cache | None:
    """By default a run has its own: a server may have got another checkpoint under the same name since."""
    if spec.cache is False:
        return None
    return Cache(folder / CACHE if spec.cache is True else Path(spec.cache))


def _emitter(known: Registry, observers: Sequence[Observer]) -> Observer:
    hook = known.manager.hook.judgebench_observe
    plugins = bool(hook.get_hookimpls())

    def emit(event: Event) -> None:
        for observer in observers:
            observer(event)
        if plugins:
            hook(event=event)

    return emit


def import_run(
    form: str, files: Sequence[Path], folder: Path, known: Registry, wanted: Wanted | None = None, **options: Any
) -> Manifest:
    """Make a run folder of what another tool recorded, or extend one; `options` are those of the form."""
    reader = build(known.get(Import, form), options, f"import '{form}'", strict=False)
    return write_import(reader, files, folder, known, wanted or Wanted())


async def preview(planned: Plan) -> list[Forecast]:
    """What carrying out a plan would ask, beyond what its folder's record holds."""
    content = read(planned.folder) if (planned.folder / FILE).exists() else Content()
    setup, spec = planned.setup, planned.setup.spec
    keeps = spec.cache is not False
    return await count(setup.policies, planned.judges, planned.items, planned.selected, spec.seed, content, keeps)


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


def data_list(benchmarks: Sequence[str], known: Registry, mirror: Path | None = None) -> "list[Row]":
    """What benchmarks, named by their specs, need of the hub, and what of it a mirror has; all where none is named."""
    from judgebench.engine.data import needs, rows

    return rows(needs(benchmarks, known), mirror)


def data_fetch(
    benchmarks: Sequence[str], known: Registry, mirror: Path, revision: str | None = None
) -> "Iterator[Outcome]":
    """Fetch what benchmarks need into a mirror, one outcome as soon as a file is there."""
    from judgebench.engine.data import fetch, needs

    return fetch(needs(benchmarks, known), mirror, revision)


def data_verify(mirror: Path) -> "tuple[int, list[Difference]]":
    """How many files of a mirror are as they were fetched, and those that are not."""
    from judgebench.engine.mirror import differences

    return differences(mirror)
