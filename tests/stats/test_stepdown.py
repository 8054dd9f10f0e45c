"""Step-down max-T and ranks against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from judgebench.stats import bootstrap_p, pairs, rank_intervals, stepdown


def naive(point, replicates, first, second):
    """Romano and Wolf's algorithm as it is told: remove the largest, take the largest of what is left, again."""
    value = [point[i] - point[j] for i, j in zip(first, second, strict=True)]
    gaps = [[row[i] - row[j] for row in replicates] for i, j in zip(first, second, strict=True)]
    error = [float(np.std(gap, ddof=1)) for gap in gaps]
    statistic = [
        0.0 if abs(v) < 1e-12 else float("inf") if e < 1e-12 else abs(v) / e for v, e in zip(value, error, strict=True)
    ]
    left = sorted(range(len(value)), key=lambda k: -statistic[k])
    adjusted, before = [1.0] * len(value), 0.0
    while left:
        k = left[0]
        beyond = 0
        for b in range(len(replicates)):
            largest = max(0.0 if error[m] < 1e-12 else abs(gaps[m][b] - value[m]) / error[m] for m in left)
            beyond += largest >= statistic[k] * (1 - 1e-12)
        before = max(before, (1 + beyond) / (1 + len(replicates)))
        adjusted[k] = 1.0 if statistic[k] == 0.0 else before
        left.pop(0)
    return adjusted


@given(st.integers(2, 5), st.integers(3, 25), st.integers(0, 2**32 - 1))
def test_adjusted_p_values_are_those_of_the_algorithm(subjects, rows, seed):
    rng = np.random.default_rng(seed)
    replicates = rng.normal(rng.normal(0, 1, subjects), 0.5, (rows, subjects))
    point = replicates.mean(axis=0)
    first, second = pairs(subjects)
    found = stepdown(point, replicates, first, second)
    assert found.tolist() == naive(point, replicates, first, second)
    assert (found >= bootstrap_p(point, replicates, first, second) - 1e-12).all()


def test_differences_without_spread_or_size():
    replicates = np.tile([3.0, 1.0, 1.0, 0.5], (50, 1))
    replicates[:, 3] += np.random.default_rng(0).normal(0, 1.0, 50)
    first, second = pairs(4)
    found = stepdown(replicates.mean(axis=0), replicates, first, second, floor=0.01)
    by_pair = dict(zip(zip(first.tolist(), second.tolist(), strict=True), found.tolist(), strict=True))
    assert by_pair[0, 1] == by_pair[0, 2] == 1 / 51
    assert by_pair[1, 2] == 1.0
    assert by_pair[1, 3] > 0.05


def test_a_subject_without_data_in_a_resample_spoils_no_other_pair():
    rng = np.random.default_rng(1)
    replicates = rng.normal([5.0, 0.0, 0.1], 0.5, (200, 3))
    with_hole = np.column_stack([replicates, rng.normal(0, 1, 200)])
    with_hole[::2, 3] = np.nan
    point = np.append(replicates.mean(axis=0), 0.0)
    found = stepdown(point, with_hole, *pairs(4))
    assert found[0] == 1 / 201  # 5 against 0
    assert np.isfinite(found).all()


@given(st.integers(2, 6), st.data())
def test_ranks_count_those_significantly_better_and_worse(n, data):
    values = data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    first, second = pairs(n)
    p = np.array(data.draw(st.lists(st.sampled_from([0.01, 0.05, 0.2]), min_size=len(first), max_size=len(first))))
    gap = np.array([values[i] - values[j] for i, j in zip(first, second, strict=True)], float)
    for better in ("higher", "lower"):
        low, high = rank_intervals(n, first, second, gap, p, 0.05, better)
        for subject in range(n):
            ahead = behind = 0
            for i, j, g, q in zip(first, second, gap, p, strict=True):
                if subject in (i, j) and q <= 0.05 and g != 0:
                    mine = g if i == subject else -g
                    wins = mine > 0 if better == "higher" else mine < 0
                    behind += wins
                    ahead += not wins
            assert (low[subject], high[subject]) == (1 + ahead, n - behind)
