"""The runs of an audit: what a judge is asked on each benchmark, and which measures make its page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from judgebench.core.errors import ConfigError
from judgebench.core.item import Preference
from judgebench.core.leaderboard import Leaderboard
from judgebench.discovery.registry import PLANNING, Registry
from judgebench.engine.named import build_measure, own_benchmark, resolve_benchmark
from judgebench.engine.select import ranked
from judgebench.engine.spec import RunSpec, from_mapping, split
from judgebench.plugin.benchmark import Benchmark, DerivedBenchmark
from judgebench.store.record import Content

BENCHMARKS = ("starter", "attacks", "mt-bench-agreement")
"""What is asked where nobody says. The last one needs data of the hub."""
COMPARISONS = 80
"""Items of a benchmark that reads from the hub, where nobody says how many."""
DIAGNOSES = (
    "accuracy",
    "length-matched-accuracy",
    "position-consistency",
    "same-position",
    "position-bias",
    "miss-rate",
    "length-bias",
    "verbosity-bias",
    "self-preference",
    "self-preference,against=votes",
    "self-consistency",
    "calibration-error",
    "brier-score",
    "score-mean",
    "score-spread",
    "share-at-maximum",
)
"""What is measured of a judge on pairs as they came, beside the benchmark's own measures of judges."""
CALIBRATION = ("calibration-error", "brier-score")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants of an audit: the benchmarks (none: the usual ones), items of each, repeats on the first one.

    `mirror`: where data of the hub are; None: they are not read. `more` are further keys of a run file.
    """

    benchmarks: tuple[str, ...] = ()
    limit: int | None = None
    repeats: int = 1
    seed: int = 0
    mirror: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark of an audit, with what a run of it needs; `optional`: it may be left out, if its data lack."""

    name: str
    entry: Mapping[str, Any] | str
    limit: int | None
    repeats: int
    measures: tuple[str, ...]
    data_dir: str | None
    optional: bool


def parts(asked: Asked, known: Registry) -> list[Part]:
    """The benchmarks of an audit. ConfigError for one that there is not, DataError where a limit needs data that lack.

    Of pairs that are made of another benchmark's, a limit takes whole items of that one: all that is made of each.
    """
    found = []
    for number, text in enumerate(asked.benchmarks or BENCHMARKS):
        benchmark = resolve_benchmark(text, known)
        reads = _reads(own_benchmark(benchmark, known, None))
        mirror = asked.mirror if reads else None
        entry, limit = _limited(text, benchmark, asked, known, mirror)
        found.append(
            Part(
                name=text,
                entry=entry,
                limit=COMPARISONS if reads and limit is None and not asked.benchmarks else limit,
                repeats=asked.repeats if number == 0 else 1,
                measures=_measures(benchmark, known),
                data_dir=mirror,
                optional=reads and not asked.benchmarks,
            )
        )
    return found


def _reads(benchmark: Benchmark) -> bool:
    """Whether a benchmark reads from the hub."""
    return "data_dir" in {one.name for one in fields(benchmark)}  # type: ignore[arg-type]


def _limited(
    text: str, benchmark: Benchmark, asked: Asked, known: Registry, mirror: str | None
) -> tuple[Mapping[str, Any] | str, int | None]:
    """The benchmark's entry and the limit of its run."""
    declared = {one.name for one in fields(benchmark)}  # type: ignore[arg-type]
    if asked.limit is None or not isinstance(benchmark, DerivedBenchmark) or "only" not in declared:
        return text, asked.limit
    items = ranked(own_benchmark(benchmark, known, mirror).items(), asked.seed)
    only = [item.id for item in items[: asked.limit]]
    given = {one.name: getattr(benchmark, one.name) for one in fields(benchmark)}  # type: ignore[arg-type]
    return {"benchmark": benchmark.name, **given, "only": only}, None


def _measures(benchmark: Benchmark, known: Registry) -> tuple[str, ...]:
    """Measures of judges: the benchmark's own, and the diagnoses where its pairs are as they came."""
    own = [name for name in benchmark.measures if build_measure(name, known, "corrected").measure.about == "judge"]
    return tuple(dict.fromkeys((*own, *(() if isinstance(benchmark, DerivedBenchmark) else DIAGNOSES))))


def spec(judge: str, text: str, part: Part, asked: Asked, out: str) -> RunSpec:
    """The run of one judge on one benchmark. ConfigError where the judge's spec says how much it is asked."""
    if planning := PLANNING.intersection(split(text).options):
        raise ConfigError(
            f"judge '{judge}': an audit sets '{min(planning)}' itself",
            "leave it out; --limit and --repeats say how much is asked",
        )
    values: dict[str, Any] = {
        **asked.more,
        "benchmark": part.entry,
        "judges": {judge: f"{text},repeats={part.repeats}" if part.repeats > 1 else text},
        "measures": list(part.measures),
        "seed": asked.seed,
        "out": out,
    }
    if part.limit is not None:
        values["limit"] = part.limit
    if part.data_dir is not None:
        values["data_dir"] = part.data_dir
    return from_mapping(values, "audit")


def page(board: Leaderboard, contents: Iterable[Content]) -> Leaderboard:
    """The board of a judge as its page shows it: without calibration where all its verdicts are hard.

    There it would only count errors again: a judge that says nothing between 0, one half and 1 is always sure.
    """
    verdicts = (line.verdict for content in contents for line in content.verdicts.values())
    said = {prob for verdict in verdicts if isinstance(verdict, Preference) for prob in verdict.probs}
    if said - {0.0, 0.5, 1.0}:
        return board
    runs = [
        {**run, "notes": [note for note in run["notes"] if not _calibrates(note)]} for run in board.provenance["runs"]
    ]
    kept = tuple(row for row in board.estimates if row.measure not in CALIBRATION)
    return replace(board, estimates=kept, provenance={**board.provenance, "runs": runs})


def _calibrates(note: str) -> bool:
    return not set(CALIBRATION).isdisjoint(re.split(r"[\s:,]+", note))
