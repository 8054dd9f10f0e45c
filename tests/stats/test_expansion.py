"""The start of the exact passes: close to where they end, and without influence on it."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import length_control as kernel
from judgebench.stats.expansion import Expansion
from judgebench.stats.fixed_rows import FixedRows
from judgebench.stats.logistic import Design, fit

sys.path.insert(0, str(Path(__file__).parent))
from length_rows import gamed, rows

PENALTY = 0.36


def problem(seed, n=80, with_fixed=True, strength=-1.0):
    """Units, difficulties, targets and gamed rows."""
    rng = np.random.default_rng(seed)
    mine = rows(rng, n, strength)
    fixed = gamed(rng, 60).fixed if with_fixed else None
    return rng, mine.length_difference / mine.length_difference.std(ddof=1), mine.difficulty, mine.preference, fixed


def exact(units, difficulty, target, weights, stretch, fixed):
    """One fit a replicate, from zeros."""
    found = []
    for weight, factor in zip(weights, stretch, strict=True):
        design = Design(np.tanh(factor * units)[None], difficulty, np.ones(len(units)), target)
        found.append(fit(design, weight[None], np.array([PENALTY]), np.zeros((1, 3)), fixed=fixed)[0])
    return np.array(found)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_error_is_of_third_order(seed, with_fixed):
    """Half the disturbance, an eighth of the error, as long as no coefficient leaves or reaches zero."""
    rng, units, difficulty, target, fixed = problem(seed, with_fixed=with_fixed)
    full = exact(units, difficulty, target, np.ones((1, len(units))), np.ones(1), fixed)[0]
    near = Expansion(units, difficulty, target, full)
    noise, shift = rng.uniform(-1, 1, (6, len(units))), rng.uniform(-1, 1, 6)
    errors = []
    for size in (0.2, 0.1, 0.05):
        weights, stretch = 1 + size * noise, 1 + size * shift
        truth = exact(units, difficulty, target, weights, stretch, fixed)
        errors.append(np.abs(near.start(weights, stretch, PENALTY, fixed) - truth).max())
    if (full != 0.0).all() and (np.sign(truth) == np.sign(full)).all():
        assert errors[2] < 1e-3
        assert errors[2] < errors[0] / 16 + 1e-9  # a second-order error would fall by 16, a third-order one by 64


def test_no_disturbance_needs_no_step():
    _, units, difficulty, target, fixed = problem(1)
    full = exact(units, difficulty, target, np.ones((1, len(units))), np.ones(1), fixed)[0]
    found = Expansion(units, difficulty, target, full).start(np.ones((2, len(units))), np.ones(2), PENALTY, fixed)
    assert found == pytest.approx(np.array([full, full]), abs=1e-9)


def test_its_derivatives_are_those_of_differences():
    """Of the gradient in β and r, by central differences on one row at a time."""
    _, units, difficulty, target, _ = problem(3, n=6)
    beta = np.array([-0.8, 0.4, 0.7])
    sums = Expansion(units, difficulty, target, beta)._columns()

    def gradient(row, place):
        x = [math.tanh(place[3] * units[row]), difficulty[row], 1.0]
        p = 1 / (1 + math.exp(-sum(b * v for b, v in zip(place, x, strict=False))))
        return np.array([(p - target[row]) * v for v in x])

    h, at = 1e-4, np.array([*beta, 1.0])
    for row in range(6):
        slope, linear, square = (part[row] for part in map(np.array, _parted(sums.T)))
        assert slope == pytest.approx(gradient(row, at), abs=1e-12)
        for v in range(4):
            step = h * np.eye(4)[v]
            difference = (gradient(row, at + step) - gradient(row, at - step)) / (2 * h)
            assert linear[:, v] == pytest.approx(difference, abs=1e-6)
            for w in range(4):
                other = h * np.eye(4)[w]
                around = [gradient(row, at + a * step + b * other) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
                second = (around[0] - around[1] - around[2] + around[3]) / (4 * h * h)
                assert square[:, v, w] == pytest.approx(second, abs=1e-5)


def _parted(sums):
    from judgebench.stats import expansion

    return expansion._parted(sums)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-4.0, -1.0, 3.0]), st.floats(1e-4, 1e4))
def test_it_is_finite_and_near_whatever_the_weights(seed, strength, penalty):
    rng, units, difficulty, target, fixed = problem(seed, 30, strength=strength)
    weights = rng.integers(0, 2, (20, 30)) * rng.pareto(0.5, (20, 30))
    stretch = rng.pareto(0.5, 20) + 0.1
    coefficients = 3 * rng.normal(size=3)
    found = Expansion(units, difficulty, target, coefficients).start(weights, stretch, penalty, fixed)
    assert np.isfinite(found).all()
    assert np.abs(found - coefficients).max() < 1.0


@pytest.mark.parametrize("wrong", [0.0, 5.0, -40.0])
def test_refits_do_not_depend_on_the_start(monkeypatch, wrong):
    rng = np.random.default_rng(9)
    mine, extra = rows(rng, 60), gamed(rng, 40)
    control = kernel.length_control(mine, extra)
    weights = rng.multinomial(60, np.full(60, 1 / 60), 20).astype(float)
    expected = control.refits(weights)
    monkeypatch.setattr(Expansion, "start", lambda self, weights, *_: np.full((len(weights), 3), wrong))
    assert control.refits(weights) == pytest.approx(expected, abs=1e-9)


def test_fixed_rows_are_part_of_it():
    _, units, difficulty, target, fixed = problem(2)
    assert isinstance(fixed, FixedRows)
    full = exact(units, difficulty, target, np.ones((1, len(units))), np.ones(1), fixed)[0]
    near = Expansion(units, difficulty, target, full)
    weights, stretch = np.full((1, len(units)), 1.1), np.full(1, 1.05)
    truth = exact(units, difficulty, target, weights, stretch, fixed)
    assert near.start(weights, stretch, PENALTY, fixed) == pytest.approx(truth, abs=1e-4)
    assert near.start(weights, stretch, PENALTY) != pytest.approx(truth, abs=1e-3)
