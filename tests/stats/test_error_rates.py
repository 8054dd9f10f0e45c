"""Rates of error by simulation: false findings at level 5 %, coverage of intervals of differences and of ranks.

Every simulated study has its own data; the studies of a batch share the resamples, being columns of one matrix.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from judgebench.stats import (
    acceleration,
    bca,
    bootstrap_counts,
    bootstrap_p,
    differences,
    equivalence,
    jackknife_weights,
    mcnemar,
    pairs,
    percentile,
    rank_intervals,
    ratio,
    rescaling,
    sign_flips,
    stepdown,
)

pytestmark = pytest.mark.slow

CLUSTERS, LEVEL = 200, 0.05
STUDIES, BATCHES, REPLICATES = 500, 20, 1499
Draw = Callable[[np.random.Generator, np.ndarray], np.ndarray]
"""Values [clusters, subjects] of subjects with these true rates, correlated within a cluster."""


def binary(rng: np.random.Generator, rates: np.ndarray, clusters: int = CLUSTERS) -> np.ndarray:
    """Right or wrong: half of the time all subjects of a cluster meet the same luck."""
    own = rng.random((clusters, len(rates)))
    return (np.where(rng.random((clusters, 1)) < 0.5, rng.random((clusters, 1)), own) < rates).astype(float)


def soft(rng: np.random.Generator, rates: np.ndarray, clusters: int = CLUSTERS) -> np.ndarray:
    """Preferences in [0, 1]: the cluster's beta, shared, mixed with one of each subject, both of mean `rates`."""
    shared = rng.beta(2 * rates, 2 * (1 - rates), (clusters, len(rates)))
    if len(set(rates.tolist())) == 1:
        shared = np.broadcast_to(shared[:, :1], shared.shape)
    return 0.5 * shared + 0.5 * rng.beta(2 * rates, 2 * (1 - rates), (clusters, len(rates)))


DRAWS: dict[str, Draw] = {"binary": binary, "soft": soft}
STRATA = np.zeros(CLUSTERS, dtype=int)


def resampled(values: np.ndarray, seed: int) -> np.ndarray:
    """Replicates [replicates, subjects] of the means."""
    counts = bootstrap_counts(STRATA, REPLICATES, seed)
    return ratio(counts, values * rescaling(STRATA)[:, None], np.ones_like(values) * rescaling(STRATA)[:, None])


def side_by_side(rng: np.random.Generator, draw: Draw, one: float, other: float) -> np.ndarray:
    """A batch of studies of two subjects: columns 2k and 2k + 1 are a study, correlated within it alone."""
    return np.concatenate([draw(rng, np.array([one, other])) for _ in range(STUDIES)], axis=1)


EVEN, ODD = np.arange(0, 2 * STUDIES, 2), np.arange(1, 2 * STUDIES, 2)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("data", DRAWS)
def test_tests_of_one_pair_keep_their_level(data: str, rate: float) -> None:
    """The bootstrap keeps between 4 and 6 %, the others below 6 %, in 40,000 studies of 200 clusters.

    Except the bootstrap of right or wrong at rates 0.1 and 0.9: 3.9 %, since the two differ in some 18 clusters, and
    no test of so few steps can meet the level. Sign flips and McNemar's test of right or wrong: 2.8 to 3.8 %.
    """
    rng = np.random.default_rng(round(10 * rate))
    false: dict[str, list[float]] = {"bootstrap": [], "sign flips": []} | ({"McNemar": []} if data == "binary" else {})
    for seed in range(4 * BATCHES):
        values = side_by_side(rng, DRAWS[data], rate, rate)
        found = {
            "bootstrap": bootstrap_p(values.mean(axis=0), resampled(values, seed), EVEN, ODD),
            "sign flips": sign_flips(values, EVEN, ODD, REPLICATES, seed),
        }
        if data == "binary":
            ahead = values[:, EVEN] - values[:, ODD]
            counts = zip((ahead > 0).sum(axis=0).tolist(), (ahead < 0).sum(axis=0).tolist(), strict=True)
            found["McNemar"] = np.array([mcnemar(wins, losses) for wins, losses in counts])
        for test, p in found.items():
            false[test].append(float((p <= LEVEL).mean()))
    rates = {test: float(np.mean(shares)) for test, shares in false.items()}
    print(f"{data}, rate {rate}: {rates}")
    coarse = data == "binary" and rate in (0.1, 0.9)
    assert (0.035 if coarse else 0.04) <= rates["bootstrap"] <= 0.06
    assert (0.025 if data == "binary" else 0.04) <= rates["sign flips"] <= 0.06
    assert rates.get("McNemar", 0.0) <= 0.06


