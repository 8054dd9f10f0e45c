"""The best of k responses: worth and margins by hand, as the official code has them."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from judgebench.stats.best_of import margins, right, share_right, tie_worth

NAN = math.nan


def test_right_ones_are_the_best_by_gold_where_it_tells_any_apart():
    ratings = np.array([[0.5, 0.5, 0.0, NAN], [1.0, 0.0, NAN, NAN], [1.0, 1.0, NAN, NAN], [NAN, NAN, NAN, NAN]])
    assert right(ratings).tolist() == [
        [True, True, False, False],
        [True, False, False, False],
        [False, False, False, False],
        [False, False, False, False],
    ]


@pytest.mark.parametrize(
    ("values", "share", "strict"),
    [
        ((9, 3, 3, 3), 1.0, 1.0),
        ((9, 9, 3, 3), 0.5, 0.0),
        ((9, 9, 9, 3), 1 / 3, 0.0),
        ((5, 5, 5, 5), 0.25, 0.0),
        ((3, 9, 3, 3), 0.0, 0.0),
        ((-1, -2, -3, NAN), 1.0, 1.0),
        ((NAN, NAN, NAN, NAN), NAN, NAN),
    ],
)
def test_one_right_response_among_m_best_ones(values, share, strict):
    ratings = np.array([[1.0, 0.0, 0.0, 0.0]])
    for given_strict, expected in ((False, share), (True, strict)):
        found = float(share_right(np.array([values], dtype=float), ratings, given_strict)[0])
        assert found == pytest.approx(expected, nan_ok=True)


def test_margins_of_right_and_wrong():
    ratings = np.array([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, NAN, NAN], [1.0, 0.0, 0.0, NAN]])
    scores = np.array([[8.0, 9.0, 4.0, 6.0], [2.0, 3.0, NAN, NAN], [NAN, NAN, NAN, NAN]])
    found = margins(scores, ratings)
    assert found.gap.tolist() == [2.0, -1.0, -math.inf]
    assert found.spread.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("gap", "reference", "spread", "worth"),
    [
        (3.0, 3.0, 1.0, 0.4 + 0.01 * math.tanh(2.0)),
        (3.0, 0.5, 1.0, 0.2 + 0.01 * math.tanh(-0.5)),
        (1.0, 3.0, 2.0, 0.01 * math.tanh(-0.5)),
        (1.0, 2.0, 0.0, 0.41),  # all right ones alike: any gap is endlessly many spreads
        (0.0, 2.0, 0.0, 0.0),  # nothing over nothing is 0
        (-1.0, 2.0, 0.0, -0.01),
        (-math.inf, 2.0, 0.0, -0.01),
    ],
)
def test_what_a_pair_of_prompts_is_worth(gap, reference, spread, worth):
    assert float(tie_worth(*np.array([[gap], [reference], [spread]]))[0]) == pytest.approx(worth)


@example(0.0, -1.0, 5e-324)
@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0, 20))
def test_a_pair_is_worth_no_more_than_all_of_it(gap, reference, spread):
    assert -0.01 - 1e-12 <= float(tie_worth(*np.array([[gap], [reference], [spread]]))[0]) <= 0.41 + 1e-12
