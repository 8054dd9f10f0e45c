"""The ratio estimator and its sums against loops."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import bootstrap_counts, cluster_sums, jackknife_weights, ratio

module = importlib.import_module("judgebench.stats.ratio")  # the package's attribute of this name is the function

values = st.floats(-1e3, 1e3)
amounts = st.integers(0, 3).map(float)


def naive_ratio(weights: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> list[list[float]]:
    rows = []
    for weight in weights.tolist():
        row = []
        for subject in range(top.shape[1]):
            above = math.fsum(w * top[c, subject] for c, w in enumerate(weight))
            below = math.fsum(w * bottom[c, subject] for c, w in enumerate(weight))
            row.append(above / below if below else math.nan)
        rows.append(row)
    return rows


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    replicates, clusters, subjects = (draw(st.integers(1, 6)) for _ in range(3))

    def matrix(rows: int, columns: int, elements: st.SearchStrategy[float]) -> np.ndarray:
        cells = draw(st.lists(elements, min_size=rows * columns, max_size=rows * columns))
        return np.array(cells).reshape(rows, columns)

    kind = draw(st.sampled_from([np.uint16, np.int64, np.float64]))
    weights = matrix(replicates, clusters, amounts).astype(kind)
    return weights, matrix(clusters, subjects, values), matrix(clusters, subjects, amounts)


@given(problems())
@settings(deadline=None)
def test_ratio_equals_the_loop(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = ratio(*problem)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, naive_ratio(*problem), rtol=1e-9, atol=1e-9)


@given(problems(), st.integers(1, 20))
@settings(deadline=None)
def test_ratio_does_not_depend_on_the_block(problem: tuple[np.ndarray, np.ndarray, np.ndarray], cells: int) -> None:
    whole = ratio(*problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CELLS", cells)
        np.testing.assert_allclose(ratio(*problem), whole, rtol=1e-12, atol=1e-9)


@given(problems(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_subjects_do_not_touch_each_other(problem: tuple[np.ndarray, np.ndarray, np.ndarray], random: object) -> None:
    weights, top, bottom = problem
    order = np.array(random.sample(range(top.shape[1]), top.shape[1]))  # type: ignore[attr-defined]
    shuffled = ratio(weights, top[:, order], bottom[:, order])
    np.testing.assert_allclose(shuffled, ratio(weights, top, bottom)[:, order], rtol=1e-12, atol=1e-9)


def test_many_blocks_of_counts_equal_one_product() -> None:
    rng = np.random.default_rng(3)
    counts = bootstrap_counts(np.zeros(300, dtype=int), 4000, 1)  # three blocks
    top, bottom = rng.random((300, 4)), rng.integers(1, 9, (300, 4)).astype(float)
    expected = (counts.astype(float) @ top) / (counts.astype(float) @ bottom)
    np.testing.assert_allclose(ratio(counts, top, bottom), expected, rtol=1e-12)


def test_weights_are_left_as_they_were() -> None:
    weights = np.ones((3, 2))
    ratio(weights, np.ones((2, 1)), np.zeros((2, 1)))
    assert (weights == 1).all()


def test_no_data_is_nan_only_where_there_is_none() -> None:
    top, bottom = np.array([[1.0, 0.5], [0.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
    found = ratio(jackknife_weights(np.array([0, 0])), top, bottom)
    assert found[0, 0] == 0.0
    assert math.isnan(found[0, 1])
    assert found[1].tolist() == [1.0, 0.5]


def test_ratio_refuses_what_does_not_fit() -> None:
    ones = np.ones((2, 1))
    with pytest.raises(ValueError, match="one shape"):
        ratio(np.ones((1, 2)), ones, np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"2 clusters"):
        ratio(np.ones((1, 3)), ones, ones)
    with pytest.raises(ValueError, match=r"2 clusters"):
        ratio(np.ones(2), ones, ones)
    with pytest.raises(ValueError, match="numerator must be finite"):
        ratio(np.ones((1, 2)), np.array([[np.nan], [0.0]]), ones)
    with pytest.raises(ValueError, match="denominator must have 2 axes"):
        ratio(np.ones((1, 2)), ones, np.ones(2))
    with pytest.raises(ValueError, match="weights must be finite"):
        ratio(np.array([[1.0, np.nan]]), ones, ones)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), values), max_size=40))
@settings(deadline=None)
def test_sums_equal_the_loop(rows: list[tuple[int, int, float]]) -> None:
    cells: dict[tuple[int, int], list[float]] = {}
    for cluster, subject, value in rows:
        cells.setdefault((cluster, subject), []).append(value)
    naive = [[math.fsum(cells.get((c, s), [])) for s in range(3)] for c in range(5)]
    cluster = np.array([r[0] for r in rows], dtype=np.int32)
    subject = np.array([r[1] for r in rows], dtype=np.uint8)
    found = cluster_sums(cluster, subject, np.array([r[2] for r in rows], dtype=np.float64), 5, 3)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, naive, rtol=1e-9, atol=1e-9)


def test_narrow_indices_do_not_overflow() -> None:
    index = np.array([120], dtype=np.int8)
    assert cluster_sums(index, index, np.array([2.5]), 121, 121)[120, 120] == 2.5


def test_sums_refuse_what_they_cannot_place() -> None:
    zero, one = np.array([0]), np.array([1.0])
    with pytest.raises(ValueError, match="cluster must lie between 0 and 0"):
        cluster_sums(np.array([1]), zero, one, 1, 1)
    with pytest.raises(ValueError, match="subject must lie between 0 and 1"):
        cluster_sums(zero, np.array([-1]), one, 1, 2)
    with pytest.raises(ValueError, match="one length"):
        cluster_sums(zero, zero, np.ones(2), 1, 1)
    with pytest.raises(ValueError, match="integers"):
        cluster_sums(np.array([0.0]), zero, one, 1, 1)
    with pytest.raises(ValueError, match="finite"):
        cluster_sums(zero, zero, np.array([np.nan]), 1, 1)
    with pytest.raises(ValueError, match="at least 1"):
        cluster_sums(zero, zero, one, 0, 1)
