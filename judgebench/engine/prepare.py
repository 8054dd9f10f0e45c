"""A run made ready: everything that can be checked before anything is spent."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from judgebench import __version__
from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.discovery.registry import Registry
from judgebench.engine.checkpoints import expanded, filled, matches, pattern_of
from judgebench.engine.entrant import Entrant
from judgebench.engine.named import EACH, build_measure, items_of
from judgebench.engine.pairings import pairings
from judgebench.engine.plan import slots
from judgebench.engine.resolve import Setup, build_entrant, resolve
from judgebench.engine.select import ranked
from judgebench.engine.spec import RunSpec
from judgebench.engine.units import subsets
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Judge
from judgebench.plugin.options import identity_options, nearest
from judgebench.store.digest import sha256
from judgebench.store.lines import ReferenceLine
from judgebench.store.manifest import Manifest, Planned, load, selection_name


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


def plan(
    spec: RunSpec,
    known: Registry,
    *,
    secrets: bool = True,
    ready: Collection[str] | None = None,
    judged: bool = True,
) -> Plan:
    """Check everything that can be checked before anything is spent. ConfigError, PluginError or DataError.

    `secrets=False` leaves keys unchecked: enough for a preview, which asks nobody. `ready` are the paths
    of checkpoints that are complete, of those that patterns match; without it all are taken to be. `judged=False`: a
    run without a judge is one, in which policies answer.
    """
    whole = expanded(spec, ready)
    spec = whole.spec
    setup = resolve(spec, known, secrets=secrets, judged=judged)
    everything = ranked(items_of(setup.benchmark, setup.source), spec.seed)
    reference = tuple(ReferenceLine(name, tuple(values)) for name, values in setup.benchmark.reference().items())
    items = tuple(everything[: spec.limit])
    folder = Path(spec.out or f"runs/{setup.benchmark.name}")
    existing = load(folder)
    selected: dict[str, tuple[Item, ...]] = {}
    judges = []
    for entrant, planning in setup.judges:
        chosen = items[: planning.limit]
        name = selection_name(item.id for item in chosen)
        selected[name] = chosen
        order = planning.order or setup.benchmark.order
        judge, repeats = entrant.subject.key, planning.repeats
        by_turn = setup.benchmark.by_turn
        plans = (
            Planned(judge, p, order, repeats, name, other, mutual, alone, by_turn)
            for p, other, mutual, alone in pairings(setup, items, entrant.subject.name, planning.sees)
        )
        earlier = _gone(existing, judge, setup, whole.series, everything, selected)
        judges.append((entrant, tuple(dict.fromkeys((*plans, *earlier)))))
        _check_responses(entrant, judges[-1][1], chosen)
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
        sources={name: (source,) for name, source in setup.source.sources().items()},
        convention=setup.benchmark.convention,
        series=_series(setup, whole.series),
    )
    joined = manifest if existing is None else existing.extended(manifest)  # an error now, if it is of another run
    check_references(setup.measures, joined, known)
    turns = [turn for item in everything for turn in range(1, len(item.turns) + 1)] if setup.benchmark.by_turn else []
    check_parts(spec.measures, everything, turns, known)
    return Plan(setup, folder, manifest, items, reference, selected, tuple(judges))


def _gone(
    existing: Manifest | None,
    judge: str,
    setup: Setup,
    series: Mapping[tuple[str, str], tuple[str, ...]],
    items: Sequence[Item],
    selected: dict[str, tuple[Item, ...]],
) -> Iterator[Planned]:
    """What earlier runs of the folder planned of a judge on checkpoints that are no more there.

    Trainers delete old checkpoints. What they answered is in the record, and is judged as it was planned; its items are
    added to `selected`.
    """
    if existing is None:
        return
    of = {item.id: item for item in items}
    there = {entrant.subject.key for entrant in setup.policies}
    mine = {key for _, name in series for key in existing.series.get(name, ())} - there
    for plan in existing.planned:
        ids = existing.selections.get(plan.selection, ())
        if plan.judge == judge and plan.policy in mine and all(name in of for name in ids):
            selected[plan.selection] = tuple(of[name] for name in ids)
            yield plan


def check_path(spec: RunSpec, known: Registry, path: str) -> None:
    """Build what the patterns of a run make of one path; the errors that a run with it would have."""
    for kind, entries in (("policy", spec.policies), ("judge", spec.judges)):
        for name, entry in entries.items():
            pattern = pattern_of(entry)
            if pattern is not None and path in matches(pattern):
                build_entrant(spec, known, kind, name, filled(entry, pattern, path))


def _series(setup: Setup, named: Mapping[tuple[str, str], tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The subjects' keys of each series, by its name: those that a pattern of paths stood for, or of names finds.

    ConfigError for a pattern of names that no subject has.
    """
    keys = {(entrant.subject.kind, entrant.subject.name): entrant.subject.key for entrant in setup.entrants}
    found: dict[str, tuple[str, ...]] = {}
    for (kind, name), members in named.items():
        found[name] = (*found.get(name, ()), *(keys[kind, member] for member in members))
    for pattern in setup.spec.series:
        matching = tuple(key for (_, name), key in keys.items() if fnmatchcase(name, pattern))
        found[pattern] = (*found.get(pattern, ()), *matching)
        if not matching:
            raise ConfigError(
                f"series '{pattern}': no policy and no judge is called so", nearest(pattern, [n for _, n in keys])
            )
    return found


