"""Length control: refits against rows that are physically repeated, cross-validation against loops."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats.length_control import NO_GAMED_ROWS, STRENGTHS, Rows, length_control
from judgebench.stats.logistic import Design, fit

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
    assert rates[0] < 30
    assert rates[2] > 70


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(STRENGTHS.tolist()))
def test_refits_are_exact_where_few_rows_hold_the_spread_of_lengths(seed, strength):
    """The scale of a resample is then many times that of the data, or a small part of it."""
    rng = np.random.default_rng(seed)
    mine, extra = rows(rng, 40), gamed(rng, 40)
    mine = Rows(300 * rng.standard_cauchy(40), mine.difficulty, mine.preference)
    control = length_control(mine, extra, strength)
    assert control.refits(np.ones((1, 40)))[0] == pytest.approx(control.win_rate, abs=1e-9)
    counts = np.array([rng.multinomial(40, np.full(40, 1 / 40)) for _ in range(8)])
    found = control.refits(counts.astype(float))
    for b in range(8):
        alone = length_control(repeated(mine, counts[b]), extra, strength)
        assert found[b] == pytest.approx(alone.win_rate, abs=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(STRENGTHS.tolist()), st.booleans())
def test_refits_are_exact_where_all_is_won_or_lost(seed, strength, won):
    rng = np.random.default_rng(seed)
    mine, extra = rows(rng, 30), gamed(rng, 20)
    mine = Rows(mine.length_difference, mine.difficulty, np.full(30, float(won)))
    control = length_control(mine, extra, strength)
    counts = np.array([rng.multinomial(30, np.full(30, 1 / 30)) for _ in range(5)])
    for b, value in enumerate(control.refits(counts.astype(float))):
        alone = length_control(repeated(mine, counts[b]), extra, strength)
        assert value == pytest.approx(alone.win_rate, abs=1e-8)


def test_weights_need_not_be_whole():
    """Those of the jackknife: the fit of all rows but one, weighted."""
    rng = np.random.default_rng(6)
    mine = rows(rng, 30)
    control = length_control(mine, strength=2.78)
    weights = np.where(np.eye(30, dtype=bool), 0.0, 30 / 29)
    for k, value in enumerate(control.refits(weights)[:5]):
        rest = [i for i in range(30) if i != k]
        centre = sum(mine.length_difference[i] for i in rest) / 29
        variance = 30 / 29 * sum((mine.length_difference[i] - centre) ** 2 for i in rest) / (30 - 1)
        x = [[math.tanh(mine.length_difference[i] / math.sqrt(variance)), mine.difficulty[i], 1.0] for i in rest]
        beta = loops(x, mine.preference[rest], [30 / 29] * 29, 1 / 2.78)
        expected = 100 * sum(1 / (1 + math.exp(-(beta[1] * mine.difficulty[i] + beta[2]))) for i in rest) / 29
        assert value == pytest.approx(expected, abs=1e-7)


def test_only_replicates_without_data_are_nan_and_none_touches_another():
    rng = np.random.default_rng(7)
    mine, extra = rows(rng, 40), gamed(rng, 30)
    mine = Rows(mine.length_difference, mine.difficulty, np.where(np.arange(40) < 5, np.nan, mine.preference))
    control = length_control(mine, extra)
    weights = rng.multinomial(40, np.full(40, 1 / 40), 6).astype(float)
    weights[2] = 0.0
    weights[4] = np.arange(40) < 5  # only rows without a verdict
    found = control.refits(weights)
    assert np.isnan(found).tolist() == [False, False, True, False, True, False]
    for b in (0, 1, 3, 5):
        assert found[b] == pytest.approx(control.refits(weights[b : b + 1])[0], abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 60), st.integers(0, 40), st.sampled_from([-3.0, -1.0, 1.0]))
def test_the_chosen_penalty_is_that_of_folds_physically_left_out(seed, n, more, z):
    rng = np.random.default_rng(seed)
    mine, extra = rows(rng, n, z), gamed(rng, more)
    scale = mine.length_difference.std(ddof=1)
    first = np.tanh(np.concatenate([extra.length_difference, mine.length_difference / scale]))
    second = np.concatenate([extra.difficulty, mine.difficulty])
    third = np.repeat([0.0, 1.0], [more, n])
    target, weight = np.concatenate([extra.preference, mine.preference]), np.repeat([0.1, 1.0], [more, n])
    sizes, fold = [0] * 5, [0] * (n + more)
    for group in np.argsort(np.ones(n + more), kind="stable")[::-1]:  # one row each
        fold[group] = sizes.index(min(sizes))
        sizes[fold[group]] += 1
    scores = []
    for strength in STRENGTHS:
        score = 0.0
        for held in range(5):
            train = [k for k in range(n + more) if fold[k] != held]
            design = Design(first[None, train], second[train], third[train], target[train])
            beta = fit(design, weight[None, train], np.array([1 / strength]), np.zeros((1, 3)))[0]
            losses = []
            for k in (k for k in range(n + more) if fold[k] == held):
                p = 1 / (1 + math.exp(-(beta[0] * first[k] + beta[1] * second[k] + beta[2] * third[k])))
                p = min(max(p, 1e-15), 1 - 1e-15)
                losses.append(-weight[k] * (target[k] * math.log(p) + (1 - target[k]) * math.log(1 - p)))
            score += sum(losses) / len(losses) / 5
        scores.append(score)
    chosen = STRENGTHS.tolist().index(length_control(mine, extra).strength)
    assert scores[chosen] <= min(scores) * (1 + 1e-9)  # equal ones are a matter of rounding
