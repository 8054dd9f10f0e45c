"""Resample weights against loops, exact arithmetic and the moments they must have."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import (
    acceleration,
    bootstrap_counts,
    jackknife_weights,
    joined_strata,
    resample,
    rescaling,
)

labels = st.lists(st.integers(-2, 3), min_size=1, max_size=14)
eighths = st.integers(-800, 800).map(lambda k: k / 8)


def sizes(strata: list[int]) -> dict[int, int]:
    return dict(Counter(strata))


def naive_counts(strata: list[int], replicates: int, seed: int) -> list[list[int]]:
    table = [[0] * len(strata) for _ in range(replicates)]
    names = sorted(set(strata))
    for name, child in zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True):
        member = [i for i, label in enumerate(strata) if label == name]
        stream = np.random.Generator(np.random.PCG64(child))
        for row in table:
            for place in stream.integers(0, len(member), size=len(member) - 1 or 1):
                row[member[place]] += 1
    return table


def naive_joined(strata: list[int], least: int) -> list[int]:
    """The labels after joining: one by one, from a dictionary of groups."""
    small = {name for name, n in sizes(strata).items() if n < least}
    while small and sum(label in small for label in strata) < least and small != set(strata):
        small.add(min(set(strata) - small, key=lambda name: (sizes(strata)[name], name)))
    return [min(small) if label in small else label for label in strata]


def naive_weights(strata: list[int]) -> list[list[float]]:
    rows = []
    for i, dropped in enumerate(strata):
        n = sizes(strata)[dropped]
        row = []
        for j, label in enumerate(strata):
            if n == 1 or label != dropped:
                row.append(1.0)
            else:
                row.append(0.0 if i == j else n / (n - 1))
        rows.append(row)
    return rows


def naive_acceleration(strata: list[int], column: list[float]) -> float:
    """The formula in exact fractions; NaN counts as no deviation."""
    if all(math.isnan(value) for value in column):
        return math.nan
    squares, cubes = Fraction(0), Fraction(0)
    for name, n in sizes(strata).items():
        known = [Fraction(v) for v, s in zip(column, strata, strict=True) if s == name and not math.isnan(v)]
        for value in known:
            deviation = Fraction(n - 1, n) * (sum(known) / len(known) - value)
            squares += deviation**2
            cubes += deviation**3
    return float(cubes) / (6 * float(squares) ** 1.5) if squares else 0.0


@given(labels, st.integers(1, 40), st.integers(0, 2**64))
@settings(deadline=None)
def test_counts_equal_the_loop(strata: list[int], replicates: int, seed: int) -> None:
    counts = bootstrap_counts(np.array(strata), replicates, seed)
    assert counts.dtype == np.uint16
    assert counts.tolist() == naive_counts(strata, replicates, seed)


@given(labels, st.integers(0, 1000))
@settings(deadline=None)
def test_weights_keep_every_stratum_at_its_size(strata: list[int], seed: int) -> None:
    counts = bootstrap_counts(np.array(strata), 25, seed)
    weights = counts * rescaling(np.array(strata))
    for name, n in sizes(strata).items():
        mine = np.array(strata) == name
        assert (counts[:, mine].sum(axis=1) == max(1, n - 1)).all()
        np.testing.assert_allclose(weights[:, mine].sum(axis=1), n, rtol=1e-12)
        if n == 1:
            assert (weights[:, mine] == 1).all()


@given(labels, st.integers(1, 30), st.integers(1, 200))
@settings(deadline=None)
def test_counts_do_not_depend_on_the_block(strata: list[int], replicates: int, cells: int) -> None:
    whole = bootstrap_counts(np.array(strata), replicates, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resample, "BLOCK_CELLS", cells)
        assert (bootstrap_counts(np.array(strata), replicates, 5) == whole).all()


def test_counts_follow_the_seed_and_a_longer_run_begins_like_a_shorter_one() -> None:
    strata = np.array([0] * 700 + [1] * 105)
    counts = bootstrap_counts(strata, 500, 1)
    assert (counts == bootstrap_counts(strata, 500, 1)).all()
    assert (counts != bootstrap_counts(strata, 500, 2)).any()
    assert (counts[:200] == bootstrap_counts(strata, 200, 1)).all()


def test_strata_of_one_size_are_drawn_independently() -> None:
    counts = bootstrap_counts(np.array([0, 1] * 20), 4000, 3).astype(float)
    across = np.corrcoef(counts.T)[::2, 1::2]
    assert np.abs(across).max() < 0.08  # 5 standard errors of a correlation over 4,000 draws


@pytest.mark.parametrize("n", [2, 5, 20])
def test_weights_have_the_moments_that_give_the_unbiased_variance(n: int) -> None:
    strata = np.zeros(n, dtype=np.int64)
    weights = bootstrap_counts(strata, 40_000, 11) * rescaling(strata)
    expected = n / (n - 1) * (np.eye(n) - 1 / n)  # so that Var(Σ w x / n) = s² / n with s² over n - 1
    assert weights.mean(axis=0) == pytest.approx(np.ones(n), abs=5 / math.sqrt(40_000))
    assert np.abs(np.cov(weights.T) - expected).max() < 0.05
    data = np.random.default_rng(5).exponential(size=n)
    assert np.var(weights @ data / n) == pytest.approx(data.var(ddof=1) / n, rel=0.05)


@given(labels, st.integers(1, 8))
@settings(deadline=None)
def test_joined_strata_equal_the_loop(strata: list[int], least: int) -> None:
    given = np.array(strata)
    joined = joined_strata(given, least)
    assert joined.tolist() == naive_joined(strata, least)
    assert given.tolist() == strata
    assert min(sizes(joined.tolist()).values()) >= min(least, len(strata))
    assert joined_strata(joined, least).tolist() == joined.tolist()


def test_small_strata_are_joined_and_large_ones_left() -> None:
    assert joined_strata(np.array([7] * 5 + [3] * 6)).tolist() == [7] * 5 + [3] * 6
    assert joined_strata(np.array([0, 0, 1, 1, 2, 2] + [3] * 5)).tolist() == [0] * 6 + [3] * 5
    assert joined_strata(np.array([4] + [2] * 9 + [1] * 6 + [0] * 6)).tolist() == [0] + [2] * 9 + [1] * 6 + [0] * 6
    assert joined_strata(np.array([1, 0])).tolist() == [0, 0]


@given(labels)
@settings(deadline=None)
def test_jackknife_weights_equal_the_loop(strata: list[int]) -> None:
    weights = jackknife_weights(np.array(strata))
    np.testing.assert_allclose(weights, naive_weights(strata), rtol=1e-9)
    for name, n in sizes(strata).items():
        np.testing.assert_allclose(weights[:, np.array(strata) == name].sum(axis=1), n, rtol=1e-12)


@given(st.data(), labels, st.integers(1, 3))
@settings(deadline=None)
def test_acceleration_equals_the_formula_in_fractions(data: st.DataObject, strata: list[int], subjects: int) -> None:
    column = st.lists(eighths | st.just(math.nan), min_size=len(strata), max_size=len(strata))
    columns = [data.draw(column) for _ in range(subjects)]
    found = acceleration(np.array(strata), np.array(columns).T)
    np.testing.assert_allclose(found, [naive_acceleration(strata, c) for c in columns], rtol=1e-9, atol=1e-9)
    assert not (np.abs(found) > 1 / 6 + 1e-12).any()
    back = acceleration(np.array(strata), np.array(columns[::-1]).T)
    np.testing.assert_array_equal(back, found[::-1])


def test_a_stratum_of_one_contributes_nothing() -> None:
    values = np.array([[1.0], [2.0], [7.0], [100.0]])
    with_single = acceleration(np.array([0, 0, 0, 1]), values)
    assert with_single == pytest.approx(acceleration(np.array([0, 0, 0]), values[:3]))


def test_strata_are_centred_each_on_its_own_mean() -> None:
    values = np.array([[0.0], [1.0], [50.0], [51.0]])  # symmetric within strata, so no skewness
    assert acceleration(np.array([0, 0, 1, 1]), values) == pytest.approx([0.0], abs=1e-12)
    assert np.abs(acceleration(np.array([0, 0, 1, 2]), values)) == pytest.approx([0.0], abs=1e-12)


def test_rounding_is_no_deviation() -> None:
    values = np.array([[0.3], [0.1 + 0.2], [0.3], [0.3]])
    assert acceleration(np.zeros(4, dtype=int), values).tolist() == [0.0]


@pytest.mark.parametrize("strata", [np.array([], dtype=int), np.array([0.0, 1.0]), np.array([[0, 1]])])
def test_bad_strata_are_refused(strata: np.ndarray) -> None:
    with pytest.raises(ValueError, match="strata"):
        bootstrap_counts(strata, 10, 0)
    for function in (jackknife_weights, joined_strata, rescaling):
        with pytest.raises(ValueError, match="strata"):
            function(strata)
    with pytest.raises(ValueError, match="strata"):
        acceleration(strata, np.zeros((2, 1)))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="replicates"):
        bootstrap_counts(np.array([0]), 0, 0)
    with pytest.raises(ValueError, match="seed"):
        bootstrap_counts(np.array([0]), 1, -1)
    with pytest.raises(ValueError, match="one row per cluster"):
        acceleration(np.array([0, 0]), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="infinite"):
        acceleration(np.array([0, 0]), np.array([[np.inf], [0.0]]))
