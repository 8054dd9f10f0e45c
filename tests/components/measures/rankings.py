"""Tables of items with several responses, drawn or by hand, and their units as plain Python."""

import math

import numpy as np
from hypothesis import strategies as st
from tables import table

NUMBERS = st.sampled_from([1.0, 2.0, 3.0, 4.5, 5.0])


def ranked(units, n_subjects=1, n_clusters=None, names=None):
    """A table of units, dicts of subject, item, cluster, ratings, and values: a list of numbers or None an order."""
    most = max(len(unit["ratings"]) for unit in units)

    def padded(rows):
        return np.array([[*(row or ()), *[math.nan] * (most - len(row or ()))] for row in rows], float)

    orders = [unit["values"] for unit in units]
    planned = np.array([unit.get("planned", (True, True)) for unit in units])
    return table(
        n_clusters=n_clusters or 1 + max(unit.get("cluster", unit["item"]) for unit in units),
        n_subjects=n_subjects,
        subject=np.array([unit.get("subject", 0) for unit in units]),
        cluster=np.array([unit.get("cluster", unit["item"]) for unit in units]),
        shown=np.array([unit["item"] for unit in units]),
        planned=planned,
        asked=np.array([unit.get("asked", unit.get("planned", (True, True))) for unit in units]),
        valid=np.array([[values is not None for values in pair] for pair in orders]),
        slots=np.array([len(unit["ratings"]) for unit in units]),
        values=np.stack([padded([pair[order] for pair in orders]) for order in (0, 1)], axis=1),
        ratings=padded([unit["ratings"] for unit in units]),
        preference=np.zeros((len(units), 2)),
        **({} if names is None else {"names": names}),
    )


@st.composite
def drawn(draw):
    """Units (as of `ranked`): up to four items of two to four responses, under up to three judges, some repeated."""
    subjects = draw(st.integers(1, 3))
    items = [
        {
            "item": number,
            "cluster": draw(st.integers(0, 2)),
            "ratings": draw(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=2, max_size=4)),
        }
        for number in range(draw(st.integers(1, 4)))
    ]
    units = []
    for _ in range(draw(st.integers(1, 8))):
        item = draw(st.sampled_from(items))
        planned = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        asked = tuple(p and draw(st.booleans()) for p in planned)
        size = len(item["ratings"])
        scores = st.lists(NUMBERS, min_size=size, max_size=size)
        values = [draw(st.one_of(st.none(), scores)) if there else None for there in asked]
        subject = draw(st.integers(0, subjects - 1))
        units.append({**item, "subject": subject, "planned": planned, "asked": asked, "values": values})
    return units, subjects


def groups(units, repeats):
    """(unit, mean scores by slot or None) of each unit, or of the first of each subject and item.

    Its `whole` says whether every planned order was asked, of every repeat.
    """
    found = {}
    for number, unit in enumerate(units):
        key = (unit["subject"], unit["item"]) if repeats == "mean" else number
        found.setdefault(key, []).append(unit)
    for members in found.values():
        scores = []
        for unit in members:
            given = [values for values in unit["values"] if values is not None]
            if len(given) == sum(unit["planned"]):
                scores.append([sum(column) / len(given) for column in zip(*given, strict=True)])
        whole = all(unit["asked"] == unit["planned"] for unit in members)
        mean = [sum(column) / len(scores) for column in zip(*scores, strict=True)] if scores else None
        yield {**members[0], "whole": whole}, mean


def sign(x):
    return 0 if abs(x) < 1e-9 else (x > 0) - (x < 0)
