import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_loops.selection import battles
from judgebench_loops.selection.battles import RIDGE, battle_matrix, bradley_terry, position_weights, wins_by_position
from scipy.optimize import minimize, root

WORKED = np.array([[0, 1, 1], [-1, 0, 0], [1, -1, 0]])
"""First 0 against 1 and 2 wins; 1 loses to 0 and ties with 2; 2 wins against 0 and loses to 1."""


@st.composite
def outcomes(draw, most=6):
    n = draw(st.integers(1, most))
    r = np.array(draw(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=n, max_size=n), min_size=n, max_size=n)))
    np.fill_diagonal(r, 0)
    return r


@st.composite
def weighted(draw, most=6):
    first, second = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    return battle_matrix(draw(outcomes(most)), position_weights(first, second))


def test_position_weights_of_the_worked_example():
    first, second = wins_by_position(WORKED)
    assert (first, second) == (3, 2)
    assert position_weights(first, second) == (0.4, 0.6)
    assert position_weights(60, 40) == (0.4, 0.6)
    assert position_weights(0, 0) == (0.5, 0.5)
    assert position_weights(7, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="negative"):
        position_weights(-1, 2)


def test_the_battle_matrix_of_the_worked_example():
    # 0 beats 1 from the first place (0.4) and, as 1 loses to 0, from the second (0.6); and so on
    expected = [[0, 0.4 + 0.6, 0.4], [0, 0, 0.6], [0.4, 0, 0]]
    assert np.array_equal(battle_matrix(WORKED, (0.4, 0.6)), expected)


@given(outcomes(), st.floats(0, 1))
def test_the_battle_matrix_agrees_with_its_formula(r, omega):
    n = len(r)
    naive = [[omega * (r[m, k] == 1) + (1 - omega) * (r[k, m] == -1) for k in range(n)] for m in range(n)]
    assert np.array_equal(battle_matrix(r, (omega, 1 - omega)), naive)


@settings(max_examples=50)
@given(st.lists(outcomes(), max_size=4))
def test_wins_add_up_over_matrices_of_any_size(matrices):
    counted = [entry for r in matrices for row in r.tolist() for entry in row]
    assert wins_by_position(matrices) == (counted.count(1), counted.count(-1))


@given(outcomes())
def test_weighted_wins_from_either_position_weigh_the_same(r):
    first, second = wins_by_position(r)
    one, two = position_weights(first, second)
    if first and second:
        assert math.isclose(one * first, two * second)
        assert math.isclose(battle_matrix(r, (one, two)).sum(), 2 * one * first)


def test_a_stack_is_what_its_matrices_are():
    stack = np.stack([WORKED, WORKED.T, np.zeros((3, 3), dtype=int)])
    assert wins_by_position(stack) == wins_by_position(list(stack)) == (6, 4)
    assert np.array_equal(battle_matrix(stack)[1], battle_matrix(WORKED.T))


@pytest.mark.parametrize(
    "r", [np.zeros((2, 3), int), np.zeros(3, int), np.array([[0, 2], [0, 0]]), np.eye(2, dtype=int)]
)
def test_outcomes_that_make_no_sense_are_refused(r):
    with pytest.raises(ValueError, match=r"outcome|diagonal"):
        battle_matrix(r)
    with pytest.raises(ValueError, match=r"outcome|diagonal"):
        wins_by_position([r])


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_of_two_the_gap_is_the_log_odds(won, lost):
    strengths = bradley_terry(np.array([[0, won], [lost, 0]]), ridge=1e-10)
    assert math.isclose(strengths[0] - strengths[1], math.log(won / lost), abs_tol=1e-7)


def test_one_that_wins_everything_stands_finitely_above_the_others():
    # by symmetry eps = (2 a, -a, -a); the slope of the first is 2 sigma(-3 a) - ridge 2 a = 0
    strengths = bradley_terry(np.array([[0, 1, 1], [0, 0, 1], [0, 1, 0]], dtype=float))
    a = -strengths[1]
    assert np.allclose(strengths, [2 * a, -a, -a], atol=1e-12)
    assert math.isclose(1 / (1 + math.exp(3 * a)), RIDGE * a, rel_tol=1e-9)
    assert 2 < a < 3


