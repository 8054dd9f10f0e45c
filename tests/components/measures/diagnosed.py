"""Drawn rows of judgments as plain Python, and the table that they make."""

import numpy as np
from hypothesis import strategies as st
from tables import table

CHANCE = st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.8, 1.0])
WORDS = st.integers(0, 3).map(lambda n: "word " * n)


@st.composite
def judged(draw):
    """Rows (one a unit) with their numbers of clusters and subjects; responses to an item are two sets at most."""
    clusters, subjects = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    cluster_of = draw(st.lists(st.integers(0, clusters - 1), min_size=4, max_size=4))
    gold_of = draw(st.lists(st.sampled_from([None, 0.0, 0.5, 0.7, 1.0, 1.0]), min_size=4, max_size=4))
    votes_of = draw(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=4, max_size=4))
    rows = []
    for _ in range(draw(st.integers(1, 16))):
        item = draw(st.integers(0, 3))
        planned = draw(st.sampled_from([(True, True), (True, True), (True, False)]))
        valid = [there and draw(st.sampled_from([True, True, True, False])) for there in planned]
        rows.append(
            {
                "subject": draw(st.integers(0, subjects - 1)),
                "item": item,
                "shown": 2 * item + draw(st.integers(0, 1)),
                "cluster": cluster_of[item],
                "planned": planned,
                "preference": [draw(CHANCE) if there else None for there in valid],
                "gold": gold_of[item],
                "votes": votes_of[item],
                "length": [draw(st.sampled_from([None, 0, 8, 10, 20])) for _ in range(2)],
                "text": [draw(st.sampled_from([None, "", "one", "one two", "one two three"])) for _ in range(2)],
                "own": [draw(st.booleans()), draw(st.booleans())],
                "parts": [[draw(st.one_of(st.none(), CHANCE)) if there else None for _ in range(3)] for there in valid],
            }
        )
    return rows, clusters, subjects


def tabled(rows, clusters, subjects):
    """The table of rows as `judged` draws them."""
    number = lambda found: np.nan if found is None else float(found)  # noqa: E731
    valid = np.array([[said is not None for said in row["preference"]] for row in rows])
    parts = np.array([[[number(part) for part in order] for order in row["parts"]] for row in rows])
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=np.array([row["subject"] for row in rows]),
        cluster=np.array([row["cluster"] for row in rows]),
        planned=np.array([row["planned"] for row in rows]),
        valid=valid,
        preference=np.array([[said or 0.0 for said in row["preference"]] for row in rows]),
        gold=np.array([number(row["gold"]) for row in rows]),
        length=np.array([[number(length) for length in row["length"]] for row in rows]),
        texts=[tuple(row["text"]) for row in rows],
        shown=np.array([row["shown"] for row in rows]),
        item=np.array([row["item"] for row in rows]),
        votes={"expert": np.array([row["votes"] for row in rows], float)},
        own=np.array([row["own"] for row in rows]),
        part_values=np.stack([parts, 1.0 - parts], axis=3),
    )


@st.composite
def weights(draw, clusters):
    """Counts as a resample has them, [replicates, clusters]."""
    row = st.lists(st.integers(0, 3), min_size=clusters, max_size=clusters)
    return np.array(draw(st.lists(row, min_size=1, max_size=3)), dtype=float)


def plain(**row):
    """One pair, judged once in both orders, with what a test says of it."""
    return {
        "subject": 0, "item": 0, "shown": 0, "cluster": 0, "planned": (True, True), "preference": [1.0, 1.0],
        "gold": None, "votes": [0, 0, 0], "length": [None, None], "text": [None, None], "own": [False, False],
        "parts": [[None], [None]],
    } | row  # fmt: skip


def pairs(*rows):
    """The table of one judge and of pairs that are each a cluster, given what a test says of them."""
    made = [plain(**({"item": k, "shown": k, "cluster": k} | row)) for k, row in enumerate(rows)]
    subjects = 1 + max(row["subject"] for row in made)
    return tabled(made, 1 + max(row["cluster"] for row in made), subjects)


def value(measure, found):
    """The point estimate of the first subject."""
    return measure.fit(found, np.ones((1, found.n_clusters)))[0, 0]
