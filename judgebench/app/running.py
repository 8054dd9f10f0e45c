"""Runs carried out: into a board, into what was said, or into a forecast of what they would ask."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from judgebench.app.board import Board
from judgebench.app.boards import Folder, board_of
from judgebench.app.known import registry
from judgebench.core.errors import JudgebenchError, PluginError
from judgebench.core.events import Event
from judgebench.discovery.registry import Registry
from judgebench.engine.ask import Door, Limits
from judgebench.engine.blocking import blocking
from judgebench.engine.dryrun import Forecast
from judgebench.engine.dryrun import forecast as count
from judgebench.engine.execute import Runner
from judgebench.engine.imports import Wanted, write_import
from judgebench.engine.line import Sleep
from judgebench.engine.prepare import Plan, plan
from judgebench.engine.spec import RunSpec, from_mapping, read_run_file
from judgebench.plugin.kinds import Import
from judgebench.plugin.options import build
from judgebench.store.cache import Cache
from judgebench.store.lines import ItemLine
from judgebench.store.manifest import Manifest, load, save
from judgebench.store.record import FILE, Content, Record, read

if TYPE_CHECKING:
    from judgebench.engine.recording import Recording

CACHE = "completions.sqlite"
"""The completion cache in a run folder, where no other is named."""
Observer = Callable[[Event], None]
Spec: TypeAlias = Mapping[str, Any] | Folder
"""A run as plain data, or the path of a run file."""


def run(
    spec: Spec,
    components: Sequence[type] = (),
    observers: Sequence[Observer] = (),
) -> Board:
    """Carry a run out from Python, as `judgebench run` does, and return its board; a run that was cut off continues.

    `spec` is a run file, or what would stand in one as plain data (`benchmark`, `policies`, `judges`, ...),
    `components` are classes of one's own beside those that are installed, and `observers` receive every event. The run
    folder gets board.json and board.md. Works where an event loop is already running, as in a notebook.
    JudgebenchError as on the command line.
    """
    known = registry(components)
    planned = plan(_read(spec), known)
    blocking(execute(planned, known, observers))
    return board_of(planned, known)


def collect(
    spec: Spec,
    components: Sequence[type] = (),
    observers: Sequence[Observer] = (),
) -> "Recording":
    """Carry a run out, as `run` does, and return what was answered and said in it instead of a board.

    For programs that make something of texts and verdicts, such as training data. A run without a judge is one too:
    its policies answer.
    """
    from judgebench.engine.recording import recording

    known = registry(components)
    planned = plan(_read(spec), known, judged=False)
    blocking(execute(planned, known, observers))
    return recording(planned, read(planned.folder))


def forecast(spec: Spec, components: Sequence[type] = ()) -> list[Forecast]:
    """What carrying a run out would ask, as `judgebench run --dry-run` says it; a run without a judge is one too."""
    found: list[Forecast] = []

    async def look() -> None:
        found.extend(await preview(plan(_read(spec), registry(components), secrets=False, judged=False)))

    blocking(look())
    return found


async def preview(planned: Plan) -> list[Forecast]:
    """What carrying out a plan would ask, beyond what its folder's record holds."""
    content = read(planned.folder) if (planned.folder / FILE).exists() else Content()
    setup, spec = planned.setup, planned.setup.spec
    keeps = spec.cache is not False
    return await count(setup.policies, planned.judges, planned.items, planned.selected, spec.seed, content, keeps)


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


def import_run(
    form: str, files: Sequence[Path], folder: Path, known: Registry, wanted: Wanted | None = None, **options: Any
) -> Manifest:
    """Make a run folder of what another tool recorded, or extend one; `options` are those of the form."""
    reader = build(known.get(Import, form), options, f"import '{form}'", strict=False)
    return write_import(reader, files, folder, known, wanted or Wanted())


def _read(spec: Spec) -> RunSpec:
    return from_mapping(spec, "run") if isinstance(spec, Mapping) else read_run_file(Path(spec))


def _cache(spec: RunSpec, folder: Path) -> Cache | None:
    """By default a run has its own: a server may have got another checkpoint under the same name since."""
    if spec.cache is False:
        return None
    return Cache(folder / CACHE if spec.cache is True else Path(spec.cache))


def _emitter(known: Registry, observers: Sequence[Observer]) -> Observer:
    hook = known.manager.hook.judgebench_observe
    plugins = bool(hook.get_hookimpls())

    def emit(event: Event) -> None:
        try:
            for observer in observers:
                observer(event)
            if plugins:
                hook(event=event)
        except JudgebenchError:
            raise
        except Exception as error:  # of what watches, not of what is run
            what = f"an observer raised {type(error).__name__} at a {type(event).__name__}: {error}"
            raise PluginError(what, "mend it, or leave it out; the same command goes on") from error

    return emit
