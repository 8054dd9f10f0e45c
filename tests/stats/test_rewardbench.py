"""RewardBench's averages against plain loops, and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.forms.rewardbench_parts import PRIOR_SETS, SECTIONS
from judgebench.stats.rewardbench import overall, overall_with_prior, section

accuracy = st.one_of(st.just(math.nan), st.floats(0, 100))


def test_published_weights():
    totals = {name: sum(counts.values()) for name, counts in SECTIONS.items()}
    assert totals == {"chat": 358, "chat-hard": 456, "safety": 740, "reasoning": 1968}
    assert len({subset for counts in SECTIONS.values() for subset in counts}) == 23
    assert set(PRIOR_SETS.values()) == {1}


@given(st.lists(st.tuples(accuracy, st.integers(0, 984)), min_size=1, max_size=7))
def test_a_section_is_the_mean_over_subsets_with_a_weight(subsets):
    counted = [(value, weight) for value, weight in subsets if weight]
    bottom = sum(weight for _, weight in counted)
    expected = sum(value * weight for value, weight in counted) / bottom if counted else math.nan
    values, weights = (np.array(column, dtype=float) for column in zip(*subsets, strict=True))
    assert float(section(values, weights)) == pytest.approx(expected, nan_ok=True)
    assert section(np.stack([values, values]), weights) == pytest.approx([expected] * 2, nan_ok=True)
    each = np.stack([weights, np.zeros(len(weights))])
    assert section(np.stack([values, values]), each) == pytest.approx([expected, math.nan], nan_ok=True)


def test_both_averages_of_one_model():
    """Its published sections, and the 75.42 that stood beside means of four sections."""
    sections = np.array([97.6, 58.9, 69.2, 78.5])
    assert float(overall(sections)) == pytest.approx(76.05)
    assert round(float(overall_with_prior(sections, np.array(70.4))), 2) == 75.42


def test_an_average_needs_every_section():
    lacking = np.array([[97.6, math.nan, 69.2, 78.5], [97.6, 58.9, 69.2, 78.5]])
    assert np.isnan(overall(lacking)).tolist() == [True, False]
    assert np.isnan(overall_with_prior(lacking, np.array([70.0, math.nan]))).all()
