"""The share of agreeing pairs of verdicts against a loop over all pairs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.stats.repeats import alike


@given(st.lists(st.integers(0, 2), max_size=9))
def test_it_is_the_share_of_pairs_that_agree(said: list[int]) -> None:
    pairs = [first == second for first, second in itertools.combinations(said, 2)]
    counts = (np.array([float(said.count(kind))]) for kind in (0, 1, 2))
    expected = sum(pairs) / len(pairs) if pairs else math.nan
    assert alike(*counts)[0] == pytest.approx(expected, nan_ok=True)
