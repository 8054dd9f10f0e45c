"""The regression with shared columns against a general minimiser of its objective, row by row."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from judgebench.stats.style_control import style_control


@st.composite
def studies(draw, k=2):
    """Rows of three subjects in some clusters: soft outcomes, weights, features on a grid so that rows coincide."""
    rows, clusters = draw(st.integers(6, 24)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    subject, cluster = rng.integers(0, 3, rows), rng.integers(0, clusters, rows)
    features = rng.integers(-2, 3, (rows, k)) / 2.0
    outcome = rng.choice([0.0, 0.5, 1.0, 0.2], rows)
    weight = rng.choice([1.0, 3.0, 0.5], rows)
    return subject, cluster, outcome, weight, features, clusters


def objective(parameters, study, weights, held, ridge):
    """Half of the penalty, and the log loss of every row."""
    subject, cluster, outcome, weight, features, _ = study
    a, c = np.where(held, 0.0, parameters[:3]), parameters[3:]
    total = 0.5 * ridge[0] * (a**2).sum() + 0.5 * ridge[1] * (c**2).sum()
    for row in range(len(subject)):
        odds = a[subject[row]] + features[row] @ c
        loss = outcome[row] * np.logaddexp(0, -odds) + (1 - outcome[row]) * np.logaddexp(0, odds)
        total += weights[cluster[row]] * weight[row] * loss
    return total


def fitted(study, **options):
    subject, cluster, outcome, weight, features, clusters = study
    return style_control(subject, cluster, outcome, weight, features, 3, clusters, **options)


@given(study=studies(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_penalised_fits_are_the_minimum(study, data):
    weights = np.array(data.draw(st.lists(st.integers(0, 3), min_size=study[-1], max_size=study[-1])), float)
    assume(weights[study[1]].any())
    held = np.array(data.draw(st.lists(st.booleans(), min_size=3, max_size=3)))
    ridge = data.draw(st.sampled_from([(1.0, 1.0), (0.2, 2.0), (0.05, 0.05)]))
    control = fitted(study, held=held, ridge_intercepts=ridge[0], ridge_features=ridge[1])
    a, c = control.refits(weights[None])
    ours = objective(np.concatenate([np.nan_to_num(a[0]), c[0]]), study, weights, held, ridge)
    best = minimize(objective, np.zeros(5), args=(study, weights, held, ridge), tol=1e-10)
    assert ours <= best.fun + 1e-9
    seen = np.bincount(study[0], weights[study[1]] * study[3], 3) > 0
    assert np.isnan(a[0]).tolist() == (~seen).tolist()


@given(study=studies(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_without_a_penalty_slopes_vanish_and_who_wins_everything_is_set_apart(study, data):
    subject, cluster, outcome, weight, features, clusters = study
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    outcome = np.where(np.isin(outcome, (0.0, 1.0)), rng.choice([0.1, 0.7, 0.9], len(outcome)), outcome)  # an optimum
    all_won = subject == 2
    outcome = np.where(all_won, 1.0, outcome)
    weights = rng.integers(0, 3, (5, clusters)).astype(float)
    control = style_control(subject, cluster, outcome, weight, features, 3, clusters)
    a, c = control.refits(weights)
    for row in range(5):
        w = weights[row][cluster] * weight
        taking = ~all_won & (w > 0)
        odds = a[row][subject[taking]] + features[taking] @ c[row]
        residual = w[taking] * (outcome[taking] - 1 / (1 + np.exp(-odds)))
        assert np.abs(np.bincount(subject[taking], residual, 3)).max(initial=0) < 1e-7
        assert np.abs(features[taking].T @ residual).max(initial=0) < 1e-7
        assert a[row][2] == np.inf or not w[all_won].any()
    if all_won.any():
        assert control.separated[2] == 1


def large(seed=0, subjects=8, clusters=60):
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), 2 * clusters)
    cluster = np.tile(np.repeat(np.arange(clusters), 2), subjects)
    features = np.repeat(rng.normal(0, 1, (subjects * clusters, 4)), 2, axis=0)
    odds = rng.normal(-0.5, 1.5, subjects)[subject] + features @ np.array([0.9, -0.2, 0.1, 0.3])
    outcome = rng.choice([0.0, 1.0], len(odds)) * 0.0 + (rng.random(len(odds)) < 1 / (1 + np.exp(-odds)))
    weight = np.where(rng.random(len(odds)) < 0.4, 3.0, 1.0)
    return subject, cluster, outcome, weight, features, subjects, clusters


def test_ones_give_the_fit_and_refits_equal_fits_of_repeated_rows():
    study = large()
    control = style_control(*study)
    a, c = control.refits(np.ones((2, 60)))
    assert a[0] == pytest.approx(control.intercepts, abs=1e-9)
    assert c[1] == pytest.approx(control.coefficients, abs=1e-9)
    counts = np.random.default_rng(1).multinomial(60, np.full(60, 1 / 60), 4)
    a, c = control.refits(counts.astype(float))
    for row, count in enumerate(counts):
        drawn = np.repeat(np.arange(len(study[0])), count[study[1]])
        alone = style_control(*(column[drawn] for column in study[:5]), 8, 60)
        assert a[row] == pytest.approx(alone.intercepts, abs=1e-8)
        assert c[row] == pytest.approx(alone.coefficients, abs=1e-8)


def test_games_collapse_without_loss_and_their_order_does_not_matter():
    subject, cluster, outcome, weight, features, subjects, clusters = large()
    control = style_control(subject, cluster, outcome, weight, features, subjects, clusters)
    assert sum(len(part.cluster) for part in control.cells) == subjects * clusters
    whole = np.repeat(np.arange(len(subject)), weight.astype(int))
    shuffled = np.random.default_rng(2).permutation(whole)
    again = style_control(
        subject[shuffled], cluster[shuffled], outcome[shuffled], np.ones(len(shuffled)), features[shuffled], 8, 60
    )
    assert again.intercepts == pytest.approx(control.intercepts, abs=1e-9)
    assert again.coefficients == pytest.approx(control.coefficients, abs=1e-9)


def test_a_stretched_column_shrinks_its_coefficient_alone():
    subject, cluster, outcome, weight, features, subjects, clusters = large()
    one = style_control(subject, cluster, outcome, weight, features, subjects, clusters)
    scale = np.array([2.0, 1.0, 0.5, 1.0])
    other = style_control(subject, cluster, outcome, weight, features * scale, subjects, clusters)
    assert other.coefficients * scale == pytest.approx(one.coefficients, abs=1e-9)
    assert other.intercepts == pytest.approx(one.intercepts, abs=1e-9)


def test_columns_that_do_not_vary_or_repeat_each_other_change_nothing():
    subject, cluster, outcome, weight, features, subjects, clusters = large()
    one = style_control(subject, cluster, outcome, weight, features, subjects, clusters)
    more = np.column_stack([features, np.zeros(len(subject)), features[:, 0]])
    other = style_control(subject, cluster, outcome, weight, more, subjects, clusters)
    assert other.intercepts == pytest.approx(one.intercepts, abs=1e-7)
    assert other.coefficients[4] == pytest.approx(0.0, abs=1e-12)
    assert other.coefficients[0] == pytest.approx(other.coefficients[5], abs=1e-7)
    assert other.coefficients[0] * 2 == pytest.approx(one.coefficients[0], abs=1e-7)


def test_who_lost_everything_does_not_disturb_the_others():
    subject, cluster, outcome, weight, features, subjects, clusters = large()
    lost = np.where(subject == 3, 0.0, outcome)
    control = style_control(subject, cluster, lost, weight, features, subjects, clusters)
    others = subject != 3
    alone = style_control(
        subject[others], cluster[others], outcome[others], weight[others], features[others], subjects, clusters
    )
    assert control.separated.tolist() == [0, 0, 0, -1, 0, 0, 0, 0]
    assert control.intercepts[3] == -np.inf
    kept = np.arange(8) != 3
    assert control.intercepts[kept] == pytest.approx(alone.intercepts[kept], abs=1e-9)
    assert np.isnan(alone.intercepts[3])


def test_outcomes_that_a_column_tells_apart_end_in_large_numbers_not_in_a_loop():
    features = np.array([[-1.0], [-0.5], [0.5], [1.0]])
    outcome = np.array([0.0, 0.0, 1.0, 1.0])
    subject, cluster = np.zeros(4, int), np.arange(4)
    control = style_control(subject, cluster, outcome, np.ones(4), features, 1, 4)
    assert np.isfinite(control.coefficients).all()
    assert control.coefficients[0] > 10
    a, c = control.refits(np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 0.0, 0.0, 2.0]]))
    assert np.isfinite(a).all()
    assert np.isfinite(c).all()


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": np.array([1.5])},
        {"weight": np.array([-1.0])},
        {"subject": np.array([1])},
        {"cluster": np.array([-1])},
        {"features": np.zeros((2, 1))},
        {"features": np.zeros(1)},
    ],
)
def test_impossible_rows_are_refused(change):
    rows = {
        "subject": np.array([0]),
        "cluster": np.array([0]),
        "outcome": np.array([1.0]),
        "weight": np.array([1.0]),
        "features": np.zeros((1, 1)),
    }
    with pytest.raises(ValueError, match=r"must"):
        style_control(**{**rows, **change}, subjects=1, clusters=1)


def test_no_row_at_all_is_no_error():
    nothing = np.zeros(0)
    control = style_control(nothing.astype(int), nothing.astype(int), nothing, nothing, np.zeros((0, 2)), 2, 3)
    assert np.isnan(control.intercepts).all()
    assert control.coefficients.tolist() == [0.0, 0.0]
