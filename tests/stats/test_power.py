"""Numbers of clusters: the formulas' answers put back into the power of the tests, by scipy's normal distribution."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from judgebench.stats import detectable, needed, needed_for_equivalence

levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])
powers = st.sampled_from([0.5, 0.8, 0.9, 0.99])
sizes = st.floats(1e-3, 1e3)


def power_of_difference(difference: float, error: float, confidence: float) -> float:
    """Of finding a true difference on its own side."""
    return float(norm.sf(norm.ppf((1 + confidence) / 2) - abs(difference) / error))


def power_of_equivalence(difference: float, error: float, margin: float, confidence: float) -> float:
    """Of an estimate between -margin + z·error and margin - z·error."""
    reach = margin - norm.ppf(confidence) * error
    return float(norm.cdf((reach - difference) / error) - norm.cdf((-reach - difference) / error))


@given(sizes, st.floats(1.0, 1e5), levels, powers)
@settings(deadline=None)
def test_what_is_detectable_is_found_with_that_power(
    deviation: float, n: float, confidence: float, power: float
) -> None:
    found = detectable(deviation, n, confidence=confidence, power=power)
    assert found == pytest.approx(
        (norm.ppf((1 + confidence) / 2) + norm.ppf(power)) * deviation / math.sqrt(n), rel=1e-9
    )
    assert power_of_difference(found, deviation / math.sqrt(n), confidence) == pytest.approx(power, rel=1e-9)
    assert needed(found, deviation / math.sqrt(n), n, confidence=confidence, power=power) == pytest.approx(n, rel=1e-9)


@given(st.floats(0.01, 10), st.booleans(), sizes, st.floats(1.0, 1e5), levels, powers)
@settings(deadline=None)
def test_so_many_clusters_decide_a_difference_with_that_power(
    difference: float, negative: bool, error: float, n: float, confidence: float, power: float
) -> None:
    signed = -difference if negative else difference
    enough = needed(signed, error, n, confidence=confidence, power=power)
    assert power_of_difference(signed, error * math.sqrt(n / enough), confidence) == pytest.approx(power, rel=1e-9)


@given(
    st.sampled_from([0.0, 1e-9, 0.01]) | st.floats(0.0, 0.99),
    st.booleans(),
    st.floats(0.01, 10),
    sizes,
    st.floats(1.0, 1e5),
    levels,
    powers,
)
@settings(deadline=None)
def test_so_many_clusters_show_equivalence_with_that_power(
    part: float, negative: bool, margin: float, error: float, n: float, confidence: float, power: float
) -> None:
    difference = (-part if negative else part) * margin
    enough = needed_for_equivalence(difference, error, n, margin, confidence=confidence, power=power)
    assert power_of_equivalence(difference, error * math.sqrt(n / enough), margin, confidence) == pytest.approx(
        power, rel=1e-9
    )


def test_the_borders_have_the_closed_forms() -> None:
    both = ((norm.ppf(0.95) + norm.ppf(0.9)) * 2 / 3) ** 2
    assert needed_for_equivalence(0.0, 2.0, 1.0, 3.0) == pytest.approx(both, rel=1e-9)
    assert needed_for_equivalence(1e-12, 2.0, 1.0, 3.0) == pytest.approx(both, rel=1e-9)
    one = ((norm.ppf(0.95) + norm.ppf(0.8)) * 2 / 0.1) ** 2
    assert needed_for_equivalence(2.9, 2.0, 1.0, 3.0) == pytest.approx(one, rel=1e-9)


def test_what_no_number_decides_is_infinite_and_what_is_certain_is_0() -> None:
    assert needed(0.0, 1.0, 10) == math.inf
    assert needed_for_equivalence(0.5, 1.0, 10, 0.5) == needed_for_equivalence(-0.7, 1.0, 10, 0.5) == math.inf
    assert detectable(0.0, 10) == needed(0.1, 0.0, 10) == needed_for_equivalence(0.1, 0.0, 10, 0.5) == 0.0
    assert detectable(1.0, 10, power=0.01) == needed(1.0, 1.0, 10, power=0.01) == 0.0  # even chance does better


@pytest.mark.parametrize("bad", [{"confidence": 0.0}, {"confidence": 1.0}, {"power": 1.0}, {"power": math.nan}])
def test_levels_outside_0_and_1_are_refused(bad: dict[str, float]) -> None:
    for call in (
        lambda: detectable(1.0, 10, **bad),
        lambda: needed(1.0, 1.0, 10, **bad),
        lambda: needed_for_equivalence(0.1, 1.0, 10, 0.5, **bad),
    ):
        with pytest.raises(ValueError, match="confidence and power"):
            call()


@pytest.mark.parametrize(("spread", "n"), [(-1.0, 10), (math.nan, 10), (math.inf, 10), (1.0, 0), (1.0, math.inf)])
def test_bad_spreads_and_numbers_are_refused(spread: float, n: float) -> None:
    for call in (
        lambda: detectable(spread, n),
        lambda: needed(1.0, spread, n),
        lambda: needed_for_equivalence(0.1, spread, n, 0.5),
    ):
        with pytest.raises(ValueError, match="spread"):
            call()
    with pytest.raises(ValueError, match="margin"):
        needed_for_equivalence(0.1, 1.0, 10, 0.0)
