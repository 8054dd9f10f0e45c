"""Coverage of the bootstrap intervals by simulation: every simulated study is one subject of a shared resampling."""

from __future__ import annotations

import numpy as np
import pytest

from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, ratio

STUDIES, BATCHES, REPLICATES = 1000, 4, 1500
Sums = tuple[np.ndarray, np.ndarray]


def judged(rng: np.random.Generator, rate: float, clusters: int, largest: int) -> Sums:
    """Sums over clusters of 1..largest verdicts in {0, ½, 1}: the clusters differ in size and in their own rate."""
    size = rng.integers(1, largest + 1, (clusters, STUDIES))
    own = rng.beta(8 * rate, 8 * (1 - rate), size.shape)
    return rng.binomial(2 * size, own) / 2, size.astype(float)


def covered(resampled: np.ndarray, studies: list[Sums], truth: float) -> dict[str, float]:
    """Share of 95 % intervals that hold the truth, with resampling within the strata `resampled`."""
    hits: dict[str, list[float]] = {"percentile": [], "bca": []}
    for seed, (top, bottom) in enumerate(studies):
        replicates = ratio(bootstrap_counts(resampled, REPLICATES, seed), top, bottom)
        point = ratio(np.ones((1, len(resampled))), top, bottom)[0]
        a = acceleration(resampled, ratio(jackknife_weights(resampled), top, bottom))
        for method, (low, high) in {
            "percentile": percentile(replicates, 0.95),
            "bca": bca(point, replicates, a, 0.95),
        }.items():
            hits[method].append(float(((low <= truth) & (truth <= high)).mean()))
    return {method: float(np.mean(shares)) for method, shares in hits.items()}


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_95_percent_intervals_of_a_clustered_mean_cover(rate: float) -> None:
    rng = np.random.default_rng(round(100 * rate))
    studies = [judged(rng, rate, clusters=200, largest=8) for _ in range(BATCHES)]
    coverage = covered(np.zeros(200, dtype=int), studies, rate)
    print(f"rate {rate}: {coverage}")
    for method, share in coverage.items():
        assert 0.93 <= share <= 0.97, f"{method} at rate {rate}: {share:.4f} of {STUDIES * BATCHES} studies"


@pytest.mark.slow
def test_95_percent_intervals_of_a_stratified_mean_cover_and_need_the_strata() -> None:
    rng = np.random.default_rng(12)
    design = [(0.1, 60, 2), (0.5, 100, 8), (0.95, 40, 16)]  # rate, clusters, largest size
    parts = [[judged(rng, *stratum) for stratum in design] for _ in range(BATCHES)]
    studies = [(np.concatenate([p[0] for p in part]), np.concatenate([p[1] for p in part])) for part in parts]
    rows = [clusters * (largest + 1) / 2 for _, clusters, largest in design]  # expected in each stratum
    truth = sum(rate * n for (rate, _, _), n in zip(design, rows, strict=True)) / sum(rows)
    strata = np.repeat([0, 1, 2], [clusters for _, clusters, _ in design])
    coverage, ignored = covered(strata, studies, truth), covered(np.zeros_like(strata), studies, truth)
    print(f"stratified: {coverage}; strata ignored: {ignored}")
    for method, share in coverage.items():
        assert 0.93 <= share <= 0.97, f"{method}, stratified: {share:.4f} of {STUDIES * BATCHES} studies"
        assert ignored[method] > 0.97, f"{method}, strata ignored: {ignored[method]:.4f}, should be too wide"
