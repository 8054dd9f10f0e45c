"""McNemar's test, the false discovery rate and power against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from judgebench.stats import benjamini_hochberg, detectable, mcnemar, needed, needed_for_equivalence


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_binomial_test(wins, losses):
    expected = 1.0 if wins + losses == 0 else stats.binomtest(wins, wins + losses, 0.5).pvalue
    assert mcnemar(wins, losses) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_many_and_of_nonsense():
    assert mcnemar(50_600, 49_400) == pytest.approx(stats.binomtest(50_600, 100_000, 0.5).pvalue, rel=1e-7)
    with pytest.raises(ValueError, match="negative"):
        mcnemar(-1, 3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_scipys(p):
    assert benjamini_hochberg(np.array(p)) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_benjamini_hochberg_does_not_count_nan():
    found = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert found[[0, 2]].tolist() == benjamini_hochberg(np.array([0.01, 0.04])).tolist()
    assert math.isnan(found[1])
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg(np.array([1.5]))


@given(st.floats(0.1, 50), st.integers(2, 5000), st.sampled_from([0.9, 0.95, 0.99]), st.sampled_from([0.5, 0.8, 0.95]))
def test_power_is_that_of_the_normal_test(deviation, n, confidence, power):
    found = detectable(deviation, n, confidence=confidence, power=power)
    error = deviation / math.sqrt(n)
    critical = stats.norm.ppf((1 + confidence) / 2)
    assert stats.norm.sf(critical - found / error) == pytest.approx(power, abs=1e-9)
    assert needed(found, error, n, confidence=confidence, power=power) == pytest.approx(n, rel=1e-9)


def test_equivalence_needs_as_many_as_its_power_says():
    rng = np.random.default_rng(0)
    for true, margin in ((0.0, 0.3), (0.1, 0.5)):
        n = math.ceil(needed_for_equivalence(true, 1 / math.sqrt(100), 100, margin))
        means = rng.normal(true, 1 / math.sqrt(n), 40_000)
        reach = stats.norm.ppf(0.95) / math.sqrt(n)
        assert np.mean((means - reach > -margin) & (means + reach < margin)) == pytest.approx(0.8, abs=0.015)


def test_power_without_difference_or_room():
    assert needed(0.0, 1.0, 50) == math.inf
    assert needed_for_equivalence(0.5, 1.0, 50, 0.5) == math.inf
    for call in (
        lambda: detectable(-1.0, 10),
        lambda: detectable(1.0, 0),
        lambda: needed(1.0, 1.0, 10, power=1.0),
        lambda: needed_for_equivalence(0.0, 1.0, 10, 0.0),
    ):
        with pytest.raises(ValueError, match="must"):
            call()
