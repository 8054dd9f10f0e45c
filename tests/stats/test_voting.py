"""Votes of k of the recorded votes, against all their subsets one by one."""

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats.voting import MOST_SUBSETS, counted_chances, mean_chances, two_orders

LETTERS = "ATB"
RULES = ("majority", "plurality", "mean")


def naive_rule(votes, rule):
    """What a list of letters says."""
    first, tie, second = (votes.count(letter) for letter in LETTERS)
    if rule == "majority":
        return "A" if first > len(votes) / 2 else "B" if second > len(votes) / 2 else "T"
    if rule == "plurality":
        most = max(first, tie, second)
        said = [letter for letter, count in zip(LETTERS, (first, tie, second), strict=True) if count == most]
        return said[0] if len(said) == 1 else "T"
    return "A" if first > second else "B" if second > first else "T"


def naive_chances(votes, k, rule):
    """By all subsets, in fractions."""
    said = [naive_rule(list(chosen), rule) for chosen in combinations(votes, min(k, len(votes)))]
    return [float(Fraction(said.count(letter), len(said))) for letter in LETTERS]


counts = st.lists(st.integers(0, 4), min_size=3, max_size=3)


@given(st.lists(counts, min_size=1, max_size=4), st.integers(1, 14), st.sampled_from(RULES))
@settings(max_examples=150, deadline=None)
def test_counted_votes_equal_their_subsets(rows, k, rule):
    found = counted_chances(np.array(rows), k, rule)
    assert found.shape == (len(rows), 3)
    for row, chances in zip(rows, found, strict=True):
        votes = [letter for letter, count in zip(LETTERS, row, strict=True) for _ in range(count)]
        if votes:
            assert chances == pytest.approx(naive_chances(votes, k, rule), abs=1e-12)
        else:
            assert np.isnan(chances).all()


def test_by_hand():
    # of A A B three pairs: AA, AB, AB
    assert counted_chances(np.array([2, 0, 1]), 2, "majority") == pytest.approx([1 / 3, 2 / 3, 0])
    assert counted_chances(np.array([2, 1, 1]), 4, "majority") == pytest.approx([0, 1, 0])
    assert counted_chances(np.array([2, 1, 1]), 4, "plurality") == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("rule", RULES)
def test_many_votes(rule):
    """600 of 1,000: far beyond what can be enumerated, and what floats hold of binomials."""
    first, tie, second = counted_chances(np.array([520, 0, 480]), 601, rule)
    ways = [(i, comb(520, i) * comb(480, 601 - i)) for i in range(121, 521)]
    won = sum(number for i, number in ways if 2 * i > 601)
    assert first == pytest.approx(float(Fraction(won, comb(1000, 601))), rel=1e-9)
    assert (tie, first + tie + second) == (0.0, pytest.approx(1.0))


def test_it_keeps_the_shape_of_units_and_orders():
    rows = np.array([[[2, 0, 1], [0, 0, 0]], [[0, 3, 0], [1, 1, 1]]])
    found = counted_chances(rows, 3, "majority")
    assert found[0, 0] == pytest.approx([1, 0, 0])
    assert np.isnan(found[0, 1]).all()
    assert found[1] == pytest.approx(np.array([[0, 1, 0], [0, 1, 0]]))


LEAD = st.sampled_from([-3.0, -0.5, -0.3, 0.0, 0.2, 0.3, 0.5, 1.0])


@given(st.lists(st.lists(LEAD, max_size=7), min_size=2, max_size=2), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_means_equal_their_subsets(orders, k):
    lead = np.full((1, 2, 7), np.nan)
    for order, votes in enumerate(orders):
        lead[0, order, : len(votes)] = votes
    found = mean_chances(lead, k, 0)
    for votes, chances in zip(orders, found[0], strict=True):
        if not votes:
            assert np.isnan(chances).all()
            continue
        exact = [
            [Fraction(round(10 * vote), 10) for vote in chosen] for chosen in combinations(votes, min(k, len(votes)))
        ]
        signs = [(sum(chosen) > 0) - (sum(chosen) < 0) for chosen in exact]
        expected = [signs.count(sign) / len(signs) for sign in (1, 0, -1)]
        assert chances == pytest.approx(expected, abs=1e-12)


def test_too_many_subsets_are_drawn_by_a_seed_and_near_the_truth():
    """Votes of two strengths, of which a subset's sum is known by how many of each it holds."""
    strong, weak, k = 10, 22, 16
    lead = np.array([[[0.4] * strong + [-0.25] * weak] * 2])
    assert comb(32, k) > MOST_SUBSETS
    exact = sum(
        comb(strong, i) * comb(weak, k - i) for i in range(strong + 1) if 0.4 * i - 0.25 * (k - i) > 1e-9
    ) / comb(32, k)
    found = mean_chances(lead, k, 3)
    assert found[0, 0] == pytest.approx(found[0, 1])
    assert found[0, 0, 0] == pytest.approx(exact, abs=4 * (exact * (1 - exact) / MOST_SUBSETS) ** 0.5)
    assert (found == mean_chances(lead, k, 3)).all()
    assert (found != mean_chances(lead, k, 4)).any()


def test_votes_of_one_strength_are_counted_however_many_subsets_there_are():
    lead = np.array([[[0.3] * 17 + [-0.3] * 15] * 2])
    expected = counted_chances(np.array([17, 0, 15]), 15, "mean")
    assert (mean_chances(lead, 15, 0)[0, 1] == expected).all()


def test_two_orders_are_nine_ways_that_add_up_to_one():
    chances = np.array([[[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]], [[1.0, 0.0, 0.0], [np.nan] * 3]])
    ways = list(two_orders(chances))
    assert len(ways) == 9
    assert sum(chance for _, chance in ways) == pytest.approx([1.0, 1.0])
    assert {tuple(said): chance[0] for said, chance in ways}[0.0, 0.5] == pytest.approx(0.5 * 0.4)
