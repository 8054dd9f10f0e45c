"""run, leaderboard, catalogue: the only place where everything meets. Use it from Python as the command line does."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import __version__, components
from judgebench.core.errors import ConfigError
from judgebench.core.events import Event
from judgebench.core.item import Item
from judgebench.core.leaderboard import Leaderboard
from judgebench.engine.ask import Door, Limits
from judgebench.engine.dryrun import Forecast, forecast
from judgebench.engine.execute import Runner
from judgebench.engine.line import Sleep
from judgebench.engine.plan import slots
from judgebench.engine.resolve import Entrant, Setup, resolve, resolve_benchmark
from judgebench.engine.select import ranked
from judgebench.engine.spec import RunSpec
from judgebench.plugin.kinds import Component, Import, Judge, Measure, Mode, Report
from judgebench.plugin.options import build, identity_options
from judgebench.plugin.registry import Registry
from judgebench.plugin.registry import load as load_registry
from judgebench.store.atomic import publish
from judgebench.store.cache import Cache
from judgebench.store.digest import sha256
from judgebench.store.lines import ItemLine, ReferenceLine
from judgebench.store.manifest import Manifest, Planned, load, save, selection_name
from judgebench.store.record import FILE, Content, Record, read

if TYPE_CHECKING:
    from judgebench.engine.compare import Decision
    from judgebench.engine.evidence import Evidence

CACHE = "completions.sqlite"
"""The completion cache in a run folder, where no other is named."""
Observer = Callable[[Event], None]


def registry() -> Registry:
    """Everything that ships and every installed plugin."""
    return load_registry(components)


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that was checked: what it is about, its items by rank, and what is asked of each judge."""

    setup: Setup
    folder: Path
    manifest: Manifest
    items: tuple[Item, ...]
    reference: tuple[ReferenceLine, ...]
    selected: Mapping[str, tuple[Item, ...]]
    judges: tuple[tuple[Entrant[Judge], tuple[Planned, ...]], ...]


def plan(spec: RunSpec, known: Registry, *, secrets: bool = True) -> Plan:
    """Check everything that can be checked before anything is spent. ConfigError, PluginError or DataError.

    `secrets=False` leaves keys unchecked: enough for a preview, which asks nobody.
    """
    setup = resolve(spec, known, secrets=secrets)
    everything = ranked(setup.benchmark.items(), spec.seed)
    reference = tuple(ReferenceLine(name, tuple(values)) for name, values in setup.benchmark.reference().items())
    items = tuple(everything[: spec.limit])
    _comparable(setup, items)
    policies: list[str | None] = [entrant.subject.key for entrant in setup.policies] or [None]
    selected: dict[str, tuple[Item, ...]] = {}
    judges = []
    for entrant, planning in setup.judges:
        chosen = items[: planning.limit]
        name = selection_name(item.id for item in chosen)
        selected[name] = chosen
        order = planning.order or setup.benchmark.order
        judges.append(
            (entrant, tuple(Planned(entrant.subject.key, policy, order, planning.repeats, name) for policy in policies))
        )
    manifest = Manifest(
        benchmark=setup.benchmark.name,
        options=identity_options(setup.benchmark),
        data=(sha256(everything),),
        measures=setup.measures,
        seed=spec.seed,
        subjects=tuple(entrant.subject for entrant in setup.entrants),
        planned=tuple(planned for _, plans in judges for planned in plans),
        selections={name: tuple(item.id for item in chosen) for name, chosen in selected.items()},
        software=_software(setup, known),
        sources={name: (source,) for name, source in setup.benchmark.sources().items()},
    )
    folder = Path(spec.out or f"runs/{setup.benchmark.name}")
    if (existing := load(folder)) is not None:
        existing.extended(manifest)  # an error now, if the folder belongs to another run
    return Plan(setup, folder, manifest, items, reference, selected, tuple(judges))


def _comparable(setup: Setup, items: Sequence[Item]) -> None:
    name = setup.benchmark.name
    if not items:
        raise ConfigError(f"benchmark '{name}' holds no item", "check its options")
    policy = setup.policies[0].subject.key if setup.policies else None
    if all(slots(item, policy) is None for item in items):
        if policy is None:
            raise ConfigError(f"the items of '{name}' bring no responses to compare", "name one with --policy")
        raise ConfigError(f"the items of '{name}' bring no baseline for a policy", "leave the policies out")


