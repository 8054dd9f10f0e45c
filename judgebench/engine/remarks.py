"""Remarks of a board: what measures say of subjects, who has no estimate and why, and who covers other items."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from judgebench.engine.evidence import Evidence
from judgebench.engine.inference import Measured, Resampled

NAMED, GROUPS = 3, 5
"""Of so many subjects at most on the same items all are named; more groups than these are told by their sizes alone."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a measure on the board (None: of none) and, if so, of a subject.

    `nothing`: the measure has no estimate of it, or of anybody.
    """

    measure: str | None
    text: str
    subject: str | None = None
    nothing: bool = False


def remarks(evidence: Evidence, found: Resampled) -> Iterator[Remark]:
    """What a measure says, then who has no estimate of it, and why."""
    one = found.of
    for note in one.prepared.notes:
        text = note if isinstance(note, str) else note[1]
        own = text.removeprefix(f"{one.measure.name}: ")
        about = None if isinstance(note, str) else evidence.shown(one.keys[note[0]][0])
        yield Remark(None if own == text else one.label, own, about)
    yield from _silent(evidence, found)


def _silent(evidence: Evidence, found: Resampled) -> Iterator[Remark]:
    """Who was planned and has no estimate, or has none for a reason that the measure knows.

    Where nobody has one for want of data it is quiet: that the data are missing is said elsewhere.
    """
    one, support = found.of, found.of.support
    there = (support.n > 0) & np.isfinite(found.point)
    why = {
        column: one.prepared.why.get(column) or _missing(one, column)
        for column in np.flatnonzero(~there & (support.n + support.missing > 0)).tolist()
        if column in one.prepared.why or there.any()
    }
    if len(set(why.values())) == 1 and not there.any() and len(why) == np.count_nonzero(support.n + support.missing):
        yield Remark(one.label, f"no estimate: {next(iter(why.values()))}", None, True)
        return
    for column, reason in why.items():
        yield Remark(one.label, f"no estimate: {reason}", _named(evidence, one, column), True)


def _missing(one: Measured, column: int) -> str:
    missing = int(one.support.missing[column])
    if one.support.n[column]:
        return "it cannot be computed from its data"
    return f"all {missing} that were planned are missing" if missing > 1 else "the one that was planned is missing"


def _named(evidence: Evidence, one: Measured, column: int) -> str:
    """A subject, with the judge where there are several."""
    subject, judge = one.keys[column]
    judges = {judge for _, judge in one.keys}
    return evidence.shown(subject) + (f" under {evidence.shown(judge)}" if judge and len(judges) > 1 else "")


def in_words(said: Iterable[Remark]) -> Iterator[str]:
    """One line a remark: for all its subjects at once, and for all measures and parts that it is true of."""
    subjects: dict[tuple[str | None, str], list[str | None]] = {}
    for remark in said:
        subjects.setdefault((remark.measure, remark.text), []).append(remark.subject)
    measures: dict[tuple[str, tuple[str | None, ...]], list[str]] = {}
    for (measure, text), about in subjects.items():
        measures.setdefault((text, tuple(about)), []).append(measure or "")
    for (text, names), labels in measures.items():
        named = ", ".join(dict.fromkeys(name for name in names if name is not None))
        label = labels[0] if len(labels) == 1 else ", ".join(dict.fromkeys(map(_whole, labels)))
        yield ": ".join(part for part in (named, label, text) if part)


def _whole(label: str) -> str:
    """A measure's name on the board without the part of the benchmark."""
    return re.sub(r"^([^:,/]+)/[^:,]+", r"\1", label)


def uneven(evidence: Evidence, found: Sequence[Measured]) -> Iterator[str]:
    """Where subjects of one table cover different items: its values are then comparable only in part."""
    labels: dict[str, list[str]] = {}
    for one in found:
        for text in _uneven(evidence, one) if one.measure.better is not None else ():
            labels.setdefault(text, []).append(one.label)
    for text, names in labels.items():
        yield f"{', '.join(dict.fromkeys(names))}: {text}"


def _uneven(evidence: Evidence, one: Measured) -> Iterator[str]:
    table, planned = one.table, one.support.n + one.support.missing
    wanted = table.planned.any(axis=1) & ~table.itself
    for family in np.unique(table.family):
        groups: dict[frozenset[int], list[int]] = {}
        columns = []
        for column in np.flatnonzero((table.family == family) & (planned > 0)).tolist():
            if items := frozenset(table.item[wanted & (table.subject == column)].tolist()):
                groups.setdefault(items, []).append(column)
                columns.append(column)
        # a judge's table holds more than what each measure takes: there the numbers must differ too
        if len(groups) > 1 and (one.measure.about != "judge" or len(set(planned[columns].tolist())) > 1):
            yield f"not all on the same items: {_told(evidence, one, groups)}"


def _told(evidence: Evidence, one: Measured, groups: dict[frozenset[int], list[int]]) -> str:
    sizes = [len(items) for items in groups]
    if len(groups) > GROUPS:
        return f"{min(sizes)} to {max(sizes)} each" if min(sizes) < max(sizes) else f"{min(sizes)} each, others"
    most = max(groups.values(), key=len)
    most = most if len(most) > NAMED else []
    seen: set[int] = set()
    told = []
    for items, columns in sorted(groups.items(), key=lambda group: (group[1] is most, len(group[0]))):
        names = (
            "all others" if columns is most else ", ".join(evidence.shown(one.keys[column][0]) for column in columns)
        )
        told.append(f"{names} ({len(items)}{' others' if len(items) in seen else ''})")
        seen.add(len(items))
    return "; ".join(told)
