"""Step-down p-values against the algorithm step by step in exact fractions."""

from __future__ import annotations

import importlib
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from judgebench.stats import bootstrap_counts, bootstrap_p, pairs, ratio, rescaling, stepdown

module = importlib.import_module("judgebench.stats.stepdown")  # the package's attribute of this name is the function

eighths = st.integers(-24, 24).map(lambda k: k / 8)
Columns = list[list[float]]
Study = tuple[list[float], Columns]


@st.composite
def studies(draw: st.DrawFn, missing: bool = False) -> Study:
    n, rows = draw(st.integers(2, 5)), draw(st.integers(1, 25))
    cell = eighths | st.just(math.nan) if missing else eighths
    column = st.lists(cell, min_size=rows, max_size=rows)
    steady = eighths.map(lambda value: [value] * rows)
    return draw(st.lists(eighths, min_size=n, max_size=n)), draw(st.lists(column | steady, min_size=n, max_size=n))


def squares(point: list[float], columns: Columns) -> list[tuple[Fraction | float, list[Fraction | None]]]:
    """For each pair the square of its statistic and of its replicates moved to 0; None where there are no data."""
    found: list[tuple[Fraction | float, list[Fraction | None]]] = []
    for i, j in zip(*(index.tolist() for index in pairs(len(point))), strict=True):
        value = Fraction(point[i]) - Fraction(point[j])
        both = zip(columns[i], columns[j], strict=True)
        gaps = [None if math.isnan(a - b) else Fraction(a) - Fraction(b) for a, b in both]
        known = [gap for gap in gaps if gap is not None]
        mean = Fraction(sum(known)) / max(1, len(known))
        variance = Fraction(sum((gap - mean) ** 2 for gap in known)) / max(1, len(known) - 1)
        statistic: Fraction | float = Fraction(0)
        if value and len(known) > 1:
            statistic = value**2 / variance if variance else math.inf
        moved = [gap if gap is None else (gap - value) ** 2 / variance if variance else Fraction(0) for gap in gaps]
        found.append((statistic, moved))
    return found


def naive(point: list[float], columns: Columns) -> list[Fraction]:
    """Take the largest statistic, hold it against the largest of those that are left in each replicate, drop it."""
    family = squares(point, columns)
    left = sorted(range(len(family)), key=lambda k: -family[k][0])
    adjusted, least = [Fraction(1)] * len(family), Fraction(0)
    while left:
        statistic, own = family[left[0]]
        known = [b for b, gap in enumerate(own) if gap is not None]
        largest = [max(gap for k in left if (gap := family[k][1][b]) is not None) for b in known]
        least = max(least, Fraction(1 + sum(most >= statistic for most in largest), 1 + len(known)))
        adjusted[left.pop(0)] = least if statistic else Fraction(1)
    return adjusted


def run(study: Study, floor: np.ndarray | float = 0.0) -> np.ndarray:
    return stepdown(np.array(study[0]), np.array(study[1]).T, *pairs(len(study[0])), floor)


@given(studies())
@settings(deadline=None)
def test_it_equals_the_algorithm_in_fractions(study: Study) -> None:
    assert run(study).tolist() == [float(p) for p in naive(*study)]


@given(studies(missing=True))
@settings(deadline=None)
def test_it_equals_the_algorithm_where_data_are_missing(study: Study) -> None:
    statistics = [statistic for statistic, _ in squares(*study) if statistic]
    assume(len(set(statistics)) == len(statistics))  # where they differ in their data, the order of equal ones matters
    assert run(study).tolist() == [float(p) for p in naive(*study)]


@given(studies(missing=True))
@settings(deadline=None)
def test_it_is_never_below_the_pairs_own_and_alone_equal_to_it(study: Study) -> None:
    point, replicates = np.array(study[0]), np.array(study[1]).T
    first, second = pairs(len(point))
    own, adjusted = bootstrap_p(point, replicates, first, second), run(study)
    spread = np.array([statistic != math.inf for statistic, _ in squares(*study)])  # else at the floor, by definition
    assert (adjusted >= own)[spread].all()
    several = np.array([sum(gap is not None for gap in moved) != 1 for _, moved in squares(*study)])
    for k in np.flatnonzero(spread & several):  # the spread of one replicate is unknown
        assert stepdown(point, replicates, first[k : k + 1], second[k : k + 1])[0] == own[k]


@given(st.data(), studies(), st.integers(1, 100))
@settings(deadline=None)
def test_order_and_blocks_do_not_matter(data: st.DataObject, study: Study, cells: int) -> None:
    point, replicates = np.array(study[0]), np.array(study[1]).T
    first, second = pairs(len(point))
    whole = run(study)
    order = data.draw(st.permutations(range(len(first))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CELLS", cells)
        again = stepdown(point, replicates, second[order], first[order])
    np.testing.assert_array_equal(again, whole[order])


@given(studies(), st.floats(0, 1))
@settings(deadline=None)
def test_floors_are_kept(study: Study, floor: float) -> None:
    plain = run(study)
    np.testing.assert_array_equal(run(study, floor), np.maximum(plain, floor))
    each = np.linspace(0, 1, len(plain))
    np.testing.assert_array_equal(run(study, each), np.maximum(plain, each))


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_rounding_does_not_break_ties(offset: float) -> None:
    rng = np.random.default_rng(3)
    for seed in range(20):
        right = rng.random((20, 2)) < 0.5
        strata, one = np.zeros(20, dtype=int), np.ones((20, 2))
        counts = bootstrap_counts(strata, 200, seed)
        weights = counts * rescaling(strata)  # sums of these are rounded
        point = ratio(np.ones((1, 20)), right + offset, one)[0]
        found = stepdown(point, ratio(weights, right + offset, one), *pairs(2))[0]
        ahead = int(right[:, 0].sum()) - int(right[:, 1].sum())
        gaps = counts.astype(int) @ (right[:, 0].astype(int) - right[:, 1])  # D* = gaps / 19, D = ahead / 20
        exact = (np.abs(20 * gaps - 19 * ahead) >= abs(19 * ahead)).sum()
        assert found == (1 + exact) / 201


def test_a_difference_without_spread_leaves_the_others_alone() -> None:
    replicates, point = np.random.default_rng(1).normal(size=(499, 2)), np.array([0.0, 2.5])
    alone = stepdown(point, replicates, *pairs(2))[0]
    steady = np.column_stack([replicates, np.full(499, 7.0), np.full(499, 8.0), np.full(499, 7.0)])
    point = np.array([0.0, 2.5, 7.0, 8.0, 7.0])
    found = stepdown(point, steady, np.array([0, 2, 2, 3]), np.array([1, 3, 4, 4]), np.array([0, 0.03125, 0, 0]))
    assert found.tolist() == [alone, 0.03125, 1.0, 1 / 500]


def test_no_data_stays_with_its_pairs() -> None:
    replicates, point = np.random.default_rng(1).normal(size=(499, 3)), np.array([0.0, 1.0, 2.5])
    whole = stepdown(point, replicates, *pairs(3))
    first, second = pairs(4)
    theirs = (first == 3) | (second == 3)
    for value in (0.7, np.nan):
        found = stepdown(np.append(point, value), np.column_stack([replicates, np.full(499, np.nan)]), first, second)
        assert found[~theirs].tolist() == whole.tolist()
        np.testing.assert_array_equal(found[theirs], 1.0 if value == 0.7 else np.nan)
    unknown = stepdown(np.append(point, np.nan), np.column_stack([replicates, replicates[:, 0]]), first, second)
    assert unknown[~theirs].tolist() == whole.tolist()
    assert np.isnan(unknown[theirs]).all()
