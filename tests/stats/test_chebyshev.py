"""Interpolation at Chebyshev nodes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from judgebench.stats.chebyshev import Interval


@given(st.floats(-3, 3), st.floats(0.001, 1.5), st.floats(0.2, 4.0))
def test_a_smooth_function_is_given_back(middle, reach, slope):
    values = np.linspace(middle - reach, middle + reach, 101)
    interval = Interval.around(values, np.pi / slope)  # of log(1 + exp(slope x)), singular at x = iπ / slope
    basis = interval.basis(values)
    assert np.abs(basis @ np.logaddexp(0, slope * interval.nodes) - np.logaddexp(0, slope * values)).max() < 1e-10
    assert np.abs(basis.sum(axis=1) - 1).max() < 1e-12


def test_one_value_needs_one_node():
    interval = Interval.around(np.array([0.7, 0.7]), 1.0)
    assert interval.number == 1
    assert interval.basis(np.array([0.7])).tolist() == [[1.0]]
    assert interval.holds(np.array([0.7]))
    assert not interval.holds(np.array([0.8]))