@pytest.mark.parametrize("rates", [(0.1, 0.1), (0.1, 0.2), (0.5, 0.5), (0.5, 0.6), (0.9, 0.9), (0.9, 0.8)])
@pytest.mark.parametrize("data", DRAWS)
def test_95_percent_intervals_of_differences_cover(data: str, rates: tuple[float, float]) -> None:
    rng = np.random.default_rng(round(100 * sum(rates)))
    hits: dict[str, list[float]] = {"percentile": [], "bca": []}
    for seed in range(BATCHES):
        values = side_by_side(rng, DRAWS[data], *rates)
        point, replicates = values.mean(axis=0), resampled(values, seed)
        without_one = ratio(jackknife_weights(STRATA), values, np.ones_like(values))
        for interval in ("percentile", "bca"):
            found = differences(
                point, replicates, EVEN, ODD, 0.95, interval=interval, strata=STRATA, without_one=without_one
            )
            truth = rates[0] - rates[1]
            hits[interval].append(float(((found.low <= truth) & (truth <= found.high)).mean()))
    coverage = {interval: float(np.mean(shares)) for interval, shares in hits.items()}
    print(f"{data}, rates {rates}: {coverage}")
    for interval, share in coverage.items():
        assert 0.93 <= share <= 0.97, f"{interval}: {share:.4f} of {STUDIES * BATCHES} studies"


TRUTHS = {
    "all equal": [0.5] * 8,
    "all equal, rare": [0.1] * 6,
    "one better": [0.7] + [0.5] * 5,
    "two groups": [0.75, 0.75, 0.75, 0.5, 0.5, 0.5],
    "three groups": [0.8, 0.8, 0.6, 0.6, 0.4, 0.4],
    "all apart": [0.35, 0.4, 0.45, 0.5, 0.55, 0.6],
}
"""The true rates of a family of subjects."""


@pytest.mark.parametrize("data", DRAWS)
@pytest.mark.parametrize("truth", TRUTHS)
def test_a_family_has_no_false_finding_and_its_ranks_hold(truth: str, data: str) -> None:
    """Family-wise at most 6 % in 20,000 studies of 200 clusters; the worst, 8 equal subjects, soft values: 5.8 %."""
    rates = np.array(TRUTHS[truth])
    n, studies = len(rates), 20_000
    rng = np.random.default_rng(n)
    first, second = pairs(n)
    difference = rates[first] - rates[second]
    nothing = bool((difference == 0.0).all())
    best = 1 + (rates > rates[:, None]).sum(axis=1)
    worst = n - (rates < rates[:, None]).sum(axis=1)
    false = uncorrected = held = 0
    power = []
    batch = 100
    for seed in range(studies // batch):
        values = np.concatenate([DRAWS[data](rng, rates) for _ in range(batch)], axis=1)
        points, replicates = values.mean(axis=0), resampled(values, seed)
        for k in range(batch):
            mine = slice(n * k, n * (k + 1))
            point, rows = points[mine], replicates[:, mine]
            p = stepdown(point, rows, first, second)
            value = point[first] - point[second]
            wrong = difference * value <= 0.0  # nothing to find, or the other way round
            false += bool(((p <= LEVEL) & wrong).any())
            if nothing:
                uncorrected += bool((bootstrap_p(point, rows, first, second) <= LEVEL).any())
            low, high = rank_intervals(n, first, second, value, p, LEVEL, "higher")
            held += bool(((low <= best) & (worst <= high)).all())
            power.append(float(((p <= LEVEL) & ~wrong).mean()))
    shares = {"false": false / studies, "ranks held": held / studies}
    if nothing:
        shares["uncorrected"] = uncorrected / studies
    print(f"{truth}, {data}: {shares}, found {np.mean(power):.3f} of the pairs")
    assert shares["false"] <= 0.06
    assert shares["ranks held"] >= 0.94
    if nothing:
        assert shares["false"] >= 0.03  # the level is used
        assert shares["uncorrected"] > 0.15  # and needed: without it the family has many


@pytest.mark.parametrize(("difference", "margin"), [(0.1, 0.1), (-0.05, 0.05)])
def test_equivalence_at_its_border_is_rarely_claimed(difference: float, margin: float) -> None:
    rng = np.random.default_rng(4)
    claims = []
    for seed in range(BATCHES):
        values = side_by_side(rng, binary, 0.5 + difference, 0.5)
        point, replicates = values.mean(axis=0), resampled(values, seed)
        for k in range(STUDIES):
            gaps = replicates[:, 2 * k] - replicates[:, 2 * k + 1]
            claims.append(equivalence(float(point[2 * k] - point[2 * k + 1]), gaps, margin) <= LEVEL)
    print(f"difference {difference}, margin {margin}: {np.mean(claims)}")
    assert 0.0 <= np.mean(claims) <= 0.06


def test_pairing_is_what_makes_intervals_of_differences_narrow() -> None:
    rng = np.random.default_rng(9)
    values = side_by_side(rng, soft, 0.5, 0.5)
    replicates = resampled(values, 0)
    paired = differences(values.mean(axis=0), replicates, EVEN, ODD, 0.95, interval="percentile")
    apart = percentile(replicates[:, EVEN] - resampled(values, 1)[:, ODD], 0.95)
    assert (paired.high - paired.low).mean() < 0.8 * (apart[1] - apart[0]).mean()
    gaps = values[:, EVEN] - values[:, ODD]  # the difference as one statistic has the same intervals
    skew = acceleration(STRATA, ratio(jackknife_weights(STRATA), gaps, np.ones_like(gaps)))
    without_one = ratio(jackknife_weights(STRATA), values, np.ones_like(values))
    ours = differences(values.mean(axis=0), replicates, EVEN, ODD, 0.95, strata=STRATA, without_one=without_one)
    low, high = bca(gaps.mean(axis=0), resampled(gaps, 0), skew, 0.95)
    np.testing.assert_allclose(ours.low, low, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.high, high, rtol=1e-9, atol=1e-9)
