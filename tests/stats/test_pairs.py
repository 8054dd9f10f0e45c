"""Pairs against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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
    percentile,
    ratio,
    rescaling,
)

# a coarse grid, so that ties occur
VALUES = hnp.arrays(
    float, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=12), elements=st.integers(-4, 4)
)


def test_pairs_are_all_pairs_in_order():
    first, second = pairs(4)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert len(pairs(1)[0]) == 0


@given(VALUES)
def test_intervals_are_those_of_the_difference_taken_as_a_statistic(replicates):
    point = replicates[0]
    first, second = pairs(replicates.shape[1])
    found = differences(point, replicates, first, second, 0.9, interval="percentile")
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        low, high = percentile((replicates[:, i] - replicates[:, j])[:, None], 0.9)
        assert (found.low[k], found.high[k]) == (low[0], high[0])
        assert found.value[k] == point[i] - point[j]
        mean = sum(replicates[:, i] - replicates[:, j]) / len(replicates)
        spread = sum((replicates[b, i] - replicates[b, j] - mean) ** 2 for b in range(len(replicates)))
        assert found.standard_error[k] == pytest.approx(math.sqrt(spread / (len(replicates) - 1)), abs=1e-9)


def test_bca_of_a_difference_is_bca_of_a_statistic():
    rng = np.random.default_rng(3)
    scores, strata = rng.random((40, 3)), np.repeat([0, 1], [25, 15])
    ones = np.ones_like(scores)
    weights = bootstrap_counts(strata, 400, 1) * rescaling(strata)
    replicates, left = ratio(weights, scores, ones), ratio(jackknife_weights(strata), scores, ones)
    point = ratio(np.ones((1, 40)), scores, ones)[0]
    first, second = pairs(3)
    found = differences(point, replicates, first, second, 0.95, strata=strata, without_one=left)
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        gap = (scores[:, i] - scores[:, j])[:, None]
        mine = ratio(weights, gap, ones[:, :1])
        skew = acceleration(strata, ratio(jackknife_weights(strata), gap, ones[:, :1]))
        low, high = bca(gap.mean(axis=0), mine, skew, 0.95)
        assert found.low[k] == pytest.approx(low[0], abs=1e-9)
        assert found.high[k] == pytest.approx(high[0], abs=1e-9)


def test_bca_needs_the_jackknife():
    with pytest.raises(ValueError, match="strata"):
        differences(np.zeros(2), np.zeros((3, 2)), *pairs(2), 0.95)


@given(VALUES, st.data())
def test_the_p_value_counts_replicates_as_far_away(replicates, data):
    point = np.array(
        data.draw(st.lists(st.integers(-4, 4), min_size=replicates.shape[1], max_size=replicates.shape[1]))
    )
    first, second = pairs(replicates.shape[1])
    found = bootstrap_p(point.astype(float), replicates, first, second)
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        value = point[i] - point[j]
        beyond = sum(abs(row[i] - row[j] - value) >= abs(value) for row in replicates)
        assert found[k] == (1 + beyond) / (1 + len(replicates))


def test_p_values_leave_replicates_without_data_out_and_keep_their_floor():
    replicates = np.array([[1.0, 0.0], [np.nan, 0.0], [3.0, 0.0]])
    assert bootstrap_p(np.array([5.0, 0.0]), replicates, *pairs(2))[0] == 1 / 3
    assert bootstrap_p(np.array([50.0, 0.0]), replicates, *pairs(2), floor=0.5)[0] == 0.5
    assert bootstrap_p(np.array([2.0, 2.0]), replicates, *pairs(2))[0] == 1.0


@given(
    st.lists(st.integers(-6, 6), min_size=1, max_size=30),
    st.integers(-5, 5),
    st.integers(1, 6),
)
def test_equivalence_is_the_larger_of_two_one_sided_tests(gaps, value, margin):
    away = [gap - value for gap in gaps]
    below = (1 + sum(gap >= value + margin for gap in away)) / (1 + len(gaps))
    above = (1 + sum(gap <= value - margin for gap in away)) / (1 + len(gaps))
    assert equivalence(float(value), np.array(gaps, float), float(margin)) == max(below, above)


def test_equivalence_needs_a_margin_and_respects_the_floor():
    gaps = np.random.default_rng(0).normal(0.0, 0.1, 999)
    assert equivalence(0.0, gaps, 1.0) == 0.001
    assert equivalence(0.0, gaps, 1.0, floor=0.25) == 0.25
    assert equivalence(2.0, gaps + 2.0, 1.0) > 0.9
    with pytest.raises(ValueError, match="margin"):
        equivalence(0.0, gaps, 0.0)


@settings(max_examples=30)
@given(VALUES, st.data())
def test_the_deviation_leaves_nan_out(replicates, data):
    holes = data.draw(hnp.arrays(bool, replicates.shape))
    values = np.where(holes, np.nan, replicates)
    found = deviation(values)
    for column, value in zip(values.T, found, strict=True):
        known = column[~np.isnan(column)]
        expected = known.std(ddof=1) if len(known) > 1 else math.nan
        assert value == pytest.approx(expected, abs=1e-9, nan_ok=True)
