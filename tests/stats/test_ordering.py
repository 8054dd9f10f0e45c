"""Orderings of responses against scipy and plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from judgebench.stats import ordering
from judgebench.stats.ordering import alike, comparisons, kendall, kendall_a, spearman


@st.composite
def vectors(draw):
    """Two vectors a unit, of two to six numbers each, padded with NaN."""
    units, most = draw(st.integers(1, 5)), 6
    number = st.sampled_from([0.0, 1.0, 2.5, -3.0, 0.1])
    found = np.full((2, units, most), np.nan)
    slots = np.array(draw(st.lists(st.integers(2, most), min_size=units, max_size=units)))
    for unit, size in enumerate(slots.tolist()):
        for side in (0, 1):
            found[side, unit, :size] = draw(st.lists(number, min_size=size, max_size=size))
    return found[0], found[1], slots


def by_scipy(function, one, other):
    """scipy has NaN and a warning for constant vectors."""
    if len(set(one)) == 1 or len(set(other)) == 1:
        return math.nan
    return float(function(one, other).statistic)


@given(vectors())
@settings(max_examples=200, deadline=None)
def test_correlations_are_those_of_scipy(drawn):
    one, other, slots = drawn
    rho, tau = (function(comparisons(one), comparisons(other)) for function in (spearman, kendall))
    for unit, size in enumerate(slots.tolist()):
        pair = one[unit, :size].tolist(), other[unit, :size].tolist()
        assert rho[unit] == pytest.approx(by_scipy(spearmanr, *pair), abs=1e-12, nan_ok=True)
        assert tau[unit] == pytest.approx(by_scipy(kendalltau, *pair), abs=1e-12, nan_ok=True)


@given(vectors())
@settings(max_examples=100, deadline=None)
def test_tau_a_is_over_all_pairs(drawn):
    one, other, slots = drawn
    tau = kendall_a(comparisons(one), comparisons(other), slots)
    for unit, size in enumerate(slots.tolist()):
        total = 0
        for i in range(size):
            for j in range(i):
                total += np.sign(one[unit, i] - one[unit, j]) * np.sign(other[unit, i] - other[unit, j])
        assert tau[unit] == pytest.approx(total / (size * (size - 1) / 2), abs=1e-12)


def test_numbers_that_differ_by_rounding_are_equal():
    values = np.array([[(0.1 + 0.2) * 10, 3.0, 3.0 + 1e-6], [0.0, -1e-30, np.nan]])
    found = comparisons(values)
    assert found[0].tolist() == [[0, 0, -1], [0, 0, -1], [1, 1, 0]]
    assert found[1].tolist() == [[0, 1, 0], [-1, 0, 0], [0, 0, 0]]


def test_a_constant_vector_has_no_correlation_but_tau_a():
    flat, gold = comparisons(np.array([[4.0, 4.0, 4.0]])), comparisons(np.array([[1.0, 2.0, 3.0]]))
    assert np.isnan(spearman(flat, gold)).all()
    assert np.isnan(kendall(flat, gold)).all()
    assert kendall_a(flat, gold, np.array([3])).tolist() == [0.0]


class Units:
    """The columns that `alike` reads."""

    def __init__(self, slots, item):
        self.slots, self.shown = np.array(slots, dtype=int), np.array(item, dtype=int)


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_blocks_hold_whole_items_of_one_number_of_responses(item, size):
    slots = [1 + number % 3 for number in item]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "BLOCK", size)
        blocks = [rows.tolist() for rows in alike(Units(slots, item))]
    assert sorted(row for rows in blocks for row in rows) == list(range(len(item)))
    assert all(len({slots[row] for row in rows}) == 1 for rows in blocks)
    held = [{item[row] for row in rows} for rows in blocks]
    assert sum(map(len, held)) == len(set(item))  # no item is in two blocks
    for rows in blocks:  # a block ends with the item that fills it
        last = item[rows[-1]]
        before = sum(item[row] != last for row in rows)
        assert before < max(1, size // slots[rows[0]] ** 2)
