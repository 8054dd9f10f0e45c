"""Rates at one value of a covariate: by hand, against a minimiser, and where no regression is most likely."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from judgebench.stats.adjusted_rate import adjusted_rate, limit

Rows = list[tuple[float, float, float]]
OUTCOMES = st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.5, 0.2])
PLACES, WEIGHTS = st.integers(-2, 3).map(lambda n: 4.0 * n), st.sampled_from([0.0, 1.0, 2.0])
ROWS = st.lists(st.tuples(PLACES, OUTCOMES, WEIGHTS), max_size=10)


def rate(rows: Rows, at: float) -> float:
    """Under one row of weights, the whole being an overlapping set, so that the form is a line."""
    more = [(-20.0, 1.0, 0.0), (-20.0, 0.0, 0.0), (20.0, 1.0, 0.0), (20.0, 0.0, 0.0)]
    x, y, w = (np.array(column) for column in zip(*rows, *more, strict=True))
    return float(adjusted_rate(np.arange(len(x)), x, y, at).rates(w[None])[0])


def penalised(rows: Rows, at: float, ridge: tuple[float, float]) -> float:
    """The prediction at a value, by a general minimiser, with a small penalty on the level and on the slope."""
    x, y, w = (np.array(column) for column in zip(*rows, strict=True))
    x = x - at

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        z = line[0] + line[1] * x
        gap = w * (0.5 * (1.0 + np.tanh(z / 2.0)) - y)
        slope = np.array([gap.sum(), gap @ x]) + np.array(ridge) * line
        return float(w @ (np.logaddexp(0.0, z) - y * z) + 0.5 * (np.array(ridge) * line**2).sum()), slope

    found = minimize(loss, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-11, "maxiter": 5000}).x
    return 0.5 * (1.0 + math.tanh(found[0] / 2.0))


def meets(rows: Rows) -> bool:
    """There is a finite optimum: no threshold has all that is won on one side and all that is lost on the other."""
    won, lost = [x for x, y, w in rows if w and y > 0], [x for x, y, w in rows if w and y < 1]
    return bool(won and lost) and min(won) < max(lost) and min(lost) < max(won)


@given(rows=ROWS, at=st.sampled_from([-12.0, -4.0, 0.0, 2.0, 4.0, 16.0]))
@settings(max_examples=150, deadline=None)
@example(rows=[(4.0, 1.0, 1.0), (4.0, 0.0, 1.0), (8.0, 1.0, 1.0)], at=4.0)
@example(rows=[(4.0, 1.0, 1.0), (4.0, 0.0, 1.0), (0.0, 1.0, 2.0)], at=2.0)
@example(rows=[(0.0, 0.0, 1.0), (4.0, 1.0, 1.0)], at=2.0)
@example(rows=[(0.0, 1.0, 1.0), (4.0, 1.0, 1.0)], at=4.0)
def test_it_is_the_prediction_or_the_limit_of_predictions(rows: Rows, at: float) -> None:
    found = rate(rows, at)
    there = [row for row in rows if row[2]]
    if not there:
        assert math.isnan(found)
    elif meets(there):
        assert found == pytest.approx(penalised(there, at, (0.0, 0.0)), abs=1e-6)
    elif not math.isnan(found):
        for ridge in ((1e-7, 1e-7), (1e-8, 1e-6), (1e-6, 1e-8)):  # whichever way the penalty is taken away
            more, less = (abs(found - penalised(there, at, (c * ridge[0], c * ridge[1]))) for c in (100.0, 1.0))
            assert less <= max(more, 1e-3)  # slowly, where other rows lie much further off than the value
            assert less < 0.4


@pytest.mark.parametrize(
    ("won", "lost", "level", "expected"),
    [
        ((1.0, 2.0), (-2.0, -1.0), math.nan, math.nan),  # within the gap
        ((1.0, 2.0), (-2.0, 0.0), 0.0, 0.0),
        ((0.0, 2.0), (-2.0, -1.0), 1.0, 1.0),
        ((-2.0, -1.0), (1.0, 2.0), math.nan, math.nan),
        ((-2.0, 0.0), (1.0, 2.0), 1.0, 1.0),
        ((-2.0, -1.0), (0.0, 2.0), 0.0, 0.0),
        ((0.0, 2.0), (0.0, 0.0), 0.75, 0.75),  # beyond 0 all is won: what meets there keeps its own rate
        ((1.0, 2.0), (1.0, 1.0), math.nan, 0.0),
        ((-1.0, 2.0), (math.inf, -math.inf), math.nan, 1.0),
        ((1.0, 2.0), (math.inf, -math.inf), math.nan, math.nan),  # 0 lies beyond all that is won
        ((math.inf, -math.inf), (0.0, 2.0), 0.0, 0.0),
        ((0.0, 0.0), (0.0, 0.0), 0.3, 0.3),
        ((1.0, 1.0), (1.0, 1.0), math.nan, math.nan),
        ((math.inf, -math.inf), (math.inf, -math.inf), math.nan, math.nan),
    ],
)
def test_limits(won: tuple[float, float], lost: tuple[float, float], level: float, expected: float) -> None:
    assert limit(won, lost, level) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("rows", "form"),
    [
        ([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)], "line"),
        ([(1.0, 0.0), (1.0, 1.0)], "level"),
        ([(2.0, 0.0), (2.0, 1.0)], "one value"),
        ([(1.0, 1.0), (2.0, 1.0)], "won"),
        ([(1.0, 0.0), (2.0, 1e-13)], "lost"),
        ([(0.0, 0.0), (1.0, 1.0), (1.0, 0.0)], "told apart"),
        ([], "nothing"),
    ],
)
def test_forms(rows: list[tuple[float, float]], form: str) -> None:
    x, y = np.array(rows).reshape(-1, 2).T
    found = adjusted_rate(np.arange(len(x)), x, y, 1.0)
    assert found.form == form
    value = found.rates(np.ones((1, max(1, len(x)))))[0]
    assert np.isnan(value) == (form not in ("line", "level"))
    assert np.isnan(found.slope) == (form != "line")


def test_two_values_are_joined_by_a_straight_line_of_log_odds() -> None:
    """1 of 2 at a quarter, 9 of 10 at one: odds of 1 and 9, so of 3 midway and of 27 half as far again."""
    x = np.repeat([0.25, 1.0], [2, 10])
    y = np.array([1.0, 0.0, *[1.0] * 9, 0.0])
    ones = np.ones((1, 12))
    for at, odds in ((0.25, 1.0), (0.625, 3.0), (1.0, 9.0), (1.375, 27.0)):
        found = adjusted_rate(np.arange(12), x, y, at)
        assert found.rates(ones)[0] == pytest.approx(odds / (1.0 + odds), abs=1e-12)
        assert found.slope == pytest.approx(math.log(9.0) / 0.75, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e-4, 1e5]))
@settings(max_examples=40, deadline=None)
def test_neither_scale_nor_order_nor_block_matters(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x, y, cluster = np.exp(rng.normal(size=30)), rng.choice([0.0, 0.5, 1.0], 30), rng.integers(0, 12, 30)
    weights = rng.integers(0, 3, (20, 12)).astype(float)
    found = adjusted_rate(cluster, x, y, 1.0)
    order = rng.permutation(30)
    moved = adjusted_rate(cluster[order], scale * x[order] + 7.0, y[order], scale + 7.0)
    np.testing.assert_allclose(moved.rates(weights), found.rates(weights), rtol=1e-6, atol=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("judgebench.stats.adjusted_rate.BLOCK_CELLS", 70)
        np.testing.assert_allclose(found.rates(weights), adjusted_rate(cluster, x, y, 1.0).rates(weights), rtol=1e-12)