def test_a_cycle_and_no_battle_at_all_give_zeros():
    assert np.allclose(bradley_terry(np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=float)), 0, atol=1e-12)
    assert np.array_equal(bradley_terry(np.zeros((2, 3, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (0, 3, 3), (2, 0, 0), (2, 1, 1)])
def test_the_smallest_shapes(shape):
    assert np.array_equal(bradley_terry(np.zeros(shape)), np.zeros(shape[:-1]))


@settings(max_examples=50)
@given(weighted(), st.sampled_from([1e-4, 1e-2, 1.0]))
def test_strengths_solve_the_equations_of_the_optimum(b, ridge):
    strengths = bradley_terry(b, ridge)
    again = root(slope, np.zeros(len(b)), args=(b, ridge), method="hybr", options={"xtol": 1e-13}).x
    again = root(slope, strengths + 1e-3 * again, args=(b, ridge), tol=1e-13).x
    assert abs(strengths.sum()) < 1e-9
    assert np.abs(slope(strengths, b, ridge)).max() < 1e-11
    assert np.allclose(strengths, again, atol=1e-7)


@settings(max_examples=25)
@given(weighted(), st.sampled_from([1e-2, 1.0]))
def test_strengths_agree_with_a_general_minimiser(b, ridge):
    best = minimize(loss, np.zeros(len(b)), args=(b, ridge), method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9})
    strengths = bradley_terry(b, ridge)
    assert loss(strengths, b, ridge) <= best.fun + 1e-12
    assert np.allclose(strengths, best.x, atol=1e-3)


@settings(max_examples=50)
@given(weighted(), st.randoms(use_true_random=False))
def test_renumbering_renumbers_and_turning_the_battles_turns_the_sign(b, chance):
    order = list(range(len(b)))
    chance.shuffle(order)
    strengths = bradley_terry(b)
    assert np.allclose(bradley_terry(b[np.ix_(order, order)]), strengths[order], atol=1e-9)
    assert np.allclose(bradley_terry(b.T), -strengths, atol=1e-9)


@settings(max_examples=50)
@given(st.lists(weighted(), min_size=1, max_size=4))
def test_neighbours_and_filling_up_change_nothing(matrices):
    most = max(map(len, matrices))
    stack = np.stack([np.pad(b, (0, most - len(b))) for b in matrices])
    together = bradley_terry(stack)
    for b, padded, strengths in zip(matrices, stack, together, strict=True):
        assert np.array_equal(bradley_terry(padded), strengths)
        assert np.allclose(strengths[: len(b)], bradley_terry(b), atol=1e-9)
        assert np.allclose(strengths[len(b) :], 0, atol=1e-12)


def test_blocks_do_not_matter(monkeypatch):
    chance = np.random.default_rng(1)
    stack = chance.random((7, 4, 4)) * (chance.random((7, 4, 4)) < 0.5)
    whole = bradley_terry(stack)
    monkeypatch.setattr(battles, "BLOCK_CELLS", 32)
    assert np.array_equal(bradley_terry(stack), whole)


def test_one_more_win_makes_stronger():
    b = battle_matrix(WORKED)
    more = b.copy()
    more[2, 1] += 0.5
    assert bradley_terry(more)[2] > bradley_terry(b)[2]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("ridge", [1e-2, 1e-7, 1e-12])
def test_a_strict_order_is_found_at_any_scale(scale, ridge):
    strengths = bradley_terry(np.triu(np.full((11, 11), scale), 1), ridge * scale)
    assert np.isfinite(strengths).all()
    assert (np.diff(strengths) < -0.1).all()
    assert np.allclose(strengths, -strengths[::-1], rtol=1e-6)


@pytest.mark.parametrize(
    "b", [[[0.0, -1], [0, 0]], [[0, math.inf], [0, 0]], [[0, math.nan], [0, 0]], [[0.0, 1]], [0.0]]
)
def test_battles_that_make_no_sense_are_refused(b):
    with pytest.raises(ValueError, match="battles"):
        bradley_terry(np.array(b))


@pytest.mark.parametrize("ridge", [0.0, -1.0, math.inf, math.nan, 1e-13])
def test_a_ridge_that_makes_no_sense_is_refused(ridge):
    with pytest.raises(ValueError, match="ridge"):
        bradley_terry(np.array([[0, 1.0], [0, 0]]), ridge)


def test_a_fit_that_does_not_end_is_an_error(monkeypatch):
    monkeypatch.setattr(battles, "PASSES", 1)
    with pytest.raises(ArithmeticError, match="no strengths after 1 steps"):
        bradley_terry(np.array([[0, 3.0], [1, 0]]))


def loss(eps, b, ridge):
    pairs = [(m, k) for m in range(len(b)) for k in range(len(b)) if m != k]
    likely = sum(-b[m, k] * np.logaddexp(0, eps[k] - eps[m]) for m, k in pairs)
    return ridge / 2 * (eps**2).sum() - likely


def slope(eps, b, ridge):
    return [
        sum(
            b[m, k] / (1 + math.exp(min(eps[m] - eps[k], 700))) - b[k, m] / (1 + math.exp(min(eps[k] - eps[m], 700)))
            for k in range(len(b))
        )
        - ridge * eps[m]
        for m in range(len(b))
    ]
