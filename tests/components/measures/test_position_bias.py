"""The tests of position-bias and same-position; the identity of the two accuracies of pairs judged in both orders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from tables import table

from judgebench.components.measures.accuracy import AverageAccuracy, PositionConsistentAccuracy
from judgebench.components.measures.position_bias import PositionBias, SamePosition
from judgebench.components.measures.position_consistency import COMPONENT as PositionConsistency


def pairs(*verdicts, clusters=None, subjects=1):
    """One unit a verdict: P(slot 0) in the straight and the swapped order, in a cluster of its own."""
    units = len(verdicts)
    cluster = np.arange(units) if clusters is None else np.array(clusters)
    return table(
        n_clusters=int(cluster.max()) + 1,
        n_subjects=subjects,
        subject=np.zeros(units, int),
        cluster=cluster,
        planned=np.ones((units, 2), bool),
        preference=np.array(verdicts, float),
        gold=np.ones(units),
    )


FIRST, SECOND, RIGHT, WRONG, TIE = (1, 0), (0, 1), (1, 1), (0, 0), (0.5, 0.5)


def test_plain_verdicts_are_tested_by_the_binomial_distribution():
    found = pairs(*[FIRST] * 17, *[SECOND] * 5, *[RIGHT] * 30, *[TIE] * 4)
    expected = binomtest(17, 22).pvalue
    assert PositionBias().prepare(found).details["p"][0] == pytest.approx(expected)
    details = SamePosition().prepare(found).details
    assert details["p"][0] == pytest.approx(expected)
    assert details["first"][0] == pytest.approx(100 * 17 / 22)
    assert SamePosition().fit(found, np.ones((1, 56)))[0, 0] == pytest.approx(100 * 22 / 56)


def test_soft_verdicts_are_tested_by_flipped_signs():
    found = pairs((0.9, 0.3), (0.8, 0.1), (0.7, 0.4))
    assert PositionBias().prepare(found).details["p"][0] == pytest.approx(2 / 8)  # all lean to the first: two of eight


def test_clusters_of_several_pairs_flip_together():
    alone = pairs(*[FIRST] * 6)
    together = pairs(*[FIRST] * 6, clusters=[0, 0, 0, 1, 1, 1])
    assert SamePosition().prepare(alone).details["p"][0] == pytest.approx(2 / 64)
    assert SamePosition().prepare(together).details["p"][0] == pytest.approx(2 / 4)


def test_without_data_there_is_no_p():
    found = pairs(RIGHT, TIE, subjects=2)
    for measure in (PositionBias(), SamePosition()):
        p = measure.prepare(found).details["p"]
        assert np.isnan(p[1])
    assert PositionBias().prepare(found).details["p"][0] == 1.0
    assert np.isnan(SamePosition().prepare(found).details["p"][0])  # nobody chose a place twice
    assert np.isnan(SamePosition().prepare(found).details["first"][0])


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_average_is_what_is_right_in_both_orders_and_half_of_what_is_inconsistent(data):
    verdicts = data.draw(st.lists(st.sampled_from([FIRST, SECOND, RIGHT, WRONG]), min_size=1, max_size=12))
    clusters = data.draw(st.lists(st.integers(0, 3), min_size=len(verdicts), max_size=len(verdicts)))
    found = pairs(*verdicts, clusters=clusters)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=found.n_clusters, max_size=found.n_clusters))
    measures = (AverageAccuracy(), PositionConsistentAccuracy(), PositionConsistency())
    average, both, consistent = (one.fit(found, np.array([weights], float))[0, 0] for one in measures)
    assert average == pytest.approx(both + (100 - consistent) / 2, nan_ok=True)


def test_the_identity_gives_the_share_of_flips():
    """71.0 on average and 60.6 in both orders leave 20.8 that depend on the order (Self-Taught Evaluators)."""
    found = pairs(*[RIGHT] * 606, *[FIRST] * 100, *[SECOND] * 108, *[WRONG] * 186)
    weights = np.ones((1, 1000))
    assert AverageAccuracy().fit(found, weights)[0, 0] == pytest.approx(71.0)
    assert PositionConsistentAccuracy().fit(found, weights)[0, 0] == pytest.approx(60.6)
    assert SamePosition().fit(found, weights)[0, 0] == pytest.approx(20.8)
