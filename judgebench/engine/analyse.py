"""Analysis: every measure of every subject, on shared resamples, as a leaderboard. Needs no model."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.engine.columns import Axis, SubjectKey, table
from judgebench.engine.evidence import Evidence
from judgebench.engine.notes import no_data, outcomes, warnings
from judgebench.plugin.kinds import Measure
from judgebench.plugin.options import build
from judgebench.plugin.registry import Registry
from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, rescaling, wilson
from judgebench.stats.arrays import ROUNDING, BoolArray, FloatArray
from judgebench.stats.table import Table

BLOCK_CELLS = 1 << 20
"""Weights (replicates × clusters) held as numbers at a time: 8 MB, shared by all measures while it is in the cache."""


@dataclass(frozen=True, slots=True)
class Inference:
    """How intervals are made; `seed` None takes the run's own."""

    interval: Literal["bca", "percentile"] = "bca"
    confidence: float = 0.95
    replicates: int = 10_000
    seed: int | None = None


def analyse(
    evidence: Sequence[Evidence],
    registry: Registry,
    inference: Inference = Inference(),
    measures: Sequence[str] = (),
    title: str | None = None,
) -> Leaderboard:
    """The leaderboard of these pieces of evidence; `measures` empty takes those that the runs were made with.

    A measure that finds no data gives no estimate; where it was named here, a note says so.
    """
    estimates: list[Estimate] = []
    provenance: list[dict[str, Any]] = []
    for piece in evidence:
        names = measures or tuple(dict.fromkeys(name for manifest in piece.manifests for name in manifest.measures))
        measured = _measured(piece, [build(registry.get(Measure, name), {}, f"measure '{name}'") for name in names])
        found, notes = _estimates(piece, measured, inference)
        if measures:
            present = {estimate.measure for estimate in found}
            lacking = (subjects for subjects in measured if subjects.measure.name not in present)
            notes += [no_data(subjects.measure, subjects.table, subjects.keys) for subjects in lacking]
        estimates += found
        provenance.append(_provenance(piece, measured, inference, [*notes, *outcomes(piece)]))
    benchmarks = ", ".join(dict.fromkeys(piece.manifests[0].benchmark for piece in evidence))
    return Leaderboard(
        title=title or benchmarks,
        benchmark=benchmarks,
        mode="corrected",
        estimates=tuple(estimates),
        provenance={"runs": provenance},
    )


@dataclass(frozen=True, slots=True)
class _Subjects:
    """One measure, its table, and whom its columns are about."""

    measure: Measure
    table: Table
    keys: list[SubjectKey]


def _measured(evidence: Evidence, measures: Iterable[Measure]) -> list[_Subjects]:
    """Each measure with its table; measures about the same kind of subject share one."""
    axis = Axis.of(list(evidence.items.values()))
    tables: dict[str, tuple[Table, list[SubjectKey]]] = {}
    measured = []
    for measure in measures:
        if measure.about not in tables:
            tables[measure.about] = table(evidence, axis, measure.about)
        measured.append(_Subjects(measure, *tables[measure.about]))
    return measured


def _estimates(
    evidence: Evidence, measured: Sequence[_Subjects], inference: Inference
) -> tuple[list[Estimate], list[str]]:
    """Estimates, the better subject first, and what a reader must know of their intervals."""
    present = [subjects for subjects in measured if subjects.keys]
    if not present:
        return [], []
    strata = present[0].table.strata
    n, scale = len(strata), rescaling(strata)
    counts = bootstrap_counts(strata, inference.replicates, _seed(evidence, inference))
    replicates = _values(present, len(counts), n, lambda rows: counts[rows] * scale)
    left_out: list[FloatArray] = [np.empty(0)] * len(present)
    if inference.interval == "bca":
        left_out = _values(present, n, n, lambda rows: jackknife_weights(strata, rows))
    found: list[Estimate] = []
    notes: list[str] = []
    for subjects, values, without_one in zip(present, replicates, left_out, strict=True):
        rows = list(_inferred(subjects, values, without_one, evidence, inference))
        rows.sort(key=lambda row: _place(row[0], subjects.measure))
        found += [estimate for estimate, _ in rows]
        notes += [note for _, some in rows for note in some]
    return found, notes


