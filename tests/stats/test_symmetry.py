"""The test of deviations against enumeration and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from judgebench.stats.symmetry import symmetry


def every_sign(column):
    """The share of all sign patterns whose sum is as far from 0 as the one that was seen."""
    seen = abs(sum(column))
    sums = [
        abs(sum(s * d for s, d in zip(signs, column, strict=True))) for signs in product((1, -1), repeat=len(column))
    ]
    return sum(one >= seen - 1e-9 for one in sums) / len(sums)


@given(
    st.integers(1, 3).flatmap(
        lambda subjects: st.lists(
            st.lists(st.sampled_from([0.0, 0.5, -0.5, 0.1, -1.0, 0.3]), min_size=subjects, max_size=subjects),
            min_size=1,
            max_size=8,
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_it_is_the_share_of_all_sign_patterns(rows):
    deviations = np.array(rows)
    expected = [every_sign(column) for column in deviations.T.tolist()]
    assert symmetry(deviations) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (7, 7), (94, 6), (20, 41), (1, 0)])
def test_plain_outcomes_are_the_binomial_test(first, second):
    deviations = np.array([0.5] * first + [-0.5] * second + [0.0] * 30)[:, None]
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert symmetry(deviations)[0] == pytest.approx(expected, rel=1e-9)


def test_many_unequal_clusters_are_drawn_with_the_seed():
    deviations = np.random.default_rng(0).normal(0.3, 1.0, (60, 1))
    p = symmetry(deviations, seed=1)
    assert p == symmetry(deviations, seed=1)
    assert p != symmetry(deviations, seed=2)
    z = abs(deviations.sum()) / np.sqrt((deviations**2).sum())
    from scipy.stats import norm

    assert p[0] == pytest.approx(2 * norm.sf(z), abs=0.02)


def test_no_subject_is_no_p():
    assert symmetry(np.zeros((4, 0))).shape == (0,)
