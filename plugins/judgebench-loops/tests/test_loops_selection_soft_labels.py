import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped
from judgebench_loops.selection.pairs import Choice
from judgebench_loops.selection.soft_labels import confident, oriented, soft_label

SHARES = st.integers(0, 64).map(lambda part: (part / 64, 1 - part / 64))
INNER = st.floats(1e-6, 1 - 1e-6).map(lambda p: (p, 1 - p))


def test_the_label_of_the_paper_prefers_the_first():
    p = soft_label((0.6, 0.4), (0.6, 0.4))
    assert math.isclose(p, 0.6)
    assert oriented(p, hard=True)[0] == Choice(chosen=0, rejected=1)


@given(SHARES, SHARES)
def test_probabilities_are_averaged_exactly(forward, backward):
    assert soft_label(forward, backward) == (Fraction(forward[0]) + Fraction(backward[0])) / 2


@given(INNER, INNER)
def test_logarithms_are_averaged_and_normalised(forward, backward):
    zero = math.exp((math.log(forward[0]) + math.log(backward[0])) / 2)
    one = math.exp((math.log(forward[1]) + math.log(backward[1])) / 2)
    label = soft_label(forward, backward, average="log-probabilities")
    assert math.isclose(label, zero / (zero + one), rel_tol=1e-9)


@given(INNER, INNER, st.sampled_from(["probabilities", "log-probabilities"]), st.floats(0.01, 1))
def test_orders_responses_and_lost_mass_are_symmetric(forward, backward, average, mass):
    label = soft_label(forward, backward, average=average)
    less = (forward[0] * mass, forward[1] * mass)
    assert soft_label(backward, forward, average=average) == label
    assert math.isclose(soft_label(forward[::-1], backward[::-1], average=average), 1 - label, abs_tol=1e-12)
    assert math.isclose(soft_label(less, backward, average=average), label, rel_tol=1e-12)


def test_the_averages_differ():
    assert math.isclose(soft_label((0.99, 0.01), (0.3, 0.7)), 0.645)
    assert soft_label((0.99, 0.01), (0.3, 0.7), average="log-probabilities") > 0.8


@pytest.mark.parametrize("average", ["probabilities", "log-probabilities"])
def test_a_missing_order(average):
    for forward, backward in (((0.75, 0.25), None), (None, (0.75, 0.25))):
        with pytest.raises(Dropped, match="an order is missing"):
            soft_label(forward, backward, average=average)
        assert soft_label(forward, backward, average=average, missing="other") == 0.75
    for missing in ("drop", "other"):
        with pytest.raises(Dropped, match="an order is missing"):
            soft_label(None, None, average=average, missing=missing)


def test_orders_that_exclude_each_other():
    assert soft_label((1, 0), (0, 1)) == 0.5
    with pytest.raises(Dropped, match="the orders exclude each other"):
        soft_label((1, 0), (0, 1), average="log-probabilities")
    assert soft_label((1, 0), (0.5, 0.5), average="log-probabilities") == 1


@pytest.mark.parametrize("order", [(0.0, 0.0), (-0.1, 1.1), (math.inf, 1.0), (math.nan, 1.0)])
def test_what_is_no_probability_is_refused(order):
    with pytest.raises(ValueError, match="probabilities"):
        soft_label(order, (0.5, 0.5))


@given(st.integers(0, 100), st.integers(50, 100))
def test_only_confident_labels_stay(p, least):
    if max(p, 100 - p) >= least:
        assert confident(p / 100, least / 100) == p / 100
    else:
        with pytest.raises(Dropped, match="below the confidence"):
            confident(p / 100, least / 100)
    p = soft_label((0.01, 0.99), (0.13, 0.87))
    assert confident(p, 0.93) == p  # 1 - p is 0.93, but for rounding


def test_the_chosen_one_is_the_more_probable():
    assert oriented(0.75) == (Choice(0, 1), 0.75)
    assert oriented(0.25) == (Choice(1, 0), 0.75)
    assert oriented(0.5) == (Choice(0, 1), 0.5)
    with pytest.raises(Dropped, match="no preference"):
        oriented(0.5, hard=True)
    with pytest.raises(Dropped, match="no preference"):
        oriented(soft_label((0.05, 0.15), (0.15, 0.05)), hard=True)  # 0.5, but for rounding


def test_outside_of_the_range_is_refused():
    for p in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="probability"):
            oriented(p)
        with pytest.raises(ValueError, match="probability"):
            confident(p, 0.5)
    for least in (0.4, 1.1):
        with pytest.raises(ValueError, match="least"):
            confident(0.5, least)
