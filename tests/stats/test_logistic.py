"""The penalised logistic regressions against the conditions of their optimum, scipy, and themselves put differently."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import logistic
from judgebench.stats.chebyshev import Interval
from judgebench.stats.fixed_rows import FixedRows, sigmoid
from judgebench.stats.logistic import Design, fit

TARGETS = ["soft", "hard", "zeros", "ones", "halves", "separated"]
kinds = st.sampled_from(TARGETS)
seeds = st.integers(0, 2**32 - 1)
strengths = st.sampled_from([1e-4, 1e-2, 0.36, 2.8, 21.5, 1e3, 1e4])


def targets(rng: np.random.Generator, kind: str, x: np.ndarray) -> np.ndarray:
    n = len(x)
    return {
        "soft": rng.beta(0.2, 0.3, n),
        "hard": rng.integers(0, 2, n).astype(float),
        "zeros": np.zeros(n),
        "ones": np.ones(n),
        "halves": np.full(n, 0.5),
        "separated": (x > 0.0).astype(float),
    }[kind]


def design(rng: np.random.Generator, kind: str, n: int) -> Design:
    first = np.tanh(rng.normal(size=n))
    return Design(first[None], 1.5 * rng.normal(size=n), np.ones(n), targets(rng, kind, first))


def rows(rng: np.random.Generator, kind: str, n: int) -> FixedRows:
    first = np.tanh(3.0 * rng.normal(size=n))
    return FixedRows(first, 1.5 * rng.normal(size=n), targets(rng, kind, -first), rng.uniform(0.05, 0.2, n))


def missed(
    design: Design, weights: np.ndarray, penalty: float, beta: list[float], fixed: FixedRows | None = None
) -> float:
    """The largest violation of the conditions of an optimum, as a part of the weight of all rows."""
    data = zip(design.stretched[0], design.second, design.third, design.target, weights, strict=True)
    table = [tuple(map(float, row)) for row in data]
    if fixed is not None:
        for a, b, y, w in zip(fixed.first, fixed.second, fixed.target, fixed.weight, strict=True):
            table.append((float(a), float(b), 0.0, float(y), float(w)))
    terms: list[list[float]] = [[], [], []]
    for a, b, c, y, w in table:
        z = beta[0] * a + beta[1] * b + beta[2] * c
        p = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))
        for axis, x in enumerate((a, b, c)):
            terms[axis].append(w * x * (p - y))
    worst = 0.0
    for value, term in zip(beta, terms, strict=True):
        slope = math.fsum(term)
        worst = max(worst, abs(slope) - penalty if value == 0 else abs(slope + math.copysign(penalty, value)))
    return worst / (1.0 + math.fsum(row[4] for row in table))


@given(seeds, kinds, st.integers(1, 30), st.integers(1, 4), st.booleans(), st.data())
@settings(deadline=None, max_examples=300)
def test_conditions_of_the_optimum_hold(
    seed: int, kind: str, n: int, replicates: int, with_fixed: bool, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    problem = design(rng, kind, n)
    weights = rng.integers(0, 4, (replicates, n)).astype(float)
    penalty = 1 / np.array([data.draw(strengths) for _ in range(replicates)])
    start = data.draw(st.sampled_from([0.0, 1.0, 30.0, 300.0, 3000.0])) * rng.normal(size=(replicates, 3))
    fixed = rows(rng, data.draw(kinds), 12) if with_fixed else None
    found = fit(problem, weights, penalty, start, fixed=fixed)
    for beta, weight, force in zip(found.tolist(), weights, penalty.tolist(), strict=True):
        assert missed(problem, weight, force, beta, fixed) <= 1e-9


@given(seeds, kinds, st.sampled_from([1e-2, 0.36, 2.8, 21.5]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_scipy_finds_nothing_better(seed: int, kind: str, strength: float, with_fixed: bool) -> None:
    """Sequential quadratic programming on β = u - v, u and v at least 0, where the penalty is smooth."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    problem, fixed = design(rng, kind, 60), rows(rng, "soft", 40) if with_fixed else None
    weights = rng.integers(0, 4, 60).astype(float)
    x, y, w = problem.linear.T, problem.target, weights
    if fixed is not None:
        x = np.vstack([x, np.stack([fixed.first, fixed.second, np.zeros(40)], axis=1)])
        y, w = np.concatenate([y, fixed.target]), np.concatenate([w, fixed.weight])

    def objective(parts: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ (parts[:3] - parts[3:])
        slope = x.T @ (w * (1 / (1 + np.exp(-z)) - y))
        value = w @ (np.logaddexp(0.0, z) - y * z) + parts.sum() / strength
        return float(value), np.concatenate([slope, -slope]) + 1 / strength

    best = minimize(
        objective,
        np.full(6, 0.5),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, None)] * 6,
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    found = fit(problem, weights[None], np.array([1 / strength]), np.zeros((1, 3)), fixed=fixed)[0]
    ours = objective(np.concatenate([np.maximum(found, 0.0), np.maximum(-found, 0.0)]))[0]
    assert ours <= best.fun * (1 + 1e-12) + 1e-12
    assert ours == pytest.approx(best.fun, rel=1e-7)
    if kind in {"soft", "hard", "halves"}:
        np.testing.assert_allclose(found, best.x[:3] - best.x[3:], atol=2e-3, rtol=2e-3)


