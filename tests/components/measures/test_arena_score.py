"""arena-score against plain loops over games, and its official forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components.measures.arena_score import COMPONENT as ArenaScore
from judgebench.components.measures.arena_score import ROUNDS


@st.composite
def drawn(draw):
    clusters, subjects = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    units = draw(st.integers(1, 12))

    def pairs(values):
        return np.array(draw(st.lists(st.tuples(values, values), min_size=units, max_size=units)))

    planned = np.array(draw(st.lists(st.sampled_from([(1, 1), (1, 0), (0, 1)]), min_size=units, max_size=units)), bool)
    valid = planned & pairs(st.booleans())
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=np.array(draw(st.lists(st.integers(0, subjects - 1), min_size=units, max_size=units))),
        cluster=np.array(draw(st.lists(st.integers(0, clusters - 1), min_size=units, max_size=units))),
        planned=planned,
        valid=valid,
        preference=pairs(st.sampled_from([0.0, 0.5, 1.0, 0.25])) * valid,
        strong=pairs(st.booleans()) & valid,
        itself=np.array(draw(st.lists(st.booleans(), min_size=units, max_size=units))),
        reference={"arena.version": np.array([draw(st.sampled_from([0.1, 2.0]))])},
    )


def loops(found, weights, form, strength, ties):
    """The score of each subject under one row of weights, game by game; None where it has no game."""
    won, played = {}, {}
    plays = set(found.subject[~found.itself].tolist())
    for unit, subject in enumerate(found.subject.tolist()):
        if found.itself[unit] and subject in plays:
            continue  # it has games of its own: those against itself say nothing
        orders = [k for k in (0, 1) if found.valid[unit, k]]
        whole = orders == [k for k in (0, 1) if found.planned[unit, k]]
        if (form != "v0.1" and not whole) or (form == "corrected" and found.itself[unit]):
            continue
        for order in orders:
            outcome = 0.5 if found.itself[unit] else found.preference[unit, order]
            if found.preference[unit, order] == 0.5 and ties == "drop":
                continue
            weight = weights[found.cluster[unit]] * (strength if found.strong[unit, order] else 1.0)
            won[subject] = won.get(subject, 0.0) + weight * outcome
            played[subject] = played.get(subject, 0.0) + weight
    return {subject: 100 * won[subject] / played[subject] for subject in played if played[subject] > 0}


@given(found=drawn(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_form_equals_its_loop_over_games(found, data):
    mode = data.draw(st.sampled_from(["corrected", "official"]))
    ties, strength = data.draw(st.sampled_from(["half", "drop"])), data.draw(st.sampled_from([1, 3]))
    weights = np.array(data.draw(st.lists(st.integers(0, 3), min_size=found.n_clusters, max_size=found.n_clusters)))
    form = mode if mode == "corrected" else "v0.1" if found.reference["arena.version"][0] < 1 else "v2.0"
    measure = ArenaScore(mode=mode, ties=ties, strength=strength)
    expected = loops(found, weights, form, strength, ties)
    values = measure.fit(found, weights[None].astype(float))[0]
    for subject in range(found.n_subjects):
        if subject in expected:
            assert values[subject] == pytest.approx(expected[subject], abs=1e-9)
        else:
            assert np.isnan(values[subject])
    support = measure.support(found)
    present = loops(found, np.ones(found.n_clusters), form, strength, ties)
    assert {k for k in range(found.n_subjects) if support.n[k]} == set(present)
    assert (support.missing >= 0).all()


def games(*outcomes, strong=(), planned=None, itself=False, version=2.0):
    """One policy; a prompt's outcomes are (order 0, order 1), None for a missing one."""
    units = len(outcomes)
    valid = np.array([[p is not None for p in pair] for pair in outcomes])
    return table(
        n_clusters=units,
        n_subjects=1,
        subject=np.zeros(units, int),
        cluster=np.arange(units),
        planned=np.ones((units, 2), bool) if planned is None else planned,
        valid=valid,
        preference=np.array([[0.0 if p is None else p for p in pair] for pair in outcomes]),
        strong=np.array([[(k, j) in strong for j in (0, 1)] for k in range(units)]),
        itself=np.full(units, itself),
        reference={"arena.version": np.array([version])},
    )


