"""The false discovery rate's adjusted values against a loop and scipy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import benjamini_hochberg

chances = st.integers(0, 64).map(lambda k: k / 64)


def naive(p: list[float]) -> list[Fraction]:
    """The least level at which the step-up procedure rejects each: p ≤ level · rank / m for its rank or a later one."""
    ordered = sorted(p)
    return [min(Fraction(1), *(Fraction(q) * len(p) / (r + 1) for r, q in enumerate(ordered) if q >= own)) for own in p]


@given(st.lists(chances | st.just(math.nan), max_size=20))
@settings(deadline=None)
def test_it_equals_the_step_up_procedure_and_scipy(p: list[float]) -> None:
    found = benjamini_hochberg(np.array(p))
    known = [value for value in p if not math.isnan(value)]
    assert np.isnan(found).tolist() == [math.isnan(value) for value in p]
    held = found[~np.isnan(found)]
    np.testing.assert_allclose(held, np.array([float(q) for q in naive(known)]), rtol=1e-12)
    if known:
        np.testing.assert_allclose(held, scipy.stats.false_discovery_control(known, method="bh"), rtol=1e-12)
    assert (held >= np.array(known)).all()


@given(st.data(), st.lists(chances, min_size=1, max_size=12))
def test_the_order_of_the_tests_does_not_matter(data: st.DataObject, p: list[float]) -> None:
    order = data.draw(st.permutations(range(len(p))))
    np.testing.assert_array_equal(benjamini_hochberg(np.array(p)[order]), benjamini_hochberg(np.array(p))[order])


@pytest.mark.parametrize("p", [[-0.1], [0.5, 1.1], [math.inf], [[0.5]]])
def test_what_is_no_probability_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match=r"p(-values)? must"):
        benjamini_hochberg(np.array(p))
