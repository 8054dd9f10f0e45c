"""Tiers, read off rank intervals."""

from hypothesis import given
from hypothesis import strategies as st

from judgebench import Estimate
from judgebench.core.leaderboard import tiers


def rows(*ranks):
    return [
        Estimate("b", f"s{k}", None, "m", 0.0, 0.0, 0.0, 0.95, 1, 0, "bca", 0.0, low, high)
        for k, (low, high) in enumerate(ranks)
    ]


def test_nobody_separable_is_one_tier_and_everybody_is_a_tier_each():
    assert tiers(rows((1, 3), (1, 3), (1, 3))) == [1, 1, 1]
    assert tiers(rows((1, 1), (2, 2), (3, 3))) == [1, 2, 3]


def test_a_tier_ends_where_its_first_is_shown_to_be_better():
    # the second is not told from the first, the third is told from the first alone, the fourth from all
    assert tiers(rows((1, 2), (1, 3), (2, 3), (4, 4))) == [1, 1, 2, 3]


def test_without_ranks_there_are_no_tiers():
    assert tiers(rows((None, None))) is None
    assert tiers([]) == []


@given(st.lists(st.integers(0, 6), max_size=12))
def test_tiers_are_numbered_without_gaps_and_never_go_back(slack):
    found = tiers(rows(*((max(1, k + 1 - part), len(slack)) for k, part in enumerate(slack))))
    assert found == sorted(found)
    assert sorted(set(found)) == list(range(1, len(set(found)) + 1))
