"""Evidence as columns: the tables that measures read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response, Score, Verdict
from judgebench.engine.evidence import Evidence
from judgebench.stats import joined_strata
from judgebench.stats.arrays import FloatArray, IntArray
from judgebench.stats.table import Table

About = Literal["policy", "policy under judge", "judge"]
SubjectKey = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Axis:
    """The clusters of a benchmark, sorted by name, and the stratum of each: shared by all tables.

    Strata of few clusters are joined (`judgebench.stats.joined_strata`): resampling within them sees too little spread.
    """

    clusters: dict[str, int]
    strata: IntArray

    @classmethod
    def of(cls, items: Sequence[Item]) -> "Axis":
        """The axis of these items; DataError when a cluster lies in two strata."""
        stratum: dict[str, str] = {}
        for item in items:
            cluster = _cluster(item)
            if stratum.setdefault(cluster, item.stratum) != item.stratum:
                raise DataError(
                    f"cluster '{cluster}' lies in two strata: '{stratum[cluster]}' and '{item.stratum}'",
                    "give all items of a cluster one stratum",
                )
        names = sorted(stratum)
        codes = {name: code for code, name in enumerate(sorted(set(stratum.values())))}
        strata = np.array([codes[stratum[name]] for name in names], dtype=np.int64)
        return cls({name: number for number, name in enumerate(names)}, joined_strata(strata))


def table(evidence: Evidence, axis: Axis, about: About) -> tuple[Table, list[SubjectKey]]:
    """The table of one kind of subject, and the subjects in the order of its codes."""
    return _answers(evidence, axis) if about == "policy" else _units(evidence, axis, about)


def _cluster(item: Item) -> str:
    return item.cluster or item.id


def _answers(evidence: Evidence, axis: Axis) -> tuple[Table, list[SubjectKey]]:
    """One unit per policy and item that it was asked: by an answer in the record, or by a planned trial."""
    wanted = {(policy, key.item.id) for key, policy in evidence.planned if policy is not None}
    wanted |= {(line.policy, line.item) for line in evidence.content.answers.values()}
    rows = sorted(wanted)
    policies = sorted({policy for policy, _ in rows})
    codes = {policy: code for code, policy in enumerate(policies)}
    n = len(rows)
    lengths, valid = np.full((n, 2), np.nan), np.zeros((n, 2), bool)
    planned, asked = np.zeros((n, 2), bool), np.zeros((n, 2), bool)
    planned[:, 0] = True
    for row, key in enumerate(rows):
        line = evidence.content.answers.get(key)
        asked[row, 0] = line is not None
        if line is not None and line.response is not None:
            valid[row, 0], lengths[row, 0] = True, line.response.length
    shown = [(None if (line := evidence.content.answers.get(key)) is None else line.response, None) for key in rows]
    return Table(
        n_clusters=len(axis.clusters),
        n_subjects=len(policies),
        strata=axis.strata,
        subject=np.array([codes[policy] for policy, _ in rows], dtype=np.int64),
        cluster=np.array([axis.clusters[_cluster(evidence.items[item])] for _, item in rows], dtype=np.int64),
        planned=planned,
        asked=asked,
        valid=valid,
        preference=np.zeros((n, 2)),
        gold=np.full(n, np.nan),
        length=lengths,
        family=np.zeros(len(policies), dtype=np.int64),
        item_features=_item_features(evidence, [item for _, item in rows]),
        features=_features(shown),
        reference=_reference(evidence),
    ), [(policy, None) for policy in policies]


def _item_features(evidence: Evidence, items: Sequence[str]) -> dict[str, FloatArray]:
    names = sorted({name for item in evidence.items.values() for name in item.features})
    return {name: np.array([evidence.items[item].features.get(name, np.nan) for item in items]) for name in names}


def _features(shown: Sequence[tuple[Response | None, ...]]) -> dict[str, FloatArray]:
    """Of each unit's two responses; nothing but NaN where one is not there."""
    given = [[{} if response is None else response.features for response in pair] for pair in shown]
    names = sorted({name for pair in given for features in pair for name in features} - {"length"})
    return {
        name: np.array([[features.get(name, np.nan) for features in pair] for pair in given], dtype=np.float64)
        for name in names
    }


def _reference(evidence: Evidence) -> dict[str, FloatArray]:
    return {name: np.array(line.values, dtype=np.float64) for name, line in evidence.content.reference.items()}


def _units(evidence: Evidence, axis: Axis, about: About) -> tuple[Table, list[SubjectKey]]:
    """One unit per judge, pair of slots, item and repeat; its trials in both orders are its columns."""
    units: dict[tuple[SubjectKey, str, tuple[str, ...], str, int], int] = {}
    places: list[tuple[int, int]] = []
    keys = []
    for key, policy in evidence.planned:
        if about == "policy under judge":
            if policy is None:
                continue
            subject: SubjectKey = (policy, key.judge)
        else:
            subject = (key.judge, None)
        unit = units.setdefault((subject, key.judge, key.slots, key.item.id, key.repeat), len(units))
        places.append((unit, int(key.order[0] != 0)))
        keys.append((key, policy))
    subjects = sorted({unit[0] for unit in units}, key=lambda pair: (pair[0], pair[1] or ""))
    codes = {subject: code for code, subject in enumerate(subjects)}
    judges = sorted({judge or "" for _, judge in subjects})
    n = len(units)
    planned, asked, valid = (np.zeros((n, 2), bool) for _ in range(3))
    preference, lengths, gold = np.zeros((n, 2)), np.full((n, 2), np.nan), np.full(n, np.nan)
    pairs: list[tuple[Response | None, ...]] = [(None, None)] * n
    for (unit, column), (key, policy) in zip(places, keys, strict=True):
        planned[unit, column] = True
        if policy is None and key.item.gold is not None:
            gold[unit] = key.item.gold.probs[0]
        if (shown := evidence.responses(key)) is None:
            continue
        pairs[unit] = shown[:2]
        lengths[unit] = [response.length for response in shown[:2]]
        line = evidence.content.verdicts.get(key.record)
        asked[unit, column] = line is not None
        if line is not None and line.verdict is not None:
            valid[unit, column] = True
            preference[unit, column] = first_slot(line.verdict, key.order)
    return Table(
        n_clusters=len(axis.clusters),
        n_subjects=len(subjects),
        strata=axis.strata,
        subject=np.array([codes[unit[0]] for unit in units], dtype=np.int64),
        cluster=np.array([axis.clusters[_cluster(evidence.items[unit[3]])] for unit in units], dtype=np.int64),
        planned=planned,
        asked=asked,
        valid=valid,
        preference=preference,
        gold=gold,
        length=lengths,
        family=np.array([judges.index(judge or "") for _, judge in subjects], dtype=np.int64),
        item_features=_item_features(evidence, [unit[3] for unit in units]),
        features=_features(pairs),
        reference=_reference(evidence),
    ), subjects


def first_slot(verdict: Verdict, order: tuple[int, ...]) -> float:
    """P(the response in slot 0 is better): the verdict turned back from shown order.

    Scores are compared: the higher one is better, equal ones are a tie.
    """
    place = order.index(0)
    match verdict:
        case Preference(probs):
            return probs[place]
        case Score(values):
            mine, others = values[place], [value for k, value in enumerate(values) if k != place]
            best = max(others)
            return 0.5 if mine == best else float(mine > best)
