"""Analysis: every measure of every subject, on shared resamples, as a leaderboard. Needs no model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series
from judgebench.discovery.registry import Registry
from judgebench.engine.contrast import Family, families, intervals
from judgebench.engine.estimates import estimated, place
from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Inference, Measured, Resampled, measured, resampled
from judgebench.engine.named import EACH, Chosen, build_measure
from judgebench.engine.notes import no_data, outcomes, told
from judgebench.engine.remarks import Remark, in_words, remarks, uneven
from judgebench.engine.series import check_patterns, series_of, steps, united
from judgebench.engine.units import parts
from judgebench.plugin.measure import Mode

APART = 0.05
"""A share of items that enter one of two compared subjects alone above which the board says so."""
ALL_PAIRS = 12
"""A board compares every pair of at most so many subjects; of more, each with the next one in rank."""


def analyse(
    evidence: Sequence[Evidence],
    registry: Registry,
    inference: Inference,
    measures: Sequence[str] = (),
    title: str | None = None,
    mode: Mode = "corrected",
    notes: Sequence[str] = (),
    series: Sequence[str] = (),
) -> Leaderboard:
    """The leaderboard of these pieces of evidence; `measures` empty takes those that the runs were made with.

    A measure that finds no data gives no estimate; where it was named here, a note says so. `notes` are the user's.
    `series` are patterns of names: subjects that match one are checkpoints of one training, as those that runs know.
    """
    check_patterns(evidence, series)
    trainings: list[Series] = []
    estimates: list[Estimate] = []
    comparisons: list[Comparison] = []
    provenance: list[dict[str, Any]] = []
    for piece in evidence:
        found = measured(piece, build_measures(piece, registry, measures, mode))
        mine = series_of(piece, series)
        trainings += mine
        made = resampled(found, inference, inference.seed_of(piece))
        parts = [_part(piece, one, inference, mode, mine) for one in made]
        present = {estimate.measure for part in parts for estimate in part.estimates}
        said = [*notes, *in_words(remark for part in parts for remark in part.remarks)]
        said += uneven(piece, [one for one in found if one.label in present])
        said += told(warning for part in parts for warning in part.warnings)
        if measures:
            explained = {remark.measure for part in parts for remark in part.remarks if remark.nothing}
            lacking = (one for one in found if one.label not in present | explained)
            said += [no_data(one) for one in lacking]
        estimates += [estimate for part in parts for estimate in part.estimates]
        comparisons += [comparison for part in parts for comparison in part.comparisons]
        provenance.append(_provenance(piece, found, inference, [*said, *outcomes(piece)]))
    benchmarks = ", ".join(dict.fromkeys(piece.manifests[0].benchmark for piece in evidence))
    return Leaderboard(
        title=title or benchmarks,
        benchmark=benchmarks,
        mode=mode,
        estimates=tuple(estimates),
        comparisons=tuple(comparisons),
        provenance={"runs": provenance},
        series=united(trainings),
    )


def build_measures(evidence: Evidence, registry: Registry, specs: Sequence[str], mode: Mode) -> dict[str, Chosen]:
    """The measures of these specs, else those of the runs, by their specs; in the mode where they have one.

    One that is wanted of each part of the benchmark is taken of those that its items belong to, where there are none of
    the whole.
    """
    wanted = specs or [spec for manifest in evidence.manifests for spec in manifest.measures]
    convention = evidence.manifests[0].convention
    found: dict[str, Chosen] = {}
    for spec in dict.fromkeys(wanted):
        chosen = build_measure(spec, registry, mode, convention)
        if chosen.subset != EACH:
            found[spec] = chosen
            continue
        for part in parts(evidence) or (None,):
            named = "" if part is None else f"/{part}"
            found.setdefault(spec.replace(f"/{EACH}", named, 1), replace(chosen, subset=part))
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """What one measure gives a board."""

    estimates: list[Estimate]
    comparisons: list[Comparison]
    remarks: list[Remark]
    warnings: list[tuple[str, str]]


def _part(evidence: Evidence, found: Resampled, inference: Inference, mode: Mode, series: Sequence[Series]) -> Part:
    """A measure's estimates, the better subject first, its comparisons, and what a reader must know of both."""
    grouped = list(families(found, inference.seed_of(evidence)))
    ranks = {column: rank for family in grouped for column, rank in family.ranks(inference.confidence).items()}
    rows = sorted(estimated(evidence, found, inference, mode), key=lambda row: place(row[0], found.of.measure))
    alone = (None, None) if found.of.measure.better is None else (1, 1)
    open_ranks = [ranks.get(column, alone) for _, column, _ in rows]
    return Part(
        [replace(row[0], rank_low=low, rank_high=high) for row, (low, high) in zip(rows, open_ranks, strict=True)],
        [
            comparison
            for family in grouped
            if (wanted := _wanted(evidence, family, [column for _, column, _ in rows], series))
            for comparison in compared(evidence, family, wanted, inference)
        ],
        [*remarks(evidence, found), *_apart(found, grouped, [column for _, column, _ in rows])],
        [(warning, estimate.subject) for estimate, _, some in rows for warning in some],
    )