def score(found, **options):
    return ArenaScore(**options).fit(found, np.ones((1, found.n_clusters)))[0, 0]


def test_a_strong_verdict_counts_as_three():
    found = games((1.0, 0.0), (1.0, 0.5), strong={(0, 1)})
    assert score(found) == pytest.approx(100 * 2.5 / 6)
    assert score(found, strength=1) == pytest.approx(100 * 2.5 / 4)
    assert score(found, ties="drop") == pytest.approx(100 * 2 / 5)


def test_a_game_that_is_missing_takes_its_prompt_along_but_not_in_v01():
    found = games((1.0, 1.0), (0.0, None))
    assert score(found) == 100.0
    assert score(found, mode="official", version="v2.0") == 100.0
    assert score(found, mode="official", version="v0.1") == pytest.approx(200 / 3)
    assert score(games((1.0, 1.0), (0.0, None), version=0.1), mode="official") == pytest.approx(200 / 3)
    assert ArenaScore().support(found).missing.tolist() == [1]


def test_the_baseline_against_itself_has_no_estimate_and_officially_stands_at_50():
    found = games((1.0, 1.0), (1.0, 1.0), itself=True)
    assert np.isnan(score(found))
    assert score(found, mode="official") == 50.0
    assert any("the baseline itself" in note[1] for note in ArenaScore().prepare(found).notes)
    assert ArenaScore().support(found).missing.tolist() == [0]


@pytest.mark.parametrize(("version", "confidence"), [(0.1, 0.95), (2.0, 0.9)])
def test_official_intervals_treat_rows_as_independent(version, confidence):
    rng = np.random.default_rng(0)
    sides = rng.random(400) < 0.5
    found = games(*[(float(side), float(side)) for side in sides], version=version)  # both games always agree
    prepared = ArenaScore(mode="official").prepare(found)
    published = prepared.published
    assert (published.confidence, published.method) == (confidence, "rows")
    z = 1.96 if confidence == 0.95 else 1.645
    rows = 2 * z * 100 * np.sqrt(0.25 / 800)
    assert published.high[0] - published.low[0] == pytest.approx(rows, rel=0.25)
    point = prepared.values(np.ones((1, 400)))[0, 0]
    if version < 1:
        assert published.value is None
    else:
        assert published.value[0] == pytest.approx(point, abs=4 * 100 * np.sqrt(0.25 / 800 / ROUNDS))


def mixed():
    """A policy that wins all of category y, and is the baseline of category x."""
    found = games((0.5, 0.5), (0.5, 0.5), (1.0, 1.0), (1.0, 0.5))
    return replace(
        found,
        itself=np.array([True, True, False, False]),
        subsets={"x": found.cluster < 2, "y": found.cluster > 1},
    )


def test_a_policy_is_not_pinned_to_50_where_it_is_a_baseline_elsewhere():
    found = mixed()
    assert score(found) == score(found.only(found.subsets["y"])) == 87.5
    assert score(found.only(found.subsets["y"]), mode="official") == 87.5
    assert score(found.only(found.subsets["x"]), mode="official") == 50.0
    notes = ArenaScore().prepare(found).notes
    assert notes == ((0, "arena-score: its games against itself, as the baseline, are left out"),)


def test_official_v20_has_a_table_for_each_category():
    found = mixed()
    assert np.isnan(score(found, mode="official"))
    assert score(found, mode="official", version="v0.1") == 87.5
    prepared = ArenaScore(mode="official").prepare(found)
    assert "--measure arena-score/x, or arena-score/* for all" in prepared.why[0]
    assert np.isnan(prepared.published.value[0])
