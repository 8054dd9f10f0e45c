"""The penalised quadratic against all sign patterns, one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
