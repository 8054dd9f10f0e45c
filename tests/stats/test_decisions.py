"""Hard decisions, lengths and the scores' entropy on values worked out by hand."""

import math

import numpy as np
import pytest

from judgebench.stats.decisions import hard
from judgebench.stats.lengths import longer, matched
from judgebench.stats.scores import at_least, entropy


def test_rounding_alone_decides_nothing() -> None:
    found = hard(np.array([0.1 + 0.2 + 0.2, 0.5 + 1e-9, 0.5 - 1e-9, 1.0, 0.0, math.nan]))
    assert found[:5].tolist() == [0.5, 1.0, 0.0, 1.0, 0.0]
    assert math.isnan(found[5])


def test_unknown_and_equal_lengths_have_no_longer_one() -> None:
    lengths = np.array([[3.0, 1.0], [1.0, 3.0], [2.0, 2.0], [math.nan, 2.0], [2.0, math.nan]])
    assert longer(lengths).tolist() == [1, -1, 0, 0, 0]
    assert matched(lengths, 3.0).tolist() == [True, True, True, False, False]
    assert matched(lengths, 2.9).tolist() == [False, False, True, False, False]


def test_entropy_is_in_bits_and_none_without_counts() -> None:
    found = entropy(np.array([[[1.0, 1.0, 0.0], [2.0, 0.0, 0.0]], [[1.0, 1.0, 2.0], [0.0, 0.0, 0.0]]]))
    assert found[0].tolist() == [1.0, 0.0]
    assert found[1, 0] == pytest.approx(1.5)
    assert math.isnan(found[1, 1])
    assert math.copysign(1.0, found[0, 1]) == 1.0


def test_a_score_at_the_top_but_for_rounding_is_there() -> None:
    assert at_least(np.array([0.1 + 0.2, 0.2, -3.0, -2.9]), np.array([0.3, 0.3, -2.9, -2.9])).tolist() == [
        True, False, False, True,
    ]  # fmt: skip
