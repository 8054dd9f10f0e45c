"""A run made ready: everything that can be checked before anything is spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import __version__
from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.engine.named import EACH, build_measure, items_of
from judgebench.engine.plan import slots
from judgebench.engine.resolve import Entrant, Setup, resolve
from judgebench.engine.select import ranked
from judgebench.engine.spec import RunSpec
from judgebench.engine.units import subsets
from judgebench.plugin.benchmark import Match, each_other
from judgebench.plugin.component import Component
from judgebench.plugin.kinds import Judge
from judgebench.plugin.options import identity_options, nearest
from judgebench.plugin.registry import Registry
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


def plan(spec: RunSpec, known: Registry, *, secrets: bool = True) -> Plan:
    """Check everything that can be checked before anything is spent. ConfigError, PluginError or DataError.

    `secrets=False` leaves keys unchecked: enough for a preview, which asks nobody.
    """
    setup = resolve(spec, known, secrets=secrets)
    everything = ranked(items_of(setup.benchmark, setup.source), spec.seed)
    reference = tuple(ReferenceLine(name, tuple(values)) for name, values in setup.benchmark.reference().items())
    items = tuple(everything[: spec.limit])
    pairings = _pairings(setup, items)
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
            for p, other, mutual, alone in pairings
        )
        judges.append((entrant, tuple(plans)))
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
    )
    folder = Path(spec.out or f"runs/{setup.benchmark.name}")
    existing = load(folder)
    whole = manifest if existing is None else existing.extended(manifest)  # an error now, if it belongs to another run
    check_references(setup.measures, whole, known)
    turns = [turn for item in everything for turn in range(1, len(item.turns) + 1)] if setup.benchmark.by_turn else []
    check_parts(spec.measures, everything, turns, known)
    return Plan(setup, folder, manifest, items, reference, selected, tuple(judges))


def _pairings(setup: Setup, items: Sequence[Item]) -> list[tuple[str | None, str | None, bool, bool]]:
    """Keys of each policy and its opponent, whether that is measured too, and whether the policy is judged alone.

    ConfigError if nothing is compared.
    """
    name = setup.benchmark.name
    if not items:
        raise ConfigError(f"benchmark '{name}' holds no item", "check its options")
    keys = {entrant.subject.name: entrant.subject.key for entrant in setup.policies}
    matches = setup.benchmark.matches(list(keys))
    if not keys:
        if all(slots(item, None) is None for item in items):
            raise ConfigError(f"the items of '{name}' bring no responses to compare", "name policies with --policy")
        return [(None, None, False, False)]
    if matches is None:
        alone = all(item.baseline is None for item in items)
        matches = each_other(list(keys)) if alone else [Match(policy) for policy in keys]
    if not matches:
        raise ConfigError(
            f"'{name}' brings no baseline to compare policy '{next(iter(keys))}' with",
            "name a second policy, or leave the policy out where the items bring responses",
        )
    return [(keys[m.policy], None if m.opponent is None else keys[m.opponent], m.mutual, m.alone) for m in matches]


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
        used += [entrant.component, *(model.backend for model in entrant.models)]
    return versions(used, known)


def versions(used: Iterable[Component], known: Registry) -> dict[str, tuple[str, ...]]:
    """The distributions that take part, each with its version."""
    origins = {known.origins[type(component)] for component in used}
    found = {"judgebench": __version__, **{origin.distribution: origin.version for origin in origins}}
    return {name: (found[name],) for name in sorted(found)}
