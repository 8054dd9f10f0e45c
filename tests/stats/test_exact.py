"""McNemar's exact test against fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import mcnemar


def naive(wins: int, losses: int) -> Fraction:
    n = wins + losses
    tail = Fraction(sum(math.comb(n, k) for k in range(min(wins, losses) + 1)), 2**n)
    return min(Fraction(1), 2 * tail)


@given(st.integers(0, 150), st.integers(0, 150))
@settings(deadline=None)
def test_it_equals_the_tail_in_fractions_and_scipy(wins: int, losses: int) -> None:
    found = mcnemar(wins, losses)
    assert found == pytest.approx(float(naive(wins, losses)), rel=1e-9, abs=0.0)
    assert found == mcnemar(losses, wins) <= 1.0
    if wins + losses:
        assert found == pytest.approx(scipy.stats.binomtest(wins, wins + losses).pvalue, rel=1e-9, abs=0.0)


@pytest.mark.parametrize(("wins", "losses"), [(50_000, 49_500), (49_000, 51_000), (30, 2000), (40_000, 60_000)])
def test_it_is_stable_for_many_clusters(wins: int, losses: int) -> None:
    theirs = scipy.stats.binomtest(wins, wins + losses).pvalue
    assert mcnemar(wins, losses) == pytest.approx(theirs, rel=1e-8, abs=0.0)


def test_the_borders() -> None:
    assert mcnemar(0, 0) == mcnemar(0, 1) == mcnemar(7, 7) == mcnemar(7, 8) == 1.0
    assert mcnemar(0, 5) == pytest.approx(1 / 16, rel=1e-12)
    assert mcnemar(0, 100_000) == 0.0  # below the smallest float
