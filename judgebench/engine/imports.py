"""Imports: what another tool recorded, checked as a whole and then written as a run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Score
from judgebench.discovery.registry import Registry
from judgebench.engine.columns import Axis
from judgebench.engine.located import located, sources
from judgebench.engine.named import build_measure, own_benchmark, resolve_benchmark
from judgebench.engine.own_items import matched, own_items
from judgebench.engine.plan import slots
from judgebench.engine.prepare import check_references, versions
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.kinds import Import
from judgebench.plugin.options import identity_options
from judgebench.store.digest import sha256
from judgebench.store.lines import AnswerLine, ItemLine, Line, ReferenceLine, TrialName, VerdictLine
from judgebench.store.manifest import Manifest, Planned, Subject, load, save, selection_name
from judgebench.store.record import Content, Record


@dataclass(slots=True)
class Gathered:
    """The lines of an import by what they are about, and its subjects by kind and name."""

    importer: str
    items: dict[str, Item] = field(default_factory=dict)
    subjects: dict[tuple[str, str], Subject] = field(default_factory=dict)
    answers: dict[tuple[str, ...], AnswerLine] = field(default_factory=dict)
    verdicts: dict[TrialName, VerdictLine] = field(default_factory=dict)
    planned: dict[tuple[str, str | None, str | None, bool], int] = field(default_factory=dict)

    def subject(self, kind: str, name: str) -> str:
        """The key of a policy or judge. The same name in two files of one tool is the same subject."""
        found = self.subjects.get((kind, name))
        if found is None:
            found = self.subjects[kind, name] = Subject(kind, name, {"imported": self.importer})
        return found.key

    def lines(self, reference: Mapping[str, Sequence[float]]) -> list[Line]:
        """Everything that goes into the record, items first."""
        return [
            *map(ItemLine, self.items.values()),
            *(ReferenceLine(name, tuple(values)) for name, values in reference.items()),
            *self.answers.values(),
            *self.verdicts.values(),
        ]


def gathered(
    rows: Iterable[Judged],
    importer: str,
    items: Mapping[str, Item] | None = None,
    holds: Callable[[Item], bool] = lambda item: True,
) -> Gathered:
    """Check what was read as a whole. DataError where two rows contradict each other.

    With `items`, by id and by first turn, those stand in the place of the imported ones. Rows about an item that the
    benchmark does not hold under its options are left out; own items it holds all.
    """
    found = Gathered(importer)
    left_out = 0
    for row in rows:
        if (items is None or row.item.stratum) and not holds(row.item):
            left_out += 1
            continue
        item = _agreed(found.items, row.item) if items is None else matched(row.item, items)
        found.items[item.id] = item
        judge = found.subject("judge", row.judge)
        policy = None if row.policy is None else found.subject("policy", row.policy)
        opponent = None if row.opponent is None else found.subject("policy", row.opponent)
        for key, name, response in ((policy, row.policy, row.response), (opponent, row.opponent, row.against)):
            if key is not None:
                _add(found.answers, AnswerLine(key, item.id, response), f"two answers of '{name}'", item)
        _add(found.verdicts, _line(row, item, judge, policy, opponent), f"two verdicts of '{row.judge}'", item)
        pairing = (judge, policy, opponent, row.alone)
        found.planned[pairing] = max(found.planned.get(pairing, 1), row.repeat + 1)
    if not found.items:
        why = f"all {left_out} verdicts are about items that the benchmark's options leave out" if left_out else None
        raise DataError("there is nothing to import", why or "the files hold no verdict")
    Axis.of(list(found.items.values()))  # an error now, if a cluster lies in two strata
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an import is made.

    `benchmark` is a spec, None: what the form says. With `own_items` the benchmark's items stand in the place of the
    imported ones, None: as the form says, of its own benchmark and with its numbers. With `reference` the benchmark's
    numbers beside the items are taken in. `data_dir` is a mirror of the hub, `measures` are in the place of the
    benchmark's.
    """

    benchmark: str | None = None
    own_items: bool | None = None
    reference: bool = True
    data_dir: str | None = None
    measures: tuple[str, ...] = ()


