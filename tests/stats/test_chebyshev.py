"""Interpolation at Chebyshev nodes against the functions themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats.chebyshev import Interval


@given(st.floats(-3, 3), st.floats(0.001, 1.5), st.floats(0.2, 4.0))
def test_a_smooth_function_is_given_back(middle, reach, slope):
    values = np.linspace(middle - reach, middle + reach, 101)
    interval = Interval.around(values, 1j * np.pi / slope)  # of log(1 + exp(slope x)), singular at x = iπ / slope
    basis = interval.basis(values)
    assert np.abs(basis @ np.logaddexp(0, slope * interval.nodes) - np.logaddexp(0, slope * values)).max() < 1e-10
    assert np.abs(basis.sum(axis=1) - 1).max() < 1e-12


def test_one_value_needs_one_node():
    interval = Interval.around(np.array([0.7, 0.7]), 1.0)
    assert interval.number == 1
    assert interval.basis(np.array([0.7])).tolist() == [[1.0]]
    assert interval.holds(np.array([0.7]))
    assert not interval.holds(np.array([0.8]))


@given(st.floats(0.05, 20), st.floats(1, 2), st.lists(st.floats(0, 1), min_size=1, max_size=9))
@settings(deadline=None)
def test_tanh_of_a_stretch_is_given_back(low, factor, places):
    """As the column of lengths uses it: lengths of any size, stretches within a factor of two."""
    stretch = low * factor ** np.array(places)
    interval = Interval.around(stretch, -(stretch.min() + stretch.max()) / 2)
    assert interval.number <= 16
    units = np.concatenate([np.linspace(-40, 40, 81) / low, [1e-9, 1e9]])
    found = interval.basis(stretch) @ np.tanh(np.multiply.outer(interval.nodes, units))
    assert np.abs(found - np.tanh(np.multiply.outer(stretch, units))).max() < 2e-11


@given(st.integers(2, 20), st.floats(-3, 3), st.floats(0.1, 3))
@settings(deadline=None)
def test_polynomials_below_the_number_of_nodes_are_given_back(number, low, width):
    interval = Interval(low, low + width, number)
    values = np.linspace(low, low + width, 11)
    for power in range(number):
        found = interval.basis(values) @ ((interval.nodes - low) / width) ** power
        assert found == pytest.approx(((values - low) / width) ** power, abs=1e-12)


def test_a_margin_widens_and_nodes_lie_within():
    wide = Interval.around(np.array([1.0, 2.0]), -1.5, margin=0.25)
    assert (wide.low, wide.high) == (0.75, 2.25)
    assert ((wide.nodes > 0.75) & (wide.nodes < 2.25)).all()
    assert len(wide.nodes) == wide.number
    assert not wide.holds(np.array([1.0, 2.3]))
    assert Interval.around(np.array([3.0, np.nextafter(3.0, 4.0)]), 1j).number == 1


def test_a_nearer_pole_takes_more_nodes():
    numbers = [Interval.around(np.array([0.0, 1.0]), 1j * height).number for height in (10, 1, 0.1, 0.01)]
    assert numbers == sorted(numbers)
    assert numbers[-1] > 10 * numbers[0]
