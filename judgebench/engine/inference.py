"""How intervals are made: every measure's values under the same resample weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.core.collector import uncollected
from judgebench.engine.columns import Axis, table
from judgebench.engine.evidence import Evidence
from judgebench.engine.named import Chosen
from judgebench.engine.units import SubjectKey
from judgebench.plugin.measure import Measure, Prepared, Support
from judgebench.stats import bootstrap_counts, jackknife_weights, rescaling
from judgebench.stats.arrays import FloatArray
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

    def seed_of(self, evidence: Evidence) -> int:
        """The seed of the resamples of this evidence."""
        return self.seed if self.seed is not None else min(m.seed for m in evidence.manifests)


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure on its table: its name on boards, whom its columns are about, and what does not depend on weights."""

    label: str
    measure: Measure
    table: Table
    keys: Sequence[SubjectKey]
    prepared: Prepared
    support: Support


@dataclass(frozen=True, slots=True)
class Resampled:
    """A measure's values on the data themselves [subjects], resampled [B, subjects], and without each cluster.

    `without_one` is [clusters, subjects] where intervals are BCa, else None.
    """

    of: Measured
    point: FloatArray
    replicates: FloatArray
    without_one: FloatArray | None


_NOTHING = Prepared(lambda weights: np.empty((len(weights), 0)))


@contextmanager
def _one_thread() -> Iterator[None]:
    """BLAS by one thread: the products are small, and threads that wait for each other cost more than they bring."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


@_one_thread()
@uncollected()
def measured(evidence: Evidence, measures: Mapping[str, Chosen]) -> list[Measured]:
    """Each measure, by its name on boards, with its table; measures of the same part of it share one."""
    axis = Axis.of(list(evidence.items.values()))
    tables: dict[str, tuple[Table, list[SubjectKey]]] = {}
    parts: dict[tuple[str, str, str | None], Table] = {}
    found = []
    for label, chosen in measures.items():
        measure = chosen.measure
        if measure.about not in tables:
            tables[measure.about] = table(evidence, axis, measure.about)
        whole, keys = tables[measure.about]
        part = (measure.about, measure.responses, chosen.subset)
        if part not in parts:
            parts[part] = _part(whole, measure.responses, chosen.subset)
        columns = parts[part]
        if keys:
            found.append(Measured(label, measure, columns, keys, measure.prepare(columns), measure.support(columns)))
        else:
            nobody = np.zeros(0, dtype=np.intp)
            found.append(Measured(label, measure, columns, keys, _NOTHING, Support(nobody, nobody, nobody)))
    return found


def _part(whole: Table, responses: Literal["pair", "any"], subset: str | None) -> Table:
    """The units of so many responses that belong to a part of the benchmark."""
    rows = np.ones(len(whole.subject), dtype=np.bool_)
    if responses == "pair":
        rows &= whole.slots == 2
    if subset is not None:
        rows &= whole.subsets.get(subset, np.zeros_like(rows))
    return whole if rows.all() else whole.only(rows)


@_one_thread()
def resampled(found: Sequence[Measured], inference: Inference, seed: int) -> list[Resampled]:
    """Every measure's values under one matrix of weights, drawn from the seed within strata."""
    present = [one for one in found if one.keys]
    if not present:
        return []
    strata = present[0].table.strata
    n, scale = len(strata), rescaling(strata)
    point = _values(present, 1, n, lambda rows: np.ones((1, n)))
    counts = bootstrap_counts(strata, inference.replicates, seed)
    replicates = _values(present, len(counts), n, lambda rows: counts[rows] * scale)
    left_out: Sequence[FloatArray | None] = [None] * len(present)
    if inference.interval == "bca":
        left_out = _values(present, n, n, lambda rows: jackknife_weights(strata, rows))
    return [
        Resampled(one, value[0], many, without)
        for one, value, many, without in zip(present, point, replicates, left_out, strict=True)
    ]


def _values(
    found: Sequence[Measured], rows: int, clusters: int, weights: Callable[[slice], FloatArray]
) -> list[FloatArray]:
    """Every measure's values [rows, subjects] under the same weights, made block by block and shared."""
    step = max(1, BLOCK_CELLS // clusters)
    values = [np.empty((rows, one.table.n_subjects)) for one in found]
    for start in range(0, rows, step):
        block = slice(start, min(start + step, rows))
        shared = weights(block)
        for one, whole in zip(found, values, strict=True):
            whole[block] = one.prepared.values(shared)
    return values
