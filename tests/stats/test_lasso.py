"""The penalised quadratic against all sign patterns, one by one, and against the conditions of its optimum."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import lasso
from judgebench.stats.lasso import minimise


def objective(beta, gradient, hessian, start, penalty):
    step = beta - start
    return gradient @ step + step @ hessian @ step / 2 + penalty * np.abs(beta).sum()


def exhaustive(gradient, hessian, start, penalty):
    """The best among the optima of every sign pattern."""
    best, found = np.inf, None
    for signs in product((-1, 0, 1), repeat=len(start)):
        free = [k for k, sign in enumerate(signs) if sign]
        beta = np.zeros(len(start))
        if free:
            fixed = gradient[free] - hessian[np.ix_(free, range(len(start)))] @ start
            right = -(fixed + penalty * np.array([signs[k] for k in free]))
            beta[free] = np.linalg.solve(hessian[np.ix_(free, free)], right)
        if all(beta[k] * signs[k] >= 0 for k in free):
            value = objective(beta, gradient, hessian, start, penalty)
            if value < best:
                best, found = value, beta
    return found


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 20))
def test_it_finds_what_trying_every_sign_finds(seed, penalty):
    rng = np.random.default_rng(seed)
    root = rng.normal(0, 1, (6, 4, 3))
    hessian = np.einsum("bki,bkj->bij", root, root) + 0.05 * np.eye(3)
    gradient = rng.normal(0, 5, (6, 3))
    start = rng.normal(0, 1, (6, 3)) * rng.integers(0, 2, (6, 3))
    found = minimise(gradient, hessian, start, np.full(6, penalty))
    for b in range(6):
        assert found[b] == pytest.approx(exhaustive(gradient[b], hessian[b], start[b], penalty), abs=1e-9)


def test_a_coordinate_without_curvature_stays_at_zero():
    hessian = np.diag([2.0, 0.0, 1.0])[None]
    found = minimise(np.array([[-4.0, 0.0, 3.0]]), hessian, np.zeros((1, 3)), np.array([1.0]))
    assert found.tolist() == [[1.5, 0.0, -2.0]]


def missed(gradient, hessian, start, penalty, beta):
    """The largest violation of the conditions of an optimum, by loops."""
    worst = 0.0
    for i, value in enumerate(beta):
        slope = gradient[i] + math.fsum(hessian[i][j] * (b - start[j]) for j, b in enumerate(beta))
        if hessian[i][i] == 0.0:
            worst = max(worst, abs(value))
        elif value == 0.0:
            worst = max(worst, abs(slope) - penalty)
        else:
            worst = max(worst, abs(slope + math.copysign(penalty, value)))
    return worst


entries = st.one_of(st.sampled_from([0.0, 1.0, -1.0]), st.floats(-3, 3).map(lambda v: round(v, 3)))


@st.composite
def quadratics(draw):
    """Those of ½|a β - y|², several replicates; columns of a may be zero, equal or multiples of others."""
    replicates, k, rows = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 5))
    parts = []
    for _ in range(replicates):
        a = np.array(draw(st.lists(entries, min_size=rows * k, max_size=rows * k))).reshape(rows, k)
        if draw(st.booleans()):
            a[:, draw(st.integers(0, k - 1))] = a[:, draw(st.integers(0, k - 1))] * draw(st.sampled_from([0, 1, -2]))
        residual = np.array(draw(st.lists(entries, min_size=rows, max_size=rows)))
        start = np.array(draw(st.lists(entries, min_size=k, max_size=k)))
        parts.append((a.T @ residual, a.T @ a, start, draw(st.floats(0.01, 10))))
    return tuple(np.array(part) for part in zip(*parts, strict=True))


@given(quadratics())
@settings(deadline=None, max_examples=300)
def test_the_conditions_of_an_optimum_hold_whatever_the_rank(problem):
    for *quadratic, beta in zip(*problem, minimise(*problem), strict=True):
        size = 1.0 + max(float(np.abs(part).max()) for part in quadratic[:3]) ** 2
        assert missed(*(np.asarray(part).tolist() for part in (*quadratic, beta))) <= 1e-9 * size


def test_nearly_equal_columns_are_solved_exactly():
    a = np.array([[1, 1, 0.2], [1, 1 + 1e-5, -0.3], [0.5, 0.5 - 1e-5, 0.7], [1, 1, 1]])
    hessian, gradient = a.T @ a, a.T @ np.array([1, -2, 0.3, 0.1])
    for start in np.array(list(product((-1.0, 0.0, 1.0), repeat=3))):
        for penalty in (1e-6, 1e-3, 1.0):
            beta = minimise(gradient[None], hessian[None], start[None], np.array([penalty]))[0]
            assert missed(gradient, hessian, start, penalty, beta.tolist()) <= 1e-9


def test_only_replicates_whose_sign_changes_are_searched(monkeypatch):
    searched, whole = [], lasso._searched
    monkeypatch.setattr(lasso, "_searched", lambda *parts: searched.append(len(parts[0])) or whole(*parts))
    hessian = np.array([[[4.0, 1.0], [1.0, 3.0]]] * 4)
    start = np.array([[1.0, -2.0], [0.1, 2.0], [0.1, 0.0], [1.0, 0.0]])
    gradient = np.array([[0.1, -0.2], [9.0, 0.0], [0.5, -0.1], [0.05, 0.2]])
    found = minimise(gradient, hessian, start, np.full(4, 0.3))
    assert searched == [2]
    assert found[1, 0] < 0.0  # it was positive
    assert found[2].tolist() == [0.0, 0.0]
    assert found[3, 1] == 0.0  # its gradient is weaker than the penalty
    for b in range(4):
        assert found[b] == pytest.approx(exhaustive(gradient[b], hessian[b], start[b], 0.3), abs=1e-12)


def test_what_is_not_finite_stays_nan():
    found = minimise(np.array([[np.nan, 1.0], [3.0, 1.0]]), np.array([np.eye(2)] * 2), np.zeros((2, 2)), np.ones(2))
    assert np.isnan(found[0]).any()
    assert found[1].tolist() == [-2.0, 0.0]