def write_import(reader: Import, files: Sequence[Path], folder: Path, known: Registry, wanted: Wanted) -> Manifest:
    """Read everything, check it as a whole, then write a run folder, or extend one of the same benchmark.

    A file may be one of the hub, as `judgebench.engine.located` names it.
    ConfigError, DataError or RecordError, and then nothing was written.
    """
    for measure in wanted.measures:
        build_measure(measure, known, "corrected")
    if wanted.benchmark is not None:
        resolve_benchmark(wanted.benchmark, known, wanted.data_dir)  # an error now, before anything is read
    elif reader.benchmark is None:
        raise ConfigError(f"'{reader.name}' does not say what its files are about", "name it with --benchmark")
    there = located(files, wanted.data_dir)
    paths = [file.path for file in there]
    benchmark = resolve_benchmark(wanted.benchmark or reader.about(paths), known, wanted.data_dir)
    source = own_benchmark(benchmark, known, wanted.data_dir)
    own = _own_items(reader, benchmark, source, wanted)
    found = gathered(reader.read(paths), reader.name, own, source.holds)
    reference = _reference_of(benchmark) if wanted.reference else {}
    selection = selection_name(found.items)
    manifest = Manifest(
        benchmark=benchmark.name,
        options=identity_options(benchmark),
        data=(sha256([found.items[name] for name in sorted(found.items)]),),
        measures=wanted.measures or benchmark.measures,
        seed=0,
        subjects=tuple(found.subjects.values()),
        planned=tuple(
            Planned(judge, policy, "recorded", repeats, selection, opponent, opponent is not None, alone)
            for (judge, policy, opponent, alone), repeats in found.planned.items()
        ),
        convention=benchmark.convention,
        selections={selection: tuple(found.items)},
        software=versions([reader, benchmark], known),
        sources={
            **sources(there),
            **({name: (text,) for name, text in source.sources().items()} if own or reference else {}),
        },
    )
    existing = load(folder)
    whole = manifest if existing is None else existing.extended(manifest)  # an error now, if it belongs to another run
    check_references(manifest.measures, whole, known)
    with Record(folder) as record:
        existing = load(folder)
        whole = manifest if existing is None else existing.extended(manifest)
        _uncontradicted(found, record.content)
        record.extend(found.lines(reference))
        save(folder, whole)
    return whole


def _uncontradicted(found: Gathered, content: Content) -> None:
    """DataError where the record already says something else about what is imported."""
    there: dict[Any, AnswerLine | VerdictLine] = {**content.answers, **content.verdicts}
    for lines in (found.answers, found.verdicts):
        for key, line in lines.items():
            if there.get(key, line) != line:
                raise DataError(
                    f"the run folder holds something else about item '{line.item}' already",
                    "import into another folder with --out",
                )


def _own_items(reader: Import, benchmark: Benchmark, source: Benchmark, wanted: Wanted) -> dict[str, Item] | None:
    """The benchmark's items, where they stand in the place of the imported ones."""
    if wanted.own_items is None and reader.own_items and wanted.reference and benchmark.name == reader.benchmark:
        return own_items(benchmark, source, "or --no-reference to do without the benchmark's items and numbers")
    return own_items(benchmark, source, "or --items file to do without them") if wanted.own_items else None


def _reference_of(benchmark: Benchmark) -> Mapping[str, Sequence[float]]:
    """The numbers that a benchmark brings beside its items."""
    try:
        return benchmark.reference()
    except DataError as error:
        raise DataError(error.message, f"{error.hint}; or --no-reference to do without these numbers") from None


def _agreed(items: Mapping[str, Item], item: Item) -> Item:
    old = items.get(item.id)
    if old is not None and old != item:
        raise DataError(f"item '{item.id}' stands there twice with different content", "give the two different ids")
    return item


def _line(row: Judged, item: Item, judge: str, policy: str | None, opponent: str | None) -> VerdictLine:
    authors = slots(item, policy, opponent, row.alone)
    if authors is None:
        raise DataError(f"item '{item.id}' has nothing to compare with", "a policy needs the item's baseline")
    verdict = row.verdict
    return VerdictLine(
        judge=judge,
        item=item.id,
        slots=authors,
        order=row.order,
        repeat=row.repeat,
        turn=row.turn,
        samples=row.samples,
        preference=verdict if isinstance(verdict, Preference) else None,
        score=verdict if isinstance(verdict, Score) else None,
        miss=verdict if isinstance(verdict, Miss) else None,
        parts=row.parts,
    )


def _add(lines: dict[Any, Any], line: AnswerLine | VerdictLine, what: str, item: Item) -> None:
    old = lines.setdefault(line.key, line)
    if old is not line and old != line:
        raise DataError(f"there are {what} on item '{item.id}'", "keep one of them, or tell repeats apart by `repeat`")
