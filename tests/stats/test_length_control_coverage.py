"""Coverage of the intervals of length-controlled win rates, by simulation from a finite population.

The truth is the same estimator on the whole population, C and the gamed rows held. Rows are such as real ones: soft
preferences near 0 and 1, lengths with a long tail, both of them and the difficulty related.
"""

from __future__ import annotations

import numpy as np
import pytest

from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, rescaling
from judgebench.stats.length_control import GamedRows, LengthControl, Rows, length_control

POPULATION, STUDIES, REPLICATES = 20_000, 2000, 500
STRENGTH = 2.782559402207126
"""The C that cross-validation chooses for most real models."""
SHIFTS = {3: -14.0, 10: -8.9, 50: -0.2, 90: 8.6}
"""By about which length-controlled win rate in percent they give."""


def population(rate: int, seed: int = 0) -> Rows:
    """Two populations of one seed share instructions: their difficulty and what else makes a model fail there."""
    shared, own = np.random.default_rng(seed), np.random.default_rng([seed, rate])
    difficulty = 1.4 * shared.normal(size=POPULATION)
    hard = shared.logistic(size=POPULATION)
    lengths = 500.0 + 800.0 * own.standard_t(4, POPULATION) - 150.0 * difficulty
    logit = SHIFTS[rate] - 2.5 * np.tanh(lengths / 900.0) + 1.2 * difficulty + 2.0 * hard
    return Rows(lengths, difficulty, 1.0 / (1.0 + np.exp(-logit - 2.5 * own.logistic(size=POPULATION))))


def gamed_rows() -> GamedRows:
    rng = np.random.default_rng(1)
    lengths = np.concatenate([rng.normal(1.5, 0.7, 400), rng.normal(-1.5, 0.7, 400)])
    difficulty = 1.4 * rng.normal(size=800)
    logit = -1.5 * np.tanh(lengths) + 0.7 * difficulty + rng.logistic(size=800)
    return GamedRows(lengths, difficulty, 1.0 / (1.0 + np.exp(-2.0 * logit)))


GAMED = gamed_rows()


def studies(whole: list[Rows], n: int, number: int, seed: int) -> list[list[LengthControl]]:
    """Samples of n instructions, with replacement, the same for every model."""
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, POPULATION, n) for _ in range(number)]
    return [
        [length_control(Rows(r.length_difference[k], r.difficulty[k], r.preference[k]), GAMED, STRENGTH) for r in whole]
        for k in drawn
    ]


def covered(whole: list[Rows], n: int, number: int, seed: int) -> dict[str, float]:
    """Share of 95 % intervals that hold the truth: of one model, or of the difference of two on shared replicates."""
    truths = [length_control(r, GAMED, STRENGTH).win_rate for r in whole]
    truth = truths[0] - (truths[1] if len(truths) > 1 else 0.0)
    strata = np.zeros(n, dtype=int)
    scale, jackknife, ones = rescaling(strata), jackknife_weights(strata), np.ones((1, n))

    def value(models: list[LengthControl], weights: np.ndarray) -> np.ndarray:
        found = [model.refits(weights) for model in models]
        return found[0] - found[1] if len(found) > 1 else found[0]

    hits = {"percentile": 0, "bca": 0}
    for k, models in enumerate(studies(whole, n, number, seed)):
        weights = np.vstack([ones, jackknife, bootstrap_counts(strata, REPLICATES, seed + k) * scale])
        values = value(models, weights)[:, None]  # one call for all, since a call has costs of its own
        point, jack, replicates = values[0], values[1 : n + 1], values[n + 1 :]
        for method, (low, high) in {
            "percentile": percentile(replicates, 0.95),
            "bca": bca(point, replicates, acceleration(strata, jack), 0.95),
        }.items():
            hits[method] += bool(low[0] <= truth <= high[0])
    shares = {method: count / number for method, count in hits.items()}
    print(f"| {truth:6.2f} | {n:4} | {number} | {shares['percentile']:.4f} | {shares['bca']:.4f} |", flush=True)
    return shares


@pytest.mark.slow
@pytest.mark.parametrize("rate", [10, 50, 90])
def test_95_percent_intervals_cover(rate: int) -> None:
    shares = covered([population(rate)], 200, STUDIES, seed=1000 * rate)
    assert 0.93 <= shares["percentile"] <= 0.97, shares


@pytest.mark.slow
@pytest.mark.parametrize("rate", [10, 50])
def test_95_percent_intervals_of_as_many_rows_as_the_benchmark_has_cover(rate: int) -> None:
    shares = covered([population(rate)], 800, 300, seed=2000 * rate)
    assert 0.92 <= shares["percentile"] <= 0.98, shares  # 300 studies: two standard errors are 0.025


@pytest.mark.slow
def test_95_percent_intervals_of_a_paired_difference_cover() -> None:
    shares = covered([population(50), population(10)], 200, STUDIES, seed=7)
    assert 0.93 <= shares["percentile"] <= 0.97, shares


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "n"), [(3, 200), (3, 50), (10, 50), (50, 50)])
def test_small_samples_and_rare_wins_are_shown(rate: int, n: int) -> None:
    """No bound: a board warns of what is so small."""
    assert 0.5 < covered([population(rate)], n, 300, seed=3000 + rate)["percentile"] <= 1.0
