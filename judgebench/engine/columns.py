"""Evidence as columns: the tables that measures read, and the axis of clusters that they share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Part, Response
from judgebench.engine.evidence import Evidence
from judgebench.engine.units import About, SubjectKey, Unit, text, units
from judgebench.stats import joined_strata
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.table import Table


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
    """The table of one kind of subject, with units of any number of slots, and the subjects in the order of its codes.

    About policies alone a row is a policy's answer to an item: one that was asked for, or that a planned trial needs.
    """
    rows = list(_answers(evidence) if about == "policy" else units(evidence, about))
    subjects = sorted({unit.subject for unit in rows}, key=lambda pair: (pair[0], pair[1] or ""))
    codes = {subject: code for code, subject in enumerate(subjects)}
    judges = sorted({judge or "" for _, judge in subjects})
    shown = [unit.pair for unit in rows]
    most = max((unit.slots for unit in rows), default=2)
    return Table(
        n_clusters=len(axis.clusters),
        n_subjects=len(subjects),
        strata=axis.strata,
        subject=np.array([codes[unit.subject] for unit in rows], dtype=np.int64),
        cluster=np.array([axis.clusters[_cluster(unit.item)] for unit in rows], dtype=np.int64),
        planned=_pairs([unit.planned for unit in rows], bool),
        asked=_pairs([unit.asked for unit in rows], bool),
        valid=_pairs([unit.valid for unit in rows], bool),
        preference=_pairs([unit.preference for unit in rows], np.float64),
        gold=np.array([unit.gold for unit in rows], dtype=np.float64),
        length=_pairs([[np.nan if r is None else r.length for r in pair] for pair in shown], np.float64),
        strong=_pairs([unit.strong for unit in rows], bool),
        slots=np.array([unit.slots for unit in rows], dtype=np.int64),
        scored=_pairs([unit.scored for unit in rows], bool),
        own=np.array([_two(unit.own) for unit in rows], dtype=bool).reshape(len(rows), 2),
        part_values=_parts([unit.parts for unit in rows]),
        tokens=np.array([unit.tokens for unit in rows], dtype=np.float64).reshape(len(rows), 2, 2),
        seconds=_pairs([unit.seconds for unit in rows], np.float64),
        values=_padded([values for unit in rows for values in unit.values], most).reshape(len(rows), 2, most),
        ratings=_padded([unit.ratings for unit in rows], most),
        opponent=np.array([_opponent(unit, codes) for unit in rows], dtype=np.int64),
        itself=np.array([unit.itself for unit in rows], dtype=bool),
        inconsistent=np.array([unit.inconsistent for unit in rows], dtype=bool),
        item=_numbered([(unit.item.id, unit.turn) for unit in rows]),
        shown=_numbered([(unit.item.id, unit.turn, unit.authors) for unit in rows]),
        names=[evidence.shown(subject) for subject, _ in subjects],
        texts=[(text(pair[0]), text(pair[1])) for pair in shown],
        family=np.array([judges.index(judge or "") for _, judge in subjects], dtype=np.int64),
        item_features=_item_features(evidence, [unit.item for unit in rows]),
        features=_features(shown),
        votes=_votes(rows),
        subsets=_subsets([unit.subsets for unit in rows]),
        reference={name: np.array(line.values, dtype=np.float64) for name, line in evidence.content.reference.items()},
    ), subjects


def _opponent(unit: Unit, codes: Mapping[SubjectKey, int]) -> int:
    return -1 if unit.opponent is None else codes.get((unit.opponent, unit.subject[1]), -1)


def _cluster(item: Item) -> str:
    return item.cluster or item.id


def _pairs(rows: Sequence[Sequence[Any]], dtype: Any) -> Any:
    """An array [units, 2], with two columns even of no unit."""
    return np.array(rows, dtype=dtype).reshape(len(rows), 2)


def _numbered(keys: Sequence[Any]) -> IntArray:
    """The same number for equal keys, in the order of their first places."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _padded(rows: Sequence[Sequence[float]], width: int) -> FloatArray:
    """An array [rows, width]; NaN where a row is shorter."""
    found = np.full((len(rows), width), np.nan)
    for row, values in zip(found, rows, strict=True):
        row[: len(values)] = values
    return found


def _two(own: Sequence[bool]) -> tuple[bool, bool]:
    """Of the responses in slots 0 and 1."""
    first, second, *_ = (*own, False, False)
    return first, second


def _parts(rows: Sequence[Sequence[tuple[Part, ...]]]) -> FloatArray:
    """An array [units, 2, parts, 2], of responses in slots 0 and 1; NaN where a part said nothing."""
    most = max((len(parts) for orders in rows for parts in orders), default=0)
    found = np.full((len(rows), 2, most, 2), np.nan)
    for row, orders in enumerate(rows):
        for order, parts in enumerate(orders):
            for number, part in enumerate(parts):
                found[row, order, number, : len(part[:2])] = [np.nan if one is None else one for one in part[:2]]
    return found


def _votes(units: Sequence[Unit]) -> dict[str, FloatArray]:
    """Votes are about the ready responses alone."""
    voted = [unit.item.votes if unit.ready else () for unit in units]
    groups = sorted({vote.group for votes in voted for vote in votes})
    found = {group: np.zeros((len(units), 3)) for group in groups}
    for row, votes in enumerate(voted):
        for vote in votes:
            found[vote.group][row, 1 - round(2 * vote.preference.probs[0] - 1)] += 1.0
    return found


def _subsets(rows: Sequence[tuple[str, ...]]) -> dict[str, BoolArray]:
    names = sorted({name for subsets in rows for name in subsets})
    return {name: np.array([name in subsets for subsets in rows], dtype=bool) for name in names}


def _answers(evidence: Evidence) -> Iterator[Unit]:
    wanted = {
        (policy, key.item.id) for key, plan in evidence.planned for policy in (plan.policy, plan.opponent) if policy
    }
    wanted |= {(line.policy, line.item) for line in evidence.content.answers.values()}
    for policy, item in sorted(wanted):
        line = evidence.content.answers.get((policy, item))
        response = None if line is None else line.response
        unit = Unit((policy, None), evidence.items[item], ready=False, responses=(response, None))
        unit.planned[0], unit.asked[0], unit.valid[0] = True, line is not None, response is not None
        yield unit


def _item_features(evidence: Evidence, items: Sequence[Item]) -> dict[str, FloatArray]:
    names = sorted({name for item in evidence.items.values() for name in item.features})
    return {name: np.array([item.features.get(name, np.nan) for item in items]) for name in names}


def _features(shown: Sequence[tuple[Response | None, ...]]) -> dict[str, FloatArray]:
    """Of each unit's two responses; nothing but NaN where one is not there."""
    given = [[{} if response is None else response.features for response in pair] for pair in shown]
    names = sorted({name for pair in given for features in pair for name in features} - {"length"})
    return {name: _pairs([[f.get(name, np.nan) for f in pair] for pair in given], np.float64) for name in names}