def _apart(found: Resampled, grouped: Sequence[Family], order: Sequence[int]) -> Iterator[Remark]:
    """Where subjects that the board compares do not share their items: verdicts are missing of one of the two."""
    if found.of.measure.better is None:
        return
    for family in grouped:
        places = [family.at(a, b)[0] for a, b in _shown(family, order)]
        apart, shared = family.apart[places], family.clusters[places]
        most = int(np.argmax(apart))
        if apart[most] > APART * (apart[most] + shared[most]):
            yield Remark(
                found.of.label,
                f"compared subjects do not share all items: up to {apart[most]} beside {shared[most]} enter one of two "
                "alone, and their difference is partly one of items",
            )


def compared(
    evidence: Evidence, family: Family, wanted: Sequence[tuple[int, int]], inference: Inference
) -> Iterator[Comparison]:
    """Comparisons of these pairs of columns of a family."""
    places = [family.at(a, b) for a, b in wanted]
    low, high, error = intervals(family, [pair for pair, _ in places], inference)
    keys = family.of.of.keys
    for k, ((a, b), (pair, sign)) in enumerate(zip(wanted, places, strict=True)):
        ends = sorted((sign * float(low[k]), sign * float(high[k])))
        judge = keys[a][1]
        yield Comparison(
            benchmark=evidence.manifests[0].benchmark,
            judge=None if judge is None else evidence.shown(judge),
            measure=family.of.of.label,
            a=evidence.shown(keys[a][0]),
            b=evidence.shown(keys[b][0]),
            difference=sign * float(family.difference[pair]),
            low=ends[0],
            high=ends[1],
            confidence=inference.confidence,
            standard_error=float(error[k]),
            clusters=int(family.clusters[pair]),
            test=family.test[pair],
            p=float(family.p[pair]),
            p_adjusted=float(family.p_adjusted[pair]),
            family=len(family.first),
        )


def _wanted(
    evidence: Evidence, family: Family, order: Sequence[int], series: Sequence[Series]
) -> list[tuple[int, int]]:
    """The pairs of a family that a board holds: those that it shows, and the steps of a training, each pair once."""
    shown = [] if family.of.of.measure.better is None else _shown(family, order)
    columns = {evidence.shown(family.of.of.keys[column][0]): column for column in family.subjects.tolist()}
    there = {frozenset(pair) for pair in shown}
    return [*shown, *(pair for pair in dict.fromkeys(steps(series, columns)) if frozenset(pair) not in there)]


def _shown(family: Family, order: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of a family that a board shows, the better one first."""
    columns = [column for column in order if column in family.subjects]
    if len(columns) <= ALL_PAIRS:
        return [(a, b) for k, a in enumerate(columns) for b in columns[k + 1 :]]
    return list(pairwise(columns))


def _provenance(
    evidence: Evidence, found: Sequence[Measured], inference: Inference, notes: Iterable[str]
) -> dict[str, Any]:
    return {
        "benchmark": evidence.manifests[0].benchmark,
        "options": dict(evidence.manifests[0].options),
        "items": len(evidence.items),
        "seed": inference.seed_of(evidence),
        "interval": inference.interval,
        "replicates": inference.replicates,
        "measures": {one.label: {"unit": one.measure.unit, "better": one.measure.better} for one in found},
        "software": _gathered(manifest.software for manifest in evidence.manifests),
        "sources": _gathered(manifest.sources for manifest in evidence.manifests),
        "subjects": {evidence.shown(key): subject.identity for key, subject in evidence.subjects.items()},
        "evidence": evidence.digest(),
        "notes": list(dict.fromkeys(notes)),
    }


def _gathered(parts: Iterable[Any]) -> dict[str, list[str]]:
    """Every name's values in all parts, sorted."""
    whole: dict[str, set[str]] = {}
    for part in parts:
        for name, values in part.items():
            whole.setdefault(name, set()).update(values)
    return {name: sorted(whole[name]) for name in sorted(whole)}
