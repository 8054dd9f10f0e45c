import statistics
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped
from judgebench_loops.selection.battles import battle_matrix, bradley_terry
from judgebench_loops.selection.judgments import judgment_pair, largest_variance
from judgebench_loops.selection.pairs import Choice

HALVES = st.integers(0, 10).map(lambda halves: halves / 2)


@given(
    st.lists(st.lists(st.one_of(st.none(), HALVES), max_size=6), max_size=5),
    st.sampled_from([0, 1]),
    st.integers(0, 99),
)
def test_the_largest_variance_agrees_with_exact_arithmetic(scores, ddof, seed):
    variance = statistics.pvariance if ddof == 0 else statistics.variance
    spread = {}
    for index, judgments in enumerate(scores):
        valid = [Fraction(score) for score in judgments if score is not None]
        if len(valid) > 1:
            spread[index] = variance(valid)
    if not spread:
        with pytest.raises(Dropped, match="fewer than two judgments"):
            largest_variance(scores, rng=Random(seed), ddof=ddof)
        return
    found = largest_variance(scores, rng=Random(seed), ddof=ddof)
    assert spread[found] == max(spread.values())
    assert found == largest_variance(scores, rng=Random(seed), ddof=ddof)


def test_the_divisor_can_decide():
    scores = [[0.0, 3.0], [0.0, 0.0, 3.0, 3.0, 3.1]]
    assert largest_variance(scores, rng=Random(0), ddof=0) == 0
    assert largest_variance([[0.0, 2.9], [0.0, 0.0, 3.0, 3.0]], rng=Random(0), ddof=0) == 1
    assert largest_variance([[0.0, 2.9], [0.0, 0.0, 3.0, 3.0]], rng=Random(0), ddof=1) == 0


def test_ties_are_drawn_and_one_judgment_is_none():
    scores = [[4.0, 5.0], [1.0], [5.0, None, 4.0], [3.0, 3.0], [4.9, 3.9]]
    assert {largest_variance(scores, rng=Random(seed)) for seed in range(50)} == {0, 2, 4}


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        largest_variance([[1.0, float("nan")]], rng=Random(0))


def test_the_strongest_goes_against_the_weakest():
    assert judgment_pair([0.5, -1.0, 2.0, -1.5], [900, 900, 1100, 5000], longest=1100) == Choice(2, 3)
    assert judgment_pair([1.0, 1.0, -2.0], [1, 1, 1]) == Choice(0, 2)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 9)), max_size=7), st.one_of(st.none(), st.integers(0, 9)))
def test_judgment_pairs_agree_with_sorting(judgments, longest):
    strengths, lengths = [float(strength) for strength, _ in judgments], [length for _, length in judgments]
    if len(strengths) < 2:
        expected = "fewer than two judgments"
    elif len(set(strengths)) == 1:
        expected = "equal judgments"
    else:
        best = sorted(range(len(strengths)), key=lambda index: (-strengths[index], index))[0]
        worst = sorted(range(len(strengths)), key=lambda index: (strengths[index], index))[0]
        too_long = longest is not None and lengths[best] > longest
        expected = "chosen judgment too long" if too_long else Choice(best, worst)
    try:
        found = judgment_pair(strengths, lengths, longest=longest)
    except Dropped as drop:
        found = drop.reason
    assert found == expected


def test_judgments_that_beat_each_other_alike_are_equal():
    cycle = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    strengths = bradley_terry(battle_matrix(cycle, (0.3, 0.7)))
    with pytest.raises(Dropped, match="equal judgments"):
        judgment_pair(strengths.tolist(), [1, 2, 3])


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="length"):
        judgment_pair([1.0, 2.0], [1])
    with pytest.raises(ValueError, match="finite"):
        judgment_pair([1.0, float("nan")], [1, 2])
