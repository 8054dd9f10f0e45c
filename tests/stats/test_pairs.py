"""Differences of pairs against loops, and p-values of difference and of equivalence in exact fractions."""

from __future__ import annotations

import importlib
import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import (
    acceleration,
    bca,
    bootstrap_counts,
    bootstrap_p,
    deviation,
    differences,
    equivalence,
    jackknife_weights,
    pairs,
    ratio,
    rescaling,
)

module = importlib.import_module("judgebench.stats.pairs")  # the package's attribute of this name is the function

eighths = st.integers(-24, 24).map(lambda k: k / 8)
cells = eighths | st.just(math.nan)
Study = tuple[list[float], list[list[float]]]


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """A point for each of 2 to 5 subjects, and a column of 1 to 30 replicates."""
    n, rows = draw(st.integers(2, 5)), draw(st.integers(1, 30))
    column = st.lists(cells, min_size=rows, max_size=rows)
    return draw(st.lists(eighths, min_size=n, max_size=n)), draw(st.lists(column, min_size=n, max_size=n))


def gaps_of(one: list[float], other: list[float]) -> list[float]:
    return [a - b for a, b in zip(one, other, strict=True) if not math.isnan(a - b)]


def naive_p(value: float, gaps: list[float]) -> Fraction:
    beyond = sum(abs(Fraction(gap) - Fraction(value)) >= abs(Fraction(value)) for gap in gaps)
    return Fraction(1 + beyond, 1 + len(gaps))


def naive_equivalence(value: float, gaps: list[float], margin: float) -> Fraction:
    """Each border in turn is the truth: how often do the replicates, moved there, lie as far inside as the value?"""
    d, m = Fraction(value), Fraction(margin)
    inside_low = sum(-m + (Fraction(gap) - d) >= d for gap in gaps)
    inside_high = sum(m + (Fraction(gap) - d) <= d for gap in gaps)
    return Fraction(1 + max(inside_low, inside_high), 1 + len(gaps))


@given(st.integers(0, 40))
def test_all_pairs_come_in_order(n: int) -> None:
    first, second = pairs(n)
    expected = [(i, j) for i in range(n) for j in range(i + 1, n)]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == expected


@given(studies(), st.sampled_from([0.5, 0.9, 0.95]))
@settings(deadline=None)
def test_differences_equal_the_loop(study: Study, confidence: float) -> None:
    point, columns = study
    first, second = pairs(len(point))
    found = differences(np.array(point), np.array(columns).T, first, second, confidence, interval="percentile")
    for k, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        gaps = gaps_of(columns[i], columns[j])
        assert found.value[k] == point[i] - point[j]
        error = statistics.stdev(gaps) if len(gaps) > 1 else math.nan
        assert found.standard_error[k] == pytest.approx(error, rel=1e-9, abs=1e-9, nan_ok=True)
        tail = (1 - confidence) / 2
        ends = [float(np.quantile(gaps, q)) for q in (tail, 1 - tail)] if gaps else [math.nan] * 2
        assert [found.low[k], found.high[k]] == pytest.approx(ends, rel=1e-9, abs=1e-9, nan_ok=True)


