"""Limits of ratings: two subjects by hand, any number by search, and fits game by game."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from judgebench.stats import wilson
from judgebench.stats.bradley_terry import bradley_terry
from judgebench.stats.rating_limits import rating_limits

SUBJECTS = 4
FIRST, SECOND = np.triu_indices(SUBJECTS, k=1)


def odds(share):
    return math.log(share / (1 - share))


def two(wins, games):
    return rating_limits(bradley_terry(np.array(wins)[:, None], np.array(games)[:, None], *np.array([[0], [1]]), 2))


def test_who_wins_everything_has_a_low_end_alone():
    found = two(np.ones(20), np.ones(20))
    low, high = found.alone(0.95)
    least, _ = wilson(20, 20, 0.95)
    assert found.bound.tolist() == [1, -1]
    assert low[0] == pytest.approx(odds(least) / 2)
    assert high[1] == pytest.approx(-odds(least) / 2)
    least_gap, _ = found.between(np.array([0]), np.array([1]), 0.95)
    assert least_gap[0] == pytest.approx(odds(least))
    _, most_gap = found.between(np.array([1]), np.array([0]), 0.95)
    assert most_gap[0] == pytest.approx(-odds(least))


def test_nothing_but_ties_is_an_even_share():
    found = two(np.full(20, 0.5), np.ones(20))
    low, high = found.alone(0.95)
    ends = wilson(10, 20, 0.95)
    assert found.bound.tolist() == [0, 0]
    assert (low[0], high[0]) == pytest.approx((odds(ends[0]) / 2, odds(ends[1]) / 2))
    gap = found.between(np.array([0]), np.array([1]), 0.95)
    assert (gap[0][0], gap[1][0]) == pytest.approx((odds(ends[0]), odds(ends[1])))


def test_where_shares_vary_resampling_has_the_word():
    found = two([1.0, 0.0, 1.0], np.ones(3))
    assert np.isnan(found.alone(0.95)).all()
    assert np.isnan(found.between(np.array([0]), np.array([1]), 0.95)).all()


def test_two_that_beat_each_other_are_still_told_apart_by_resampling():
    """0 and 1 beat each other now and then; both beat 2 every time; 3 never played."""
    wins, games = np.zeros((6, 6)), np.zeros((6, 6))
    pair = {(a, b): k for k, (a, b) in enumerate(zip(FIRST.tolist(), SECOND.tolist(), strict=True))}
    games[:, [pair[0, 1], pair[0, 2], pair[1, 2]]] = 1.0
    wins[:, pair[0, 1]] = [1, 0, 1, 1, 0, 1]
    wins[:, [pair[0, 2], pair[1, 2]]] = 1.0
    found = rating_limits(bradley_terry(wins, games, FIRST, SECOND, SUBJECTS))
    assert found.bound.tolist() == [1, 1, -1, 0]
    assert np.isfinite(found.alone(0.95)[0]).tolist() == [True, True, True, False]
    low, high = found.between(np.array([0, 0]), np.array([1, 2]), 0.95)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]
    assert low[1] > 0


@st.composite
def comparisons(draw):
    clusters = draw(st.integers(1, 4))
    cells = clusters * len(FIRST)
    games = np.array(draw(st.lists(st.integers(0, 2), min_size=cells, max_size=cells)), float)
    share = np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.0]), min_size=cells, max_size=cells)))
    return (games * share).reshape(clusters, -1), games.reshape(clusters, -1)


def reached(edges, start):
    seen, left = {start}, [start]
    while left:
        here = left.pop()
        for b in [b for a, b in edges if a == here and b not in seen]:
            seen.add(b)
            left.append(b)
    return seen


def refitted(won, played, gap):
    """The value of `gap` at the most likely strengths, a pair counted as half a win for either side at least."""
    edges = {(a, b) for a, b, w in zip(FIRST, SECOND, won, strict=True) if w > 0}
    edges |= {(b, a) for a, b, w, n in zip(FIRST, SECOND, won, played, strict=True) if n - w > 0}
    there = {k for p, n in enumerate(played) if n for k in (FIRST[p], SECOND[p])}
    if any(not there <= reached(edges, k) for k in there):
        least = np.minimum(0.5, played / 2)
        won = np.clip(won, least, played - least)

    def loss(theta):
        each = theta[FIRST] - theta[SECOND]
        total = won @ np.logaddexp(0, -each) + (played - won) @ np.logaddexp(0, each)
        chance = 1 / (1 + np.exp(-each))
        slope = np.zeros(SUBJECTS)
        np.add.at(slope, FIRST, played * chance - won)
        np.add.at(slope, SECOND, won - played * chance)
        return total + 1e-9 * theta @ theta, slope + 2e-9 * theta

    return gap(minimize(loss, np.zeros(SUBJECTS), jac=True, tol=1e-13, options={"maxiter": 4000}).x)


@given(drawn=comparisons())
@settings(max_examples=60, deadline=None)
def test_limits_are_fits_of_each_pairs_limits(drawn):
    wins, games = drawn
    found = rating_limits(bradley_terry(wins, games, FIRST, SECOND, SUBJECTS))
    won, played, met = wins.sum(axis=0), games.sum(axis=0), (games > 0).sum(axis=0)
    edges = {(a, b) for a, b, w in zip(FIRST, SECOND, won, strict=True) if w > 0}
    edges |= {(b, a) for a, b, w, n in zip(FIRST, SECOND, won, played, strict=True) if n - w > 0}
    friends = {(a, b) for p, n in enumerate(played) if n for a, b in [(FIRST[p], SECOND[p]), (SECOND[p], FIRST[p])]}
    above = {(a, b) for a in range(4) for b in reached(edges, a) if a not in reached(edges, b)}
    low, high = found.alone(0.9)
    for k in range(SUBJECTS):
        group = sorted(reached(friends, k))
        over, under = any(a == k for a, _ in above), any(b == k for _, b in above)
        assert found.bound[k] == int(over) - int(under)
        moves = any(
            len({w / n for w, n in zip(wins[:, p], games[:, p], strict=True) if n}) > 1
            for p in range(len(FIRST))
            if FIRST[p] in group
        )
        if len(group) == 1 or not (over or under or not moves):
            assert np.isnan([low[k], high[k]]).all()
            continue
        for end, sign in ((low[k], -1), (high[k], 1)):
            changed = won.copy()
            for p in range(len(FIRST)):
                if played[p] and k in (FIRST[p], SECOND[p]):
                    side = wilson(won[p] / played[p] * met[p], met[p], 0.9)
                    changed[p] = played[p] * side[int((sign > 0) == (FIRST[p] == k))]
            expected = refitted(changed, played, lambda theta: theta[k] - np.mean(theta[group]))  # noqa: B023
            assert end == pytest.approx(expected, abs=2e-3)
