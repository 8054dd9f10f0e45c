"""Analysis: every measure of every subject, on shared resamples, as a leaderboard. Needs no model."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from judgebench.core.leaderboard import Estimate, Leaderboard
from judgebench.engine.columns import Axis, SubjectKey, table
from judgebench.engine.evidence import Evidence
from judgebench.plugin.kinds import Measure
from judgebench.plugin.options import build
from judgebench.plugin.registry import Registry
from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, wilson
from judgebench.stats.arrays import FloatArray
from judgebench.stats.table import Table

FEW_CLUSTERS = 30
NEAR_BORDER = 5.0
"""Bootstrap intervals are known to under-cover on few clusters and for rates (percent) this near 0 or 100."""

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
    """The leaderboard of these pieces of evidence; `measures` empty takes those that the runs were made with."""
    estimates: list[Estimate] = []
    provenance: list[dict[str, Any]] = []
    for piece in evidence:
        found, notes = _estimates(piece, registry, inference, measures)
        estimates += found
        provenance.append(_provenance(piece, inference, notes))
    names = ", ".join(dict.fromkeys(piece.manifests[0].benchmark for piece in evidence))
    return Leaderboard(
        title=title or names,
        benchmark=names,
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


def _estimates(
    evidence: Evidence, registry: Registry, inference: Inference, measures: Sequence[str]
) -> tuple[list[Estimate], list[str]]:
    axis = Axis.of(list(evidence.items.values()))
    tables: dict[str, tuple[Table, list[SubjectKey]]] = {}
    measured: list[_Subjects] = []
    for name in measures or dict.fromkeys(name for manifest in evidence.manifests for name in manifest.measures):
        measure = build(registry.get(Measure, name), {}, f"measure '{name}'")
        if measure.about not in tables:
            tables[measure.about] = table(evidence, axis, measure.about)
        columns, keys = tables[measure.about]
        if keys:
            measured.append(_Subjects(measure, columns, keys))
    counts = bootstrap_counts(axis.strata, inference.replicates, _seed(evidence, inference))
    replicates = _values(measured, len(counts), len(axis.strata), lambda rows: counts[rows].astype(np.float64))
    left_out: list[FloatArray] = [np.empty(0)] * len(measured)
    if inference.interval == "bca":
        n = len(axis.strata)
        left_out = _values(measured, n, n, lambda rows: jackknife_weights(axis.strata, rows))
    found: list[Estimate] = []
    notes: list[str] = []
    for subjects, values, without_one in zip(measured, replicates, left_out, strict=True):
        rows = list(_measured(subjects, values, without_one, evidence, inference))
        rows.sort(key=lambda row: _place(row[0], subjects.measure))
        found += [estimate for estimate, _ in rows]
        notes += [note for _, some in rows for note in some]
    return found, notes + list(_outcomes(evidence))


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


def _measured(
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
    for number, (subject, judge) in enumerate(subjects.keys):
        n, missing, clusters = (int(part[number]) for part in (support.n, support.missing, support.clusters))
        if n == 0 or not np.isfinite(point[number]):
            continue  # no data gives no estimate
        value, ends = float(point[number]), (float(low[number]), float(high[number]))
        method: str = inference.interval
        if measure.unit == "%" and ends[0] == ends[1]:
            # all clusters alike: resampling sees no spread, the binomial does
            share = min(max(value / 100, 0.0), 1.0)
            bounds = wilson(share * clusters, clusters, inference.confidence)
            ends = (100 * bounds[0], 100 * bounds[1])
            method = "wilson"
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
        yield estimate, list(_warnings(estimate, measure, clusters))


def _warnings(estimate: Estimate, measure: Measure, clusters: int) -> Iterator[str]:
    if clusters < FEW_CLUSTERS:
        yield f"{estimate.subject}: intervals from {clusters} items, fewer than {FEW_CLUSTERS}, tend to be too narrow"
    elif measure.unit == "%" and not NEAR_BORDER <= estimate.value <= 100 - NEAR_BORDER and estimate.method != "wilson":
        yield (
            f"{estimate.measure} of {estimate.subject} is within {NEAR_BORDER:g} points of the border, "
            "where bootstrap intervals tend to be too narrow"
        )


def _place(estimate: Estimate, measure: Measure) -> tuple[str, float, str]:
    """Judge by judge, the better subject first."""
    sign = {"higher": -1.0, "lower": 1.0, None: -1.0}[measure.better]
    return (estimate.judge or "", sign * estimate.value, estimate.subject)


def _seed(evidence: Evidence, inference: Inference) -> int:
    return inference.seed if inference.seed is not None else min(m.seed for m in evidence.manifests)


def _outcomes(evidence: Evidence) -> Iterator[str]:
    """What a reader must know of the raw outcomes: answers cut short, misses by reason."""
    content = evidence.content
    cut: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    missed: Counter[tuple[str, str, str]] = Counter()
    for answer in content.answers.values():
        answered[answer.policy] += 1
        if answer.response is not None and "length" in answer.response.finish:
            cut[answer.policy] += 1
        if answer.miss is not None:
            missed[answer.policy, "answers", answer.miss.reason] += 1
    for verdict in content.verdicts.values():
        if verdict.miss is not None:
            missed[verdict.judge, "verdicts", verdict.miss.reason] += 1
    for subject in sorted(cut):
        yield f"{cut[subject]} of {answered[subject]} answers of {evidence.shown(subject)} were cut at its max_tokens"
    for (subject, what, reason), number in sorted(missed.items()):
        yield f"{number} {what} of {evidence.shown(subject)} are missing: {reason}"


def _provenance(evidence: Evidence, inference: Inference, notes: Iterable[str]) -> dict[str, Any]:
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
        "software": {name: sorted(software[name]) for name in sorted(software)},
        "subjects": {evidence.shown(key): subject.identity for key, subject in evidence.subjects.items()},
        "evidence": evidence.digest(),
        "notes": list(dict.fromkeys(notes)),
    }