@given(st.data(), st.lists(st.integers(0, 1), min_size=3, max_size=12), st.integers(0, 1000))
@settings(deadline=None)
def test_the_bca_interval_is_that_of_the_difference_as_one_statistic(
    data: st.DataObject, strata: list[int], seed: int
) -> None:
    cluster = st.lists(eighths, min_size=3, max_size=3)
    values = np.array(data.draw(st.lists(cluster, min_size=len(strata), max_size=len(strata))))
    labels = np.array(strata)
    weights = bootstrap_counts(labels, 60, seed) * rescaling(labels)
    first, second = pairs(3)

    def study(of: np.ndarray) -> list[np.ndarray]:
        rows = (np.ones((1, len(of))), weights, jackknife_weights(labels))
        return [ratio(row, of, np.ones_like(of)) for row in rows]

    point, replicates, without_one = study(values)
    found = differences(point[0], replicates, first, second, 0.9, strata=labels, without_one=without_one)
    point, replicates, without_one = study(values[:, first] - values[:, second])  # differences first, means second
    low, high = bca(point[0], replicates, acceleration(labels, without_one), 0.9)
    np.testing.assert_allclose(found.value, point[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.low, low, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.high, high, rtol=1e-9, atol=1e-9)


@given(studies(), st.sampled_from([0.0, 0.125, 0.5, 1.0]))
@settings(deadline=None)
def test_p_equals_the_count_in_fractions(study: Study, floor: float) -> None:
    point, columns = study
    first, second = pairs(len(point))
    found = bootstrap_p(np.array(point), np.array(columns).T, first, second, floor)
    for k, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        exact = naive_p(point[i] - point[j], gaps_of(columns[i], columns[j]))
        assert found[k] == max(float(exact), floor)
        if point[i] == point[j]:
            assert found[k] == 1.0
    turned = bootstrap_p(np.array(point), np.array(columns).T, second, first, floor)
    np.testing.assert_array_equal(turned, found)


@given(studies(), st.integers(1, 80))
@settings(deadline=None)
def test_blocks_do_not_matter(study: Study, cells: int) -> None:
    point, replicates = np.array(study[0]), np.array(study[1]).T
    index = pairs(len(point))
    floor = np.linspace(0, 0.3, len(index[0]))
    whole = differences(point, replicates, *index, 0.95, interval="percentile")
    p = bootstrap_p(point, replicates, *index, floor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CELLS", cells)
        again = differences(point, replicates, *index, 0.95, interval="percentile")
        np.testing.assert_array_equal(again.low, whole.low)
        np.testing.assert_array_equal(again.high, whole.high)
        np.testing.assert_allclose(again.standard_error, whole.standard_error, rtol=1e-12)
        np.testing.assert_array_equal(bootstrap_p(point, replicates, *index, floor), p)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_rounding_does_not_break_ties(offset: float) -> None:
    rng = np.random.default_rng(7)
    right = rng.random((30, 4)) < 0.5
    strata, one = np.zeros(30, dtype=int), np.ones((30, 4))
    counts = bootstrap_counts(strata, 400, 1)
    weights = counts * rescaling(strata)  # sums of these are rounded
    point = ratio(np.ones((1, 30)), right + offset, one)[0]
    first, second = pairs(4)
    found = bootstrap_p(point, ratio(weights, right + offset, one), first, second)
    ahead = right.sum(axis=0)[first] - right.sum(axis=0)[second]
    sums = counts.astype(int) @ right.astype(int)
    gaps = sums[:, first] - sums[:, second]  # in whole numbers: D* = gaps / 29, D = ahead / 30
    exact = (np.abs(30 * gaps - 29 * ahead) >= np.abs(29 * ahead)).sum(axis=0)
    assert found.tolist() == ((1 + exact) / 401).tolist()


def test_no_spread_and_no_data() -> None:
    first, second = pairs(4)
    replicates = np.tile([0.5, 0.5, 0.75, np.nan], (99, 1))
    p = bootstrap_p(np.array([0.5, 0.5, 0.75, np.nan]), replicates, first, second)
    np.testing.assert_array_equal(p, [1.0, 0.01, np.nan, 0.01, np.nan, np.nan])
    p = bootstrap_p(np.array([0.5, 0.5, 0.75, 0.25]), replicates, first, second, 0.03125)
    np.testing.assert_array_equal(p, [1.0, 0.03125, 1.0, 0.03125, 1.0, 1.0])  # no replicate, no evidence
    found = differences(np.array([0.5, 0.5, 0.75, np.nan]), replicates, first, second, 0.95, interval="percentile")
    np.testing.assert_array_equal(found.standard_error, [0.0, 0.0, np.nan, 0.0, np.nan, np.nan])
    np.testing.assert_array_equal(found.low, [0.0, -0.25, np.nan, -0.25, np.nan, np.nan])


@given(eighths, st.lists(cells, min_size=1, max_size=30), st.integers(1, 40).map(lambda k: k / 8))
@settings(deadline=None)
def test_equivalence_equals_the_count_in_fractions(value: float, gaps: list[float], margin: float) -> None:
    found = equivalence(value, np.array(gaps), margin)
    assert found == float(naive_equivalence(value, [gap for gap in gaps if not math.isnan(gap)], margin))
    assert equivalence(-value, -np.array(gaps), margin) == found
    assert equivalence(value, np.array(gaps), margin, 0.25) == max(found, 0.25)


def test_equivalence_is_schuirmanns_test_where_the_replicates_are_normal() -> None:
    normal = statistics.NormalDist()
    grid = np.array([0.4 * normal.inv_cdf((k + 0.5) / 100_000) for k in range(100_000)])
    for value, margin in ((0.0, 1.0), (0.3, 1.0), (-0.5, 0.8), (1.2, 1.0)):
        expected = max(normal.cdf(-(margin + value) / 0.4), normal.cdf(-(margin - value) / 0.4))
        assert equivalence(value, grid + value, margin) == pytest.approx(expected, abs=2e-5)


@given(st.lists(cells, min_size=1, max_size=20))
def test_deviation_leaves_out_what_is_missing(column: list[float]) -> None:
    known = [value for value in column if not math.isnan(value)]
    found = deviation(np.array([column]).T)[0]
    assert found == pytest.approx(statistics.stdev(known) if len(known) > 1 else math.nan, abs=1e-9, nan_ok=True)


def test_bad_arguments_are_refused() -> None:
    point, replicates = np.zeros(2), np.zeros((3, 2))
    first, second = pairs(2)
    for margin in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="margin"):
            equivalence(0.0, np.zeros(3), margin)
    with pytest.raises(ValueError, match="infinite"):
        equivalence(0.0, np.array([math.inf]), 1.0)
    with pytest.raises(ValueError, match="bca needs"):
        differences(point, replicates, first, second, 0.95)
    with pytest.raises(ValueError, match="confidence"):
        differences(point, replicates, first, second, 95.0, interval="percentile")
