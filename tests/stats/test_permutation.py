"""Sign flips against enumeration and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from judgebench.stats import pairs, sign_flips


@given(hnp.arrays(float, st.tuples(st.integers(1, 8), st.integers(2, 3)), elements=st.sampled_from([0, 0.5, 1, 0.3])))
def test_few_clusters_are_enumerated(values):
    first, second = pairs(values.shape[1])
    found = sign_flips(values, first, second, 1000, 0)
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        gaps = values[:, i] - values[:, j]
        patterns = list(product([1, -1], repeat=len(gaps)))
        beyond = sum(abs(sum(s * g for s, g in zip(p, gaps, strict=True))) >= abs(sum(gaps)) - 1e-9 for p in patterns)
        assert found[k] == pytest.approx(beyond / len(patterns), abs=1e-12)


def test_scipy_agrees():
    from scipy.stats import permutation_test

    rng = np.random.default_rng(5)
    values = rng.random((10, 2)) + np.array([0.25, 0.0])
    found = sign_flips(values, *pairs(2), 5000, 0)[0]
    result = permutation_test(
        (values[:, 0], values[:, 1]),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert found == pytest.approx(result.pvalue, abs=1e-12)


def test_many_clusters_are_sampled_from_the_seed():
    rng = np.random.default_rng(6)
    values = rng.random((60, 3)) + np.array([0.1, 0.0, 0.0])
    found = sign_flips(values, *pairs(3), 9999, 1)
    assert found.tolist() == sign_flips(values, *pairs(3), 9999, 1).tolist()
    assert found.tolist() != sign_flips(values, *pairs(3), 9999, 2).tolist()
    gaps = values[:, 0] - values[:, 1]
    z = gaps.sum() / np.sqrt((gaps**2).sum())
    from scipy.stats import norm

    assert found[0] == pytest.approx(2 * norm.sf(abs(z)), abs=0.02)


def test_no_difference_and_bad_arguments():
    assert sign_flips(np.ones((30, 2)), *pairs(2), 99, 0).tolist() == [1.0]
    with pytest.raises(ValueError, match="flips"):
        sign_flips(np.ones((3, 2)), *pairs(2), 0, 0)
    with pytest.raises(ValueError, match="finite"):
        sign_flips(np.full((3, 2), np.nan), *pairs(2), 9, 0)
