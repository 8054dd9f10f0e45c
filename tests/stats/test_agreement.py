"""Kappa of tables, against known figures and against its definition in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.stats.agreement import kappa

CELLS = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3)


def by_definition(cells):
    n = sum(map(sum, cells))
    if n == 0:
        return None
    observed = Fraction(sum(cells[k][k] for k in range(3)), n)
    chance = sum(Fraction(sum(cells[k]), n) * Fraction(sum(row[k] for row in cells), n) for k in range(3))
    return None if chance == 1 else float((observed - chance) / (1 - chance))


@given(tables=st.lists(CELLS, min_size=1, max_size=4))
def test_it_is_what_its_definition_says(tables):
    found = kappa(np.array(tables, dtype=float))
    for value, cells in zip(found, tables, strict=True):
        expected = by_definition(cells)
        assert np.isnan(value) if expected is None else value == pytest.approx(expected, abs=1e-12)


def test_a_published_example():
    """Cohen (1960), table 1: kappa .49 of p_o .70 and p_e .41."""
    cells = np.array([[88.0, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert kappa(cells) == pytest.approx((0.70 - 0.41) / 0.59, abs=1e-12)


def test_sides_that_say_one_label_alone_have_none():
    assert np.isnan(kappa(np.diag([5.0, 0.0, 0.0])))
    assert kappa(np.array([[0.0, 5.0, 0.0], [0, 0, 0], [0, 0, 0]])) == 0.0
