"""How often intervals of length-controlled win rates hold the truth: simulated studies."""

import sys
from pathlib import Path

import numpy as np
import pytest

from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, rescaling
from judgebench.stats.length_control import Rows, length_control

sys.path.insert(0, str(Path(__file__).parent))
from length_rows import gamed

STUDIES, REFITS, POPULATION, STRENGTH = 2000, 400, 20_000, 2.78


def population(shift):
    """Soft preferences near 0 and 1, as GPT-4's, with effects of length and of difficulty."""
    rng = np.random.default_rng(5)
    length, difficulty = rng.normal(300, 900, POPULATION), rng.normal(0, 1.5, POPULATION)
    z = -1.2 * np.tanh(length / 900) + 0.5 * difficulty + shift + rng.logistic(0, 1, POPULATION)
    return Rows(length, difficulty, 1 / (1 + np.exp(-4 * z)))


def taken(rows, place):
    return Rows(rows.length_difference[place], rows.difficulty[place], rows.preference[place])


def coverage(shifts, n, jackknife=False):
    """Per cent of the studies whose interval holds the truth: of one model's rate, or of the difference of two.

    The truth is the same estimator on the whole population, each of its rows weighing n / POPULATION.
    """
    rng, extra = np.random.default_rng(n), gamed(np.random.default_rng(6), 1610)
    models = [population(shift) for shift in shifts]
    scale = np.full((1, POPULATION), n / POPULATION)
    rates = [length_control(rows, extra, STRENGTH).refits(scale)[0] for rows in models]
    truth = rates[0] - sum(rates[1:])
    strata = np.zeros(n, dtype=np.int64)
    leave = jackknife_weights(strata)
    held = {"percentile": 0, "bca": 0}
    for study in range(STUDIES):
        place = rng.integers(0, POPULATION, n)
        weights = bootstrap_counts(strata, REFITS, study) * rescaling(strata)
        fits = [length_control(taken(rows, place), extra, STRENGTH) for rows in models]
        found = [fit.refits(weights) for fit in fits]
        values = (found[0] - sum(found[1:]))[:, None]
        low, high = percentile(values, 0.95)
        held["percentile"] += bool(low[0] <= truth <= high[0])
        if jackknife:
            left = [fit.refits(leave) for fit in fits]
            skew = acceleration(strata, (left[0] - sum(left[1:]))[:, None])
            point = np.array([fits[0].win_rate - sum(fit.win_rate for fit in fits[1:])])
            low, high = bca(point, values, skew, 0.95)
            held["bca"] += bool(low[0] <= truth <= high[0])
    shares = {method: 100 * count / STUDIES for method, count in held.items()}
    print(f"n = {n}, rates {', '.join(f'{rate:.1f}' for rate in rates)}: {shares}")
    return shares


@pytest.mark.slow
@pytest.mark.parametrize("shift", [-3.2, 0.2, 3.2], ids=["6 %", "52 %", "92 %"])
def test_intervals_of_a_rate_hold_the_truth_as_often_as_they_say(shift):
    shares = coverage([shift], 200, jackknife=True)
    assert 93.0 <= shares["percentile"] <= 97.0
    assert 93.0 <= shares["bca"] <= 97.0


@pytest.mark.slow
def test_intervals_of_a_difference_hold_the_truth_as_often_as_they_say():
    assert 93.0 <= coverage([0.2, -0.6], 200)["percentile"] <= 97.0


@pytest.mark.slow
def test_few_items_and_small_rates_are_where_the_board_warns():
    """No bound is claimed here: these are the cases of the board's warnings."""
    for shift, n in ((0.2, 50), (-4.6, 200)):
        assert coverage([shift], n)["percentile"] > 80.0
