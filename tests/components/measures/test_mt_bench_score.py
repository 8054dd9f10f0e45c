"""The mean of single scores, against a loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components.measures.mt_bench_score import COMPONENT as MtBenchScore


@st.composite
def tables(draw):
    clusters, subjects, units = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 10))
    pick = lambda values: np.array(draw(st.lists(values, min_size=units, max_size=units)))  # noqa: E731
    slots = pick(st.sampled_from([1, 1, 2]))
    planned = np.stack([np.ones(units, bool), slots == 2], axis=1)
    valid = planned & pick(st.booleans())[:, None]
    values = np.full((units, 2, 2), np.nan)
    values[:, :, 0] = pick(st.sampled_from([1.0, 4.5, 10.0]))[:, None]
    values[:, :, 1] = np.where(slots == 2, 7.0, np.nan)[:, None]
    values[~valid] = np.nan
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=pick(st.integers(0, subjects - 1)),
        cluster=pick(st.integers(0, clusters - 1)),
        planned=planned,
        valid=valid,
        preference=np.zeros((units, 2)),
        slots=slots,
        values=values,
    )


def scores(table, subject, weights):
    return [
        float(table.values[row, 0, 0])
        for row in range(len(table.subject))
        if table.subject[row] == subject and table.slots[row] == 1 and table.valid[row, 0]
        for _ in range(int(weights[table.cluster[row]]))
    ]


@given(table=tables(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_it_is_the_mean_of_the_scores_that_are_there(table, data):
    draws = st.lists(st.integers(0, 3), min_size=table.n_clusters, max_size=table.n_clusters)
    weights = np.array(data.draw(st.lists(draws, min_size=1, max_size=3)), dtype=float)
    fitted = MtBenchScore().fit(table, weights)
    support = MtBenchScore().support(table)
    for subject in range(table.n_subjects):
        for replicate, row in enumerate(weights):
            found = scores(table, subject, row)
            expected = sum(found) / len(found) if found else math.nan
            assert fitted[replicate, subject] == pytest.approx(expected, nan_ok=True)
        alone = ((table.subject == subject) & (table.slots == 1)).sum()
        assert support.n[subject] == len(scores(table, subject, np.ones(table.n_clusters)))
        assert support.n[subject] + support.missing[subject] == alone


def test_a_missing_score_is_left_out_and_said_to_be_missing():
    found = table(
        n_clusters=1,
        n_subjects=1,
        subject=np.zeros(3, int),
        cluster=np.zeros(3, int),
        planned=np.array([[True, False]] * 3),
        valid=np.array([[True, False], [True, False], [False, False]]),
        preference=np.zeros((3, 2)),
        slots=np.ones(3, int),
        values=np.array([[[4.0], [np.nan]], [[9.0], [np.nan]], [[np.nan], [np.nan]]]),
    )
    assert MtBenchScore().fit(found, np.ones((1, 1)))[0, 0] == 6.5
    support = MtBenchScore().support(found)
    assert (support.n[0], support.missing[0]) == (2, 1)
    assert (MtBenchScore.unit, MtBenchScore.bounds) == ("points", (1.0, 10.0))