def _values(
    measured: Sequence[_Subjects], rows: int, clusters: int, weights: Callable[[slice], FloatArray]
) -> list[FloatArray]:
    """Every measure's values [rows, subjects] under the same weights, made block by block and shared."""
    step = max(1, BLOCK_CELLS // clusters)
    values = [np.empty((rows, subjects.table.n_subjects)) for subjects in measured]
    for start in range(0, rows, step):
        block = slice(start, min(start + step, rows))
        shared = weights(block)
        for subjects, whole in zip(measured, values, strict=True):
            whole[block] = subjects.measure.fit(subjects.table, shared)
    return values


def _inferred(
    subjects: _Subjects, replicates: FloatArray, without_one: FloatArray, evidence: Evidence, inference: Inference
) -> Iterator[tuple[Estimate, list[str]]]:
    """The estimates of one measure, each with what a reader must know of its interval."""
    measure, columns = subjects.measure, subjects.table
    support = measure.support(columns)
    point = measure.fit(columns, np.ones((1, columns.n_clusters)))[0]
    if inference.interval == "bca":
        low, high = bca(point, replicates, acceleration(columns.strata, without_one), inference.confidence)
    else:
        low, high = percentile(replicates, inference.confidence)
    flat = _flat(measure, replicates)
    for number, (subject, judge) in enumerate(subjects.keys):
        n, missing, clusters = (int(part[number]) for part in (support.n, support.missing, support.clusters))
        if n == 0 or not np.isfinite(point[number]):
            continue  # no data gives no estimate
        value, ends = float(point[number]), (float(low[number]), float(high[number]))
        method: str = inference.interval
        if measure.bounds is not None and flat[number]:
            # all clusters alike: resampling sees no spread, the binomial does
            ends, method = _binomial(value, measure.bounds, clusters, inference.confidence), "wilson"
        estimate = Estimate(
            benchmark=evidence.manifests[0].benchmark,
            subject=evidence.shown(subject),
            judge=None if judge is None else evidence.shown(judge),
            measure=measure.name,
            value=value,
            low=ends[0],
            high=ends[1],
            confidence=inference.confidence,
            n=n,
            missing=missing,
            method=method,
        )
        yield estimate, list(warnings(estimate, measure, clusters))


def _flat(measure: Measure, replicates: FloatArray) -> BoolArray:
    """bool [subjects]: the replicates do not differ by more than rounding, for a measure that has bounds."""
    if measure.bounds is None:
        return np.zeros(replicates.shape[1], dtype=bool)
    least, most = measure.bounds
    lowest, highest = np.fmin.reduce(replicates, axis=0), np.fmax.reduce(replicates, axis=0)
    return np.asarray(highest - lowest <= ROUNDING * (most - least))


def _binomial(value: float, bounds: tuple[float, float], clusters: int, confidence: float) -> tuple[float, float]:
    """Wilson's interval of the share that a value has of the way between its bounds, in the value's unit."""
    least, most = bounds
    share = min(max((value - least) / (most - least), 0.0), 1.0)
    low, high = wilson(share * clusters, clusters, confidence)
    return least + (most - least) * low, least + (most - least) * high


def _place(estimate: Estimate, measure: Measure) -> tuple[str, float, str]:
    """Judge by judge, the better subject first."""
    sign = {"higher": -1.0, "lower": 1.0, None: -1.0}[measure.better]
    return (estimate.judge or "", sign * estimate.value, estimate.subject)


def _seed(evidence: Evidence, inference: Inference) -> int:
    return inference.seed if inference.seed is not None else min(m.seed for m in evidence.manifests)


def _provenance(
    evidence: Evidence, measured: Sequence[_Subjects], inference: Inference, notes: Iterable[str]
) -> dict[str, Any]:
    measures = [subjects.measure for subjects in measured]
    software: dict[str, set[str]] = {}
    for manifest in evidence.manifests:
        for name, versions in manifest.software.items():
            software.setdefault(name, set()).update(versions)
    return {
        "benchmark": evidence.manifests[0].benchmark,
        "options": dict(evidence.manifests[0].options),
        "items": len(evidence.items),
        "seed": _seed(evidence, inference),
        "interval": inference.interval,
        "replicates": inference.replicates,
        "measures": {measure.name: {"unit": measure.unit, "better": measure.better} for measure in measures},
        "software": {name: sorted(software[name]) for name in sorted(software)},
        "subjects": {evidence.shown(key): subject.identity for key, subject in evidence.subjects.items()},
        "evidence": evidence.digest(),
        "notes": list(dict.fromkeys(notes)),
    }