def _software(setup: Setup, known: Registry) -> dict[str, tuple[str, ...]]:
    used: list[Any] = [setup.benchmark]
    for entrant in setup.entrants:
        used += [entrant.component, *(model.backend for model in entrant.models)]
    return _versions(used, known)


def _versions(used: Iterable[Component], known: Registry) -> dict[str, tuple[str, ...]]:
    origins = {known.origins[type(component)] for component in used}
    versions = {"judgebench": __version__, **{origin.distribution: origin.version for origin in origins}}
    return {name: (versions[name],) for name in sorted(versions)}


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
    form: str,
    files: Sequence[Path],
    folder: Path,
    known: Registry,
    *,
    benchmark: str | None = None,
    own_items: bool = False,
    reference: bool = True,
    data_dir: str | None = None,
    measures: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Manifest:
    """Make a run folder of what another tool recorded, or extend one: see `judgebench.engine.imports`."""
    from judgebench.engine import imports

    reader = build(known.get(Import, form), options or {}, f"import '{form}'", strict=False)
    if (about := benchmark or reader.benchmark) is None:
        raise ConfigError(f"'{form}' does not say which benchmark its files are about", "name it with --benchmark")
    found = resolve_benchmark(about, known, data_dir)
    for measure in measures:
        known.get(Measure, measure)
    items = imports.by_id_and_prompt(found.items()) if own_items else None
    gathered = imports.gathered(reader.read(files), reader.name, items)
    numbers = imports.reference_of(found) if reference else {}
    manifest = Manifest(
        benchmark=found.name,
        options=identity_options(found),
        data=(),
        measures=tuple(measures) or found.measures,
        seed=0,
        software=_versions([reader, found], known),
        sources={
            **{file.name: (f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",) for file in files},
            **({name: (source,) for name, source in found.sources().items()} if reference or own_items else {}),
        },
    )
    return imports.write(gathered, manifest, numbers, folder)


async def preview(planned: Plan) -> list[Forecast]:
    """What carrying out a plan would ask, beyond what its folder's record holds."""
    content = read(planned.folder) if (planned.folder / FILE).exists() else Content()
    setup = planned.setup
    return await forecast(setup.policies, planned.judges, planned.items, planned.selected, setup.spec.seed, content)


def leaderboard(
    folders: Sequence[Path],
    known: Registry,
    *,
    measures: Sequence[str] = (),
    title: str | None = None,
    mode: Mode = "corrected",
    notes: Sequence[str] = (),
    **inference: Any,
) -> Leaderboard:
    """The board of one or more run folders; `inference` as in `judgebench.engine.inference.Inference`."""
    from judgebench.engine.analyse import analyse
    from judgebench.engine.inference import Inference

    return analyse(_evidence(folders, known), known, Inference(**inference), measures, title, mode, notes)


def compare(
    folders: Sequence[Path],
    known: Registry,
    *,
    measures: Sequence[str] = (),
    a: str | None = None,
    b: str | None = None,
    margin: float | None = None,
    mode: Mode = "corrected",
    **inference: Any,
) -> "list[Decision]":
    """Whether `a` is better than `b`, in one or more run folders; see `judgebench.engine.compare`."""
    from judgebench.engine.compare import compare as decide
    from judgebench.engine.inference import Inference

    return decide(_evidence(folders, known), known, Inference(**inference), measures, a, b, margin, mode)


def _evidence(folders: Sequence[Path], known: Registry) -> "list[Evidence]":
    from judgebench.engine.evidence import gather
    from judgebench.engine.evidence import load as load_run

    known.check()
    return gather(map(load_run, folders))


def render(board: Leaderboard, report: str, known: Registry) -> str:
    """A board as text by the report with this name."""
    return build(known.get(Report, report), {}, f"report '{report}'").render(board)


def publish_board(board: Leaderboard, folder: Path, known: Registry, reports: dict[str, str]) -> list[Path]:
    """Write a board into a folder, each file whole or not at all: `reports` maps file names to reports."""
    texts = {folder / name: render(board, report, known) for name, report in reports.items()}
    for path, text in texts.items():
        publish(path, text)
    return list(texts)
