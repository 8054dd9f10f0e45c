"""Measures of the scores that a judge gives, against loops over resampled scores, and by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from diagnosed import weights
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from tables import table

from judgebench import ConfigError
from judgebench.components.measures.score_mean import ScoreMean, ScoreSpread
from judgebench.components.measures.share_at_maximum import ScoreEntropy, ShareAtMaximum
from judgebench.plugin.options import build

SCORE = st.sampled_from([1.0, 2.5, 3.0, 4.0, 4.0, 5.0])


@st.composite
def scoring(draw):
    """Rows of scores: one response by itself, or two to three in up to two orders; who gives a score gives many."""
    clusters, subjects = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    rows = []
    for _ in range(draw(st.integers(1, 10))):
        slots = draw(st.integers(1, 3))
        planned = (True, slots > 1 and draw(st.booleans()))
        given = [there and draw(st.sampled_from([True, True, False])) for there in planned]
        scores = [[draw(SCORE) for _ in range(slots)] if there else None for there in given]
        rows.append((draw(st.integers(0, subjects - 1)), draw(st.integers(0, clusters - 1)), slots, planned, scores))
    return rows, clusters, subjects


def tabled(rows, clusters, subjects):
    values = np.full((len(rows), 2, 3), np.nan)
    for unit, (_, _, slots, _, scores) in enumerate(rows):
        for order, drawn in enumerate(scores):
            if drawn is not None:
                values[unit, order, :slots] = drawn
    planned = np.array([row[3] for row in rows])
    return table(
        n_clusters=clusters, n_subjects=subjects, subject=np.array([row[0] for row in rows]),
        cluster=np.array([row[1] for row in rows]), planned=planned, valid=np.isfinite(values[:, :, 0]),
        preference=np.zeros((len(rows), 2)), values=values, scored=np.isfinite(values[:, :, 0]),
        slots=np.array([row[2] for row in rows]),
        ratings=np.full((len(rows), 3), np.nan), own=np.zeros((len(rows), 2), bool),
        part_values=np.full((len(rows), 2, 0, 2), np.nan),
    )  # fmt: skip


def alone(*scores):
    """One judge's scores of single answers, each a cluster."""
    return tabled([(0, k, 1, (True, False), [[score], None]) for k, score in enumerate(scores)], len(scores), 1)


def entropy_of(scores):
    kinds = [math.floor(score + 0.5) for score in scores]
    return entropy([kinds.count(kind) for kind in set(kinds)], base=2)


def top(most):
    return lambda scores: 100 * sum(score >= most for score in scores) / len(scores)


TWINS = {
    "mean": (ScoreMean(), np.mean),
    "spread": (ScoreSpread(), np.std),
    "at 4": (ShareAtMaximum(most=4.0), top(4.0)),
    "entropy": (ScoreEntropy(), entropy_of),
}


@pytest.mark.parametrize("name", sorted(TWINS))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_measure_equals_its_twin(name, data):
    measure, twin = TWINS[name]
    rows, clusters, subjects = data.draw(scoring())
    found, resamples = tabled(rows, clusters, subjects), data.draw(weights(clusters))
    fitted, support = measure.fit(found, resamples), measure.support(found)
    for subject in range(subjects):
        own = [row for row in rows if row[0] == subject]
        all_of = [score for row in own for given in row[4] if given for score in given]
        heard = name != "spread" or len(all_of) != 1
        for replicate, counts in enumerate(resamples.astype(int).tolist()):
            scores = [s for row in own for given in row[4] if given for s in given * counts[row[1]]]
            expected = twin(scores) if scores and heard else math.nan
            assert fitted[replicate, subject] == pytest.approx(expected, abs=1e-7, nan_ok=True)
        assert support.n[subject] == len(all_of)
        if all_of:
            assert support.missing[subject] == sum(row[2] * sum(row[3]) for row in own) - len(all_of)


def test_figures_by_hand():
    found = alone(5, 5, 4, 2)
    ones = np.ones((1, 4))
    assert ScoreMean().fit(found, ones)[0, 0] == 4.0
    assert ScoreSpread().fit(found, ones)[0, 0] == pytest.approx(math.sqrt(6 / 4))
    assert ShareAtMaximum().fit(found, ones)[0, 0] == 50.0
    assert ShareAtMaximum(most=10.0).fit(found, ones)[0, 0] == 0.0
    assert ScoreEntropy().fit(found, ones)[0, 0] == pytest.approx(1.5)
    assert ScoreEntropy(step=4.0).fit(found, ones)[0, 0] == 0.0  # 2 is rounded up to 4


def test_the_largest_score_is_said_and_stays_in_resamples():
    found = alone(5, 4, 4)
    prepared = ShareAtMaximum().prepare(found)
    assert prepared.notes == ((0, "share-at-maximum: the largest score that it gave is 5"),)
    assert prepared.values(np.array([[0.0, 1.0, 1.0]]))[0, 0] == 0.0
    assert ShareAtMaximum(most=5.0).prepare(found).notes == ()


def test_large_scores_keep_their_spread():
    found = alone(1e9 + 1, 1e9 + 3)
    assert ScoreSpread().fit(found, np.ones((1, 2)))[0, 0] == pytest.approx(1.0)


def test_one_score_has_no_spread():
    prepared = ScoreSpread().prepare(alone(3))
    assert np.isnan(prepared.values(np.ones((1, 1)))[0, 0])
    assert prepared.why == {0: "it gave a single score"}


def two(*verdicts, subject=0):
    return [(subject, 0, 2, (True, False), [list(values), None]) for values in verdicts]


@pytest.mark.parametrize("measure", [ScoreMean(), ScoreSpread(), ShareAtMaximum(), ScoreEntropy()])
def test_preferences_are_no_scores(measure):
    found = tabled([*two((1.0, 0.0), (0.25, 0.75)), *two((1.0, 0.0), (1.0, 1.0), subject=1)], 1, 2)
    found = replace(found, scored=found.scored & (found.subject == 1)[:, None])
    values = measure.fit(found, np.ones((1, 1)))[0]
    assert np.isnan(values[0])
    assert np.isfinite(values[1])  # who scores may give 1 and 0, too
    assert measure.support(found).n.tolist() == [0, 4]
    assert measure.support(found).missing.tolist() == [0, 0]
    outside = tabled(two((3.0, -2.0)), 1, 1)
    assert measure.support(outside).n[0] == 2


def test_a_step_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="step"):
        build(ScoreEntropy, {"step": 0.0}, "measure")