@given(seeds, kinds, strengths, st.sampled_from([0.0, 0.1, 30.0]))
@settings(deadline=None, max_examples=100)
def test_fixed_rows_equal_ordinary_rows(seed: int, kind: str, strength: float, far: float) -> None:
    rng = np.random.default_rng(seed)
    replicates, n, more = 40, 30, 50
    mine, fixed = design(rng, "soft", n), rows(rng, kind, more)
    weights = rng.integers(0, 4, (replicates, n)).astype(float)
    penalty, start = np.full(replicates, 1 / strength), far * rng.normal(size=(replicates, 3))
    whole = Design(
        np.hstack([mine.stretched, fixed.first[None]]),
        np.concatenate([mine.second, fixed.second]),
        np.concatenate([mine.third, np.zeros(more)]),
        np.concatenate([mine.target, fixed.target]),
    )
    explicit = fit(whole, np.hstack([weights, np.tile(fixed.weight, (replicates, 1))]), penalty, start)
    np.testing.assert_allclose(fit(mine, weights, penalty, start, fixed=fixed), explicit, rtol=1e-9, atol=1e-9)


@given(seeds, kinds, strengths, st.booleans())
@settings(deadline=None, max_examples=60)
def test_stretched_columns_equal_fits_of_their_own(seed: int, kind: str, strength: float, with_fixed: bool) -> None:
    rng = np.random.default_rng(seed)
    replicates, n = 12, 40
    units = rng.standard_t(3, n)
    stretch = rng.uniform(0.8, 1.4, replicates)
    interval = Interval.around(stretch, -(stretch.min() + stretch.max()) / 2)
    second, ones, target = rng.normal(size=n), np.ones(n), targets(rng, kind, units)
    fixed = rows(rng, "soft", 30) if with_fixed else None
    weights = rng.integers(0, 4, (replicates, n)).astype(float)
    penalty, start = np.full(replicates, 1 / strength), np.zeros((replicates, 3))
    nodes = Design(np.tanh(np.multiply.outer(interval.nodes, units)), second, ones, target)
    found = fit(nodes, weights, penalty, start, interval.basis(stretch), fixed)
    for b, factor in enumerate(stretch):
        own = Design(np.tanh(factor * units)[None], second, ones, target)
        alone = fit(own, weights[b : b + 1], penalty[:1], start[:1], fixed=fixed)[0]
        np.testing.assert_allclose(found[b], alone, rtol=1e-9, atol=1e-9)


def test_fixed_rows_are_interpolated_only_where_replicates_lie_close(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    fixed = rows(rng, "soft", 50)
    near = np.array([0.3, -1.2, 0.4]) + 0.1 * rng.normal(size=(500, 3))
    box = fixed.around(near)
    assert isinstance(box, logistic.FixedLoss)
    assert box.holds(near)
    np.testing.assert_allclose(box.at(near), fixed.at(near), atol=1e-10)
    assert not box.holds(near + 1.0)
    far = np.array([0.3, -1.2, 0.4]) + 30.0 * rng.normal(size=(500, 3))
    assert fixed.around(far) is fixed
    for beta, (slope, other, *bends) in zip(near[:5].tolist(), fixed.at(near[:5]).tolist(), strict=True):
        sums = [0.0] * 5
        data = zip(fixed.first, fixed.second, fixed.target, fixed.weight, strict=True)
        for a, b, y, w in data:
            p = 1 / (1 + math.exp(-beta[0] * a - beta[1] * b))
            terms = [a * (p - y), b * (p - y), *(p * (1 - p) * c for c in (a * a, a * b, b * b))]
            sums = [total + w * term for total, term in zip(sums, terms, strict=True)]
        assert [slope, other, *bends] == pytest.approx(sums, rel=1e-12)


@given(seeds, st.integers(1, 200))
@settings(deadline=None, max_examples=30)
def test_result_does_not_depend_on_the_block(seed: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    problem, fixed = design(rng, "soft", 20), rows(rng, "soft", 20)
    weights = rng.integers(0, 4, (9, 20)).astype(float)
    whole = fit(problem, weights, np.full(9, 0.4), np.zeros((9, 3)), fixed=fixed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logistic, "BLOCK_CELLS", cells)
        again = fit(problem, weights, np.full(9, 0.4), np.zeros((9, 3)), fixed=fixed)
    np.testing.assert_allclose(again, whole, rtol=1e-9, atol=1e-10)


def test_a_strong_penalty_leaves_nothing_and_the_arguments_stay_as_they_were() -> None:
    rng = np.random.default_rng(1)
    problem, weights, start = design(rng, "soft", 20), np.ones((2, 20)), np.ones((2, 3))
    assert not fit(problem, weights, np.full(2, 1e4), start).any()
    assert (start == 1.0).all()
    assert (weights == 1.0).all()


def test_what_is_not_finite_is_refused() -> None:
    problem = design(np.random.default_rng(2), "soft", 20)
    weights = np.ones((1, 20))
    weights[0, 3] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        fit(problem, weights, np.ones(1), np.zeros((1, 3)))


def test_sigmoid_is_exact_and_saturates_silently() -> None:
    z = np.array([-1e4, -30.0, -1.0, 0.0, 1.0, 30.0, 1e4])
    expected = [0.0, *(math.exp(v) / (1 + math.exp(v)) for v in (-30.0, -1.0, 0.0, 1.0, 30.0)), 1.0]
    np.testing.assert_allclose(sigmoid(z), expected, rtol=1e-14)
