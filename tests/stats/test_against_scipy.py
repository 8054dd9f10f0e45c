"""The bootstrap intervals against `scipy.stats.bootstrap`, given the same replicates."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from judgebench.stats import acceleration, bca, jackknife_weights, percentile, ratio


def win_rates(n: int) -> np.ndarray:
    return np.random.default_rng(8).choice([0.0, 0.5, 1.0], size=n, p=[0.1, 0.15, 0.75])


@pytest.mark.parametrize("sample", ["win rates", "skewed"])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_bca_and_percentile_agree_with_scipy_on_the_same_replicates(sample: str, confidence: float) -> None:
    data = win_rates(120) if sample == "win rates" else np.random.default_rng(2).exponential(size=60) ** 2
    options = {"confidence_level": confidence, "n_resamples": 2000, "rng": np.random.default_rng(4)}
    theirs = scipy.stats.bootstrap((data,), np.mean, method="BCa", **options)
    replicates = theirs.bootstrap_distribution[:, None]
    strata, ones = np.zeros(len(data), dtype=int), np.ones((len(data), 1))
    a = acceleration(strata, ratio(jackknife_weights(strata), data[:, None], ones))
    ours = bca(np.array([data.mean()]), replicates, a, confidence)
    assert (ours[0][0], ours[1][0]) == pytest.approx(tuple(theirs.confidence_interval), rel=1e-9)
    theirs = scipy.stats.bootstrap(
        (data,), np.mean, method="percentile", bootstrap_result=theirs, confidence_level=confidence, n_resamples=0
    )
    ours = percentile(replicates, confidence)
    assert (ours[0][0], ours[1][0]) == pytest.approx(tuple(theirs.confidence_interval), rel=1e-9)


def test_stratified_bca_agrees_with_scipy_on_two_samples() -> None:
    rng = np.random.default_rng(6)
    first, second = rng.exponential(size=40), rng.exponential(3.0, size=15) ** 1.5

    def pooled(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return (40 * x.mean(axis=axis) + 15 * y.mean(axis=axis)) / 55

    theirs = scipy.stats.bootstrap((first, second), pooled, method="BCa", n_resamples=3000, rng=rng, vectorized=True)
    strata, data = np.repeat([0, 1], [40, 15]), np.concatenate([first, second])
    a = acceleration(strata, ratio(jackknife_weights(strata), data[:, None], np.ones((55, 1))))
    low, high = bca(np.array([data.mean()]), theirs.bootstrap_distribution[:, None], a, 0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(theirs.confidence_interval), rel=1e-9)
