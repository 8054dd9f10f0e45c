"""Intervals against loops, numpy's quantile and scipy's Wilson interval."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import bca, of_difference, percentile, wilson

normal = NormalDist()
confidences = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.9999])
cells = st.integers(-16, 16).map(lambda k: k / 8) | st.just(math.nan)
Columns = list[list[float]]


@st.composite
def columns(draw: st.DrawFn) -> Columns:
    replicates = draw(st.integers(1, 30))
    return draw(st.lists(st.lists(cells, min_size=replicates, max_size=replicates), min_size=1, max_size=4))


def naive_quantile(values: list[float], probability: float) -> float:
    ordered = sorted(v for v in values if not math.isnan(v))
    if not ordered:
        return math.nan
    place = (len(ordered) - 1) * probability
    lower = int(place)
    upper = min(lower + 1, len(ordered) - 1)
    return (1 - (place - lower)) * ordered[lower] + (place - lower) * ordered[upper]


def naive_bca(point: float, values: list[float], a: float, confidence: float) -> tuple[float, float]:
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return math.nan, math.nan
    if min(known) == max(known):
        return point, point
    below = sum(Fraction(1) if v < point else Fraction(1, 2) if v == point else Fraction(0) for v in known)
    share = below / len(known)
    half = Fraction(1, 2 * len(known))
    z0 = normal.inv_cdf(float(min(max(share, half), 1 - half)))
    ends = []
    for z in (normal.inv_cdf((1 - confidence) / 2), normal.inv_cdf((1 + confidence) / 2)):
        w = z0 + z
        if 1 - a * w > 0:
            ends.append(naive_quantile(known, normal.cdf(z0 + w / (1 - a * w))))
        else:
            ends.append(max(known) if w > 0 else min(known))
    return ends[0], ends[1]


@given(columns(), confidences)
@settings(deadline=None)
def test_percentile_equals_the_loop(table: Columns, confidence: float) -> None:
    low, high = percentile(np.array(table).T, confidence)
    tail = (1 - confidence) / 2
    np.testing.assert_allclose(low, [naive_quantile(c, tail) for c in table], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(high, [naive_quantile(c, 1 - tail) for c in table], rtol=1e-9, atol=1e-9)


def test_the_quantile_is_type_7() -> None:
    replicates = np.random.default_rng(1).normal(size=(1001, 3))
    low, high = percentile(replicates, 0.9)
    np.testing.assert_allclose(low, np.quantile(replicates, 0.05, axis=0, method="linear"), rtol=1e-12)
    np.testing.assert_allclose(high, np.quantile(replicates, 0.95, axis=0, method="linear"), rtol=1e-12)


@given(st.data(), columns(), confidences)
@settings(deadline=None)
def test_bca_equals_the_loop(data: st.DataObject, table: Columns, confidence: float) -> None:
    n = len(table)
    point = data.draw(st.lists(st.integers(-20, 20).map(lambda k: k / 8), min_size=n, max_size=n))
    skew = data.draw(st.lists(st.floats(-1 / 6, 1 / 6) | st.just(0.5), min_size=n, max_size=n))
    low, high = bca(np.array(point), np.array(table).T, np.array(skew), confidence)
    expected = [naive_bca(p, c, a, confidence) for p, c, a in zip(point, table, skew, strict=True)]
    np.testing.assert_allclose(np.stack([low, high], axis=1), expected, rtol=1e-9, atol=1e-9)
    data_there = ~np.isnan(np.array(table)).all(axis=1)
    assert (np.isfinite(low) == data_there).all()
    assert (np.isfinite(high) == data_there).all()
    assert (low[data_there] <= high[data_there]).all()


@given(st.data(), columns())
@settings(deadline=None)
def test_shuffling_subjects_or_replicates_shuffles_the_result(data: st.DataObject, table: Columns) -> None:
    n = len(table)
    order = data.draw(st.permutations(range(n)))
    rows = data.draw(st.permutations(range(len(table[0]))))
    values, point, skew = np.array(table).T, np.arange(n) / 8, np.linspace(-0.1, 0.1, n)
    straight = bca(point, values, skew, 0.95) + percentile(values, 0.95)
    shuffled = values[rows][:, order]
    again = bca(point[order], shuffled, skew[order], 0.95) + percentile(shuffled, 0.95)
    for one, other in zip(straight, again, strict=True):
        np.testing.assert_array_equal(one[order], other)


def test_a_column_without_spread_gives_the_point() -> None:
    replicates = np.column_stack([np.ones(50), np.where(np.arange(50) % 2, 0.3, 0.1 + 0.2), np.zeros(50)])
    point = np.array([1.0, 0.3, 0.0])
    low, high = bca(point, replicates, np.array([0.0, 0.1, -0.1]), 0.95)
    assert low.tolist() == high.tolist() == point.tolist()
    assert percentile(np.ones((9, 1)), 0.95) == (np.array([1.0]), np.array([1.0]))


def test_rounding_does_not_break_ties() -> None:
    rng = np.random.default_rng(0)
    exact = rng.choice([0.5, 0.75, *np.linspace(0.3, 0.7, 100)], size=(501, 1), p=[0.3, 0.1, *[0.006] * 100])
    expected = bca(np.array([0.5]), exact, np.array([0.05]), 0.95)
    for noise in (-1e-15, 1e-15):  # all ties to one side
        found = bca(np.array([0.5]), exact * (1 + noise), np.array([0.05]), 0.95)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("point", [-5.0, 5.0])
def test_a_point_beyond_its_replicates_has_finite_ends_inside_them(point: float) -> None:
    replicates = np.linspace(-1.0, 1.0, 1000)[:, None]
    for a in (-0.5, 0.0, 0.5):
        low, high = bca(np.array([point]), replicates, np.array([a]), 0.999)
        assert -1.0 <= low[0] <= high[0] <= 1.0


def test_no_data_is_nan() -> None:
    replicates = np.column_stack([np.full(9, np.nan), np.arange(9.0), np.arange(9.0)])
    low, high = bca(np.array([np.nan, np.nan, 4.0]), replicates, np.array([np.nan, 0.0, np.nan]), 0.95)
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    low, high = percentile(replicates, 0.95)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False, False]


@given(st.integers(1, 400), st.data(), confidences)
@settings(deadline=None)
def test_wilson_equals_scipy_and_solves_the_score_equation(n: int, data: st.DataObject, confidence: float) -> None:
    k = data.draw(st.integers(0, n))
    low, high = wilson(k, n, confidence)
    theirs = scipy.stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=1e-12)
    assert 0.0 <= low <= k / n <= high <= 1.0
    z = normal.inv_cdf((1 + confidence) / 2)
    for end in (low, high):
        assert (k / n - end) ** 2 == pytest.approx(z * z * end * (1 - end) / n, rel=1e-6, abs=1e-12)
    mirrored = wilson(n - k, n, confidence)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-12)


def test_wilson_takes_halves_and_keeps_the_border() -> None:
    assert wilson(2.5, 10, 0.95)[0] < 0.25 < wilson(2.5, 10, 0.95)[1]
    for n in range(1, 300):
        assert wilson(0, n, 0.95)[0] == 0.0
        assert wilson(n, n, 0.95)[1] == 1.0


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0, 95.0, math.nan])
def test_a_confidence_outside_0_and_1_is_refused(confidence: float) -> None:
    one = np.zeros(1)
    calls = (
        lambda: percentile(np.zeros((2, 1)), confidence),
        lambda: bca(one, np.zeros((2, 1)), one, confidence),
        lambda: wilson(1, 2, confidence),
    )
    for call in calls:
        with pytest.raises(ValueError, match="confidence"):
            call()


def test_bad_arguments_are_refused() -> None:
    one, two = np.zeros(1), np.zeros((2, 1))
    with pytest.raises(ValueError, match="same subjects"):
        bca(np.zeros(2), two, one, 0.95)
    with pytest.raises(ValueError, match="same subjects"):
        bca(one, two, np.zeros(2), 0.95)
    with pytest.raises(ValueError, match="infinite"):
        percentile(np.array([[np.inf]]), 0.95)
    with pytest.raises(ValueError, match="at least one row"):
        percentile(np.zeros((0, 1)), 0.95)
    with pytest.raises(ValueError, match="2 axes"):
        percentile(one, 0.95)
    for successes, n in ((1, 0), (-1, 5), (6, 5), (math.nan, 5), (1, math.nan), (1, math.inf)):
        with pytest.raises(ValueError, match=r"^(n|successes) must"):
            wilson(successes, n, 0.95)


def test_the_interval_of_a_difference_holds_that_of_each_side():
    a, b = (np.array([60.0]), np.array([50.0]), np.array([72.0])), (np.array([0.0]), np.array([0.0]), np.array([79.3]))
    low, high = of_difference(a, b)
    assert low[0] == pytest.approx(60 - math.sqrt(10**2 + 79.3**2))
    assert high[0] == pytest.approx(60 + 12)
    # Newcombe (1998), table II, contrast (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339
    sides = [tuple(np.array([v]) for v in (k / n, *wilson(k, n, 0.95))) for k, n in ((56, 70), (48, 80))]
    low, high = of_difference(*sides)
    assert (low[0], high[0]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))