def _check_responses(judge: Entrant[Judge], plans: Sequence[Planned], items: Sequence[Item]) -> None:
    """ConfigError where a trial would show more or fewer responses than the judge can be shown."""
    least, most = judge.component.responses
    for plan in plans:
        for item in items:
            shown = slots(item, plan.policy, plan.opponent, plan.alone)
            if shown is not None and not least <= len(shown) <= most:
                can = "two responses" if (least, most) == (2, 2) else f"{least} responses or more"
                can = can if len(shown) < least or most == 2 else f"at most {most} responses"
                raise ConfigError(
                    f"judge '{judge.subject.name}' takes {can}, and item '{item.id}' has {len(shown)}",
                    "`rating` judges any number of responses, `listwise` two and more",
                )


def check_references(measures: Iterable[str], manifest: Manifest, known: Registry) -> None:
    """ConfigError for a measure that refers to a judge whom the run does not have."""
    judges = [subject.name for subject in manifest.subjects if subject.kind == Judge.kind]
    for spec in measures:
        for name in build_measure(spec, known, "corrected").measure.refers_to:
            if name not in judges:
                raise ConfigError(f"measure '{spec}': no judge is called '{name}'", nearest(name, judges))


def check_parts(measures: Iterable[str], items: Sequence[Item], turns: Iterable[int], known: Registry) -> None:
    """ConfigError for a measure that a user wants of a part to which no item of the benchmark belongs."""
    parts = {name for item in items for name in subsets(item)} | {f"turn-{turn}" for turn in turns}
    for spec in measures:
        part = build_measure(spec, known, "corrected").subset
        if part is not None and part not in (EACH, *parts):
            raise ConfigError(f"measure '{spec}': no item is in '{part}'", nearest(part, parts))


def _software(setup: Setup, known: Registry) -> dict[str, tuple[str, ...]]:
    used: list[Any] = [setup.benchmark]
    for entrant in setup.entrants:
        used += [one.component for one in entrant.all()] + [model.backend for model in entrant.models]
    return versions(used, known)


def versions(used: Iterable[Component], known: Registry) -> dict[str, tuple[str, ...]]:
    """The distributions that take part, each with its version."""
    origins = {known.origins[type(component)] for component in used}
    found = {"judgebench": __version__, **{origin.distribution: origin.version for origin in origins}}
    return {name: (found[name],) for name in sorted(found)}
