"""Lines of log-odds against the conditions of their optimum, scipy, and rows written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from judgebench.stats import logistic_line
from judgebench.stats.logistic_line import fit_lines

seeds = st.integers(0, 2**32 - 1)
OUTCOMES = {
    "hard": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "soft": lambda rng, n: rng.beta(0.3, 0.3, n),
    "ties": lambda rng, n: rng.choice([0.0, 0.5, 1.0], n),
    "rare": lambda rng, n: (rng.random(n) < 0.1).astype(float),
    "sure": lambda rng, n: rng.choice([1e-9, 1.0 - 1e-9, 1.0], n),
}
COVARIATES = {
    "grid": lambda rng, n: rng.integers(-2, 3, n).astype(float),
    "even": lambda rng, n: rng.normal(size=n),
    "far": lambda rng, n: np.exp(2.0 * rng.normal(size=n)),
}


def overlapping(x: list[float], y: list[float], w: list[float]) -> bool:
    """No line through the covariate has what is won on one side and what is lost on the other."""
    won = [a for a, b, c in zip(x, y, w, strict=True) if c > 0 and b > 0]
    lost = [a for a, b, c in zip(x, y, w, strict=True) if c > 0 and b < 1]
    return bool(won and lost) and min(won) < max(lost) and min(lost) < max(won)


def slopes(x: np.ndarray, y: np.ndarray, w: np.ndarray, a: float, b: float) -> tuple[float, float]:
    """The two derivatives of the log-likelihood, summed without loss, each as a part of its terms."""
    terms, sizes = [], []
    for xi, yi, wi in zip(x.tolist(), y.tolist(), w.tolist(), strict=True):
        z = a + b * xi
        p, q = (1 / (1 + math.exp(-s)) if s > -700 else 0.0 for s in (z, -z))
        terms.append((wi * yi * q - wi * (1 - yi) * p, xi))
        sizes.append((wi * yi * q + wi * (1 - yi) * p) * max(1.0, abs(xi)))
    whole = math.fsum(sizes)
    return math.fsum(t for t, _ in terms) / whole, math.fsum(t * xi for t, xi in terms) / whole


@given(seeds, st.sampled_from(sorted(OUTCOMES)), st.sampled_from(sorted(COVARIATES)), st.integers(3, 25))
@settings(deadline=None, max_examples=200)
def test_conditions_of_the_optimum_hold(seed: int, outcomes: str, covariates: str, n: int) -> None:
    rng = np.random.default_rng(seed)
    y, x = OUTCOMES[outcomes](rng, n), np.sort(COVARIATES[covariates](rng, n))
    weights = rng.integers(0, 4, (12, n)).astype(float)
    kept = [row for row in weights if overlapping(x.tolist(), y.tolist(), row.tolist())]
    for row, (a, b) in zip(kept, fit_lines(x, y, np.array(kept).reshape(-1, n), np.zeros(2)).tolist(), strict=True):
        assert max(map(abs, slopes(x, y, row, a, b))) < 1e-6


@given(seeds, st.sampled_from(["hard", "soft", "ties"]), st.sampled_from(["grid", "even"]))
@settings(deadline=None, max_examples=60)
def test_scipy_finds_the_same_line(seed: int, outcomes: str, covariates: str) -> None:
    rng = np.random.default_rng(seed)
    y, x = OUTCOMES[outcomes](rng, 40), np.sort(COVARIATES[covariates](rng, 40))
    w = rng.integers(0, 4, 40).astype(float)
    if not overlapping(x.tolist(), y.tolist(), w.tolist()):
        return

    def loss(line: np.ndarray) -> float:
        z = line[0] + line[1] * x
        return float(w @ (np.logaddexp(0.0, z) - y * z))

    best = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-10})
    found = fit_lines(x, y, w[None], np.array([3.0, -2.0]))[0]
    assert loss(found) <= best.fun + 1e-9
    np.testing.assert_allclose(found, best.x, rtol=1e-4, atol=1e-4)


@given(seeds, st.integers(1, 300))
@settings(deadline=None, max_examples=30)
def test_result_depends_neither_on_the_block_nor_on_the_start(seed: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.normal(size=30)), rng.beta(0.4, 0.4, 30)
    weights = rng.integers(0, 4, (9, 30)).astype(float)
    whole = fit_lines(x, y, weights, np.zeros(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logistic_line, "BLOCK_CELLS", cells)
        again = fit_lines(x, y, weights, 5.0 * rng.normal(size=(9, 2)))
    np.testing.assert_allclose(again, whole, rtol=1e-7, atol=1e-7)


def test_weights_count_rows() -> None:
    rng = np.random.default_rng(3)
    x, y, w = np.sort(rng.normal(size=30)), rng.beta(0.4, 0.4, 30), rng.integers(0, 4, 30)
    written_out = fit_lines(np.repeat(x, w), np.repeat(y, w), np.ones((1, w.sum())), np.zeros(2))
    np.testing.assert_allclose(fit_lines(x, y, w[None].astype(float), np.zeros(2)), written_out, rtol=1e-9)


def test_a_hardly_overlapping_set_is_solved_from_afar() -> None:
    """One row in a thousand keeps the two apart sides together: full steps of Newton's method overshoot here."""
    x = np.concatenate([[-1.0], np.linspace(-0.9, -0.1, 500), np.linspace(0.1, 0.9, 500), [1.0]])
    y = (x > 0).astype(float)
    y[[0, -1]] = 1.0, 0.0
    found = fit_lines(x, y, np.ones((1, len(x))), np.array([40.0, 300.0]))[0]
    assert max(map(abs, slopes(x, y, np.ones(len(x)), *found.tolist()))) < 1e-9
    assert found[0] == pytest.approx(0.0, abs=1e-9)


def test_what_does_not_overlap_gives_no_number_and_leaves_the_others_alone() -> None:
    x = np.array([-1.0, -0.5, 0.5, 1.0])
    apart, won = np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4)
    for y in (apart, won):
        assert np.isnan(fit_lines(x, y, np.ones((1, 4)), np.zeros(2))).all()
    y = np.array([0.0, 1.0, 0.0, 1.0])
    both = fit_lines(x, y, np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0]]), np.zeros(2))
    assert np.isfinite(both[0]).all()
    assert np.isnan(both[1]).all()
    np.testing.assert_allclose(both[:1], fit_lines(x, y, np.ones((1, 4)), np.zeros(2)), atol=1e-12)
