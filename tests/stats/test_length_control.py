"""Length control: refits against rows that are physically repeated, cross-validation against loops."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats.length_control import NO_GAMED_ROWS, STRENGTHS, Rows, length_control

sys.path.insert(0, str(Path(__file__).parent))
from length_rows import gamed, loops, rows


def repeated(mine, counts):
    place = np.repeat(np.arange(len(counts)), counts)
    return Rows(mine.length_difference[place], mine.difficulty[place], mine.preference[place])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_a_refit_is_the_fit_of_the_resample(seed, with_gamed, with_holes):
    rng = np.random.default_rng(seed)
    mine, extra = rows(rng, 60), gamed(rng, 40) if with_gamed else NO_GAMED_ROWS
    if with_holes:
        mine = Rows(mine.length_difference, mine.difficulty, np.where(rng.random(60) < 0.2, np.nan, mine.preference))
    control = length_control(mine, extra)
    counts = np.array([rng.multinomial(60, np.full(60, 1 / 60)) for _ in range(8)])
    found = control.refits(counts.astype(float))
    for b in range(8):
        alone = length_control(repeated(mine, counts[b]), extra, control.strength)
        assert found[b] == pytest.approx(alone.win_rate, abs=1e-8)
    assert control.refits(np.ones((1, 60)))[0] == pytest.approx(control.win_rate, abs=1e-9)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(STRENGTHS[3:8].tolist()))
def test_the_win_rate_is_that_of_plain_loops(seed, strength):
    rng = np.random.default_rng(seed)
    mine, extra = rows(rng, 25), gamed(rng, 10)
    scale = mine.length_difference.std(ddof=1)
    x = [[math.tanh(v / scale), d, 1.0] for v, d in zip(mine.length_difference, mine.difficulty, strict=True)]
    x += [[math.tanh(v), d, 0.0] for v, d in zip(extra.length_difference, extra.difficulty, strict=True)]
    y, w = [*mine.preference, *extra.preference], [1.0] * 25 + [0.1] * 10
    beta = loops(x, y, w, 1 / strength)
    expected = 100 * sum(1 / (1 + math.exp(-(beta[1] * d + beta[2]))) for d in mine.difficulty) / 25
    assert length_control(mine, extra, strength).win_rate == pytest.approx(expected, abs=1e-7)


def test_cross_validation_is_that_of_plain_loops():
    rng = np.random.default_rng(11)
    mine, extra = rows(rng, 30), gamed(rng, 10)
    scale = mine.length_difference.std(ddof=1)
    x = [[math.tanh(v), d, 0.0] for v, d in zip(extra.length_difference, extra.difficulty, strict=True)]
    x += [[math.tanh(v / scale), d, 1.0] for v, d in zip(mine.length_difference, mine.difficulty, strict=True)]
    y, w = [*extra.preference, *mine.preference], [0.1] * 10 + [1.0] * 30
    # scikit-learn's GroupKFold, sorted stably: groups by size, the last first, each to the lightest fold
    sizes, fold = [0] * 5, {}
    for group in reversed(range(40)):
        lightest = sizes.index(min(sizes))
        fold[group] = lightest
        sizes[lightest] += 1
    scores = {}
    for strength in STRENGTHS[2:9]:  # weaker and stronger ones do not settle in loops
        total = 0.0
        for held in range(5):
            train = [k for k in range(40) if fold[k] != held]
            beta = loops([x[k] for k in train], [y[k] for k in train], [w[k] for k in train], 1 / strength)
            test = [k for k in range(40) if fold[k] == held]
            loss = 0.0
            for k in test:
                p = 1 / (1 + math.exp(-sum(b * v for b, v in zip(beta, x[k], strict=True))))
                loss -= w[k] * (y[k] * math.log(p) + (1 - y[k]) * math.log(1 - p))
            total += loss / len(test)
        scores[float(strength)] = total
    assert length_control(mine, extra).strength == min(scores, key=scores.get)


def test_rows_without_a_verdict_are_predicted_and_train_nothing():
    rng = np.random.default_rng(2)
    mine = rows(rng, 50)
    holed = Rows(mine.length_difference, mine.difficulty, np.where(np.arange(50) < 10, np.nan, mine.preference))
    control = length_control(holed, strength=2.78)
    assert len(control.predicted) == 50
    assert np.isnan(control.refits(np.where(np.arange(50) < 10, 1.0, 0.0)[None]))[0]


def test_equal_lengths_leave_nothing_to_control():
    mine = Rows(np.full(20, 5.0), np.zeros(20), np.linspace(0, 1, 20))
    control = length_control(mine)
    assert math.isnan(control.strength)
    assert control.win_rate == pytest.approx(50.0)
    weights = np.vstack([np.ones(20), np.eye(20)[19], np.zeros(20)])
    assert control.refits(weights) == pytest.approx([50.0, 100.0, math.nan], nan_ok=True)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="at least 5"):
        length_control(Rows(np.arange(9.0), np.zeros(9), np.array([0.5] * 4 + [np.nan] * 5)))


def test_more_wins_at_the_same_lengths_raise_the_rate():
    rng = np.random.default_rng(4)
    rates = [length_control(rows(np.random.default_rng(4), 300, s), gamed(rng, 50), 2.78).win_rate for s in (-2, 0, 2)]
    assert rates == sorted(rates)
    assert rates[0] < 30 < 70 < rates[2]
