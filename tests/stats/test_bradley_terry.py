"""Bradley-Terry strengths against a maximiser of the likelihood, written out game by game."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from judgebench.stats.bradley_terry import bradley_terry

FIRST, SECOND = np.triu_indices(4, k=1)


@st.composite
def comparisons(draw):
    """Games of four subjects in a few clusters; some pairs never meet."""
    clusters = draw(st.integers(1, 5))
    cells = clusters * len(FIRST)
    games = np.array(draw(st.lists(st.integers(0, 3), min_size=cells, max_size=cells)), float)
    share = np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 0.25]), min_size=cells, max_size=cells)))
    shape = (clusters, len(FIRST))
    return (games * share).reshape(shape), games.reshape(shape)


def likelihood(theta, won, played):
    total = 0.0
    for k, (a, b) in enumerate(zip(FIRST, SECOND, strict=True)):
        gap = theta[a] - theta[b]
        total += won[k] * np.logaddexp(0, -gap) + (played[k] - won[k]) * np.logaddexp(0, gap)
    return total


def beats_all(won, played):
    """Whether everybody who plays reaches everybody else over wins: Ford's condition, by search."""
    edges = {(a, b) for a, b, w in zip(FIRST, SECOND, won, strict=True) if w > 0}
    edges |= {(b, a) for a, b, w, n in zip(FIRST, SECOND, won, played, strict=True) if n - w > 0}
    there = {a for a, n in zip(FIRST, played, strict=True) if n} | {b for b, n in zip(SECOND, played, strict=True) if n}
    for start in there:
        seen, left = {start}, [start]
        while left:
            here = left.pop()
            for a, b in edges:
                if a == here and b not in seen:
                    seen.add(b)
                    left.append(b)
        if not there <= seen:
            return False
    return True


@given(drawn=comparisons(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_strengths_maximise_the_likelihood_where_that_is_finite(drawn, data):
    wins, games = drawn
    weights = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(wins), max_size=len(wins))), float)[None]
    found = bradley_terry(wins, games, FIRST, SECOND, 4).fit(weights)
    won, played = (weights @ wins)[0], (weights @ games)[0]
    theta = found.strengths[0]
    there = np.isfinite(theta)
    assert {k for k in range(4) if there[k]} == {k for p, n in enumerate(played) if n for k in (FIRST[p], SECOND[p])}
    if not there.any():
        return
    assert bool(found.bounded[0]) == (not beats_all(won, played))
    assert theta[there].sum() == pytest.approx(0, abs=1e-8)
    if found.bounded[0]:
        least = np.minimum(0.5, played / 2)
        won = np.clip(won, least, played - least)
    ours = likelihood(np.nan_to_num(theta), won, played)
    best = minimize(likelihood, np.zeros(4), args=(won, played), tol=1e-12).fun
    assert ours <= best + 1e-7


def test_two_subjects_are_their_odds():
    wins, games = np.array([[3.0], [1.5]]), np.array([[4.0], [4.0]])
    first, second = np.array([0]), np.array([1])
    weights = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 1.0]])
    theta = bradley_terry(wins, games, first, second, 2).fit(weights).strengths
    for row, p in zip(theta, (4.5 / 8, 3 / 4, 1.5 / 4), strict=True):
        assert row[0] - row[1] == pytest.approx(math.log(p / (1 - p)), abs=1e-12)


def test_renaming_subjects_renames_strengths():
    rng = np.random.default_rng(0)
    first, second = np.triu_indices(6, k=1)
    games = rng.integers(1, 5, (9, len(first))).astype(float)
    wins = rng.random((9, len(first))) * games
    weights = rng.integers(0, 3, (20, 9)).astype(float)
    theta = bradley_terry(wins, games, first, second, 6).fit(weights).strengths
    order = rng.permutation(6)
    renamed = bradley_terry(wins, games, order[first], order[second], 6).fit(weights).strengths
    assert renamed[:, order] == pytest.approx(theta, abs=1e-9)


def test_who_wins_everything_is_bounded_and_groups_that_never_met_are_centred_apart():
    first, second = np.array([0, 2]), np.array([1, 3])
    found = bradley_terry(np.array([[8.0, 6.0]]), np.array([[8.0, 8.0]]), first, second, 5).fit(np.ones((1, 1)))
    assert found.bounded.tolist() == [True]
    theta = found.strengths[0]
    assert theta[0] - theta[1] == pytest.approx(math.log(7.5 / 0.5), abs=1e-9)
    assert theta[2] - theta[3] == pytest.approx(math.log(6 / 2), abs=1e-9)
    assert theta[0] + theta[1] == pytest.approx(0, abs=1e-9)
    assert np.isnan(theta[4])


@pytest.mark.parametrize(
    ("wins", "games", "first", "second"),
    [
        ([[2.0]], [[1.0]], [0], [1]),
        ([[-1.0]], [[1.0]], [0], [1]),
        ([[1.0]], [[1.0, 1.0]], [0], [1]),
        ([[1.0, 1.0]], [[1.0, 1.0]], [0, 1], [1, 0]),
    ],
)
def test_impossible_games_are_refused(wins, games, first, second):
    with pytest.raises(ValueError, match=r"wins|pair"):
        bradley_terry(np.array(wins), np.array(games), np.array(first), np.array(second), 2)
