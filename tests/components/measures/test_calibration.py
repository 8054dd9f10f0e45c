"""Calibration on figures worked out by hand, and the measures' behaviour on judges that are calibrated."""

import math

import numpy as np
import pytest
from diagnosed import pairs, value
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench import ConfigError
from judgebench.components.measures.accuracy import Accuracy
from judgebench.components.measures.calibration import (
    BrierScore,
    CalibrationError,
    LogLoss,
    SquaredCalibrationError,
)
from judgebench.plugin.options import build


def sure(confidence, right, number=1):
    return [{"preference": [confidence, confidence], "gold": float(right)}] * number


def test_the_error_is_the_mean_distance_of_accuracy_and_confidence():
    found = pairs(*sure(0.9, True, 6), *sure(0.9, False, 4), *sure(0.6, True, 7), *sure(0.6, False, 3))
    assert value(CalibrationError(), found) == pytest.approx(100 * (0.3 + 0.1) / 2)
    assert value(SquaredCalibrationError(bias="kept"), found) == pytest.approx(100 * (0.09 + 0.01) / 2)
    assert value(CalibrationError(bins=1), found) == pytest.approx(100 * (0.75 - 0.65))


def test_where_chance_gives_as_much_the_board_says_so():
    near = CalibrationError().prepare(pairs(*sure(0.9, True, 9), *sure(0.9, False, 1), *sure(0.6, True, 3)))
    chance = 100 * (math.sqrt(2 * 10 * 0.09 / math.pi) + math.sqrt(2 * 3 * 0.24 / math.pi)) / 13
    assert near.details["chance"][0] == pytest.approx(chance)
    assert [(subject, f"about {chance:.1f} by chance" in note) for subject, note in near.notes] == [(0, True)]
    assert CalibrationError().prepare(pairs(*sure(0.9, False, 20))).notes == ()
    assert CalibrationError().prepare(pairs(*sure(1.0, False, 20))).notes == ()


def test_a_confident_second_slot_is_as_good_as_a_confident_first_one():
    """Ready responses mostly have the better one in slot 0, where P(slot 0) alone would say nothing."""
    found = pairs(*sure(0.2, True), *sure(0.2, False, 4))
    assert value(CalibrationError(), found) == pytest.approx(0.0)


def test_hard_verdicts_have_their_share_of_errors():
    found = pairs(*sure(1.0, True, 8), *sure(1.0, False, 2))
    assert value(CalibrationError(), found) == pytest.approx(20.0) == pytest.approx(100 - value(Accuracy(), found))
    assert value(BrierScore(), found) == pytest.approx(20.0)


def test_orders_are_averaged_as_probabilities_before_confidence_is_taken():
    found = pairs({"preference": [0.9, 0.1], "gold": 1.0})
    assert value(CalibrationError(), found) == 0.0  # a tie is half right with the confidence one half
    assert value(BrierScore(), found) == pytest.approx(25.0)
    assert value(LogLoss(), found) == pytest.approx(100 * math.log(2))


def test_gold_ties_and_pairs_without_gold_do_not_enter_and_half_a_pair_is_missing():
    found = pairs(*sure(0.8, True), {"gold": 0.5}, {"gold": None}, {"preference": [0.8, None], "gold": 1.0})
    for measure in (CalibrationError(), SquaredCalibrationError(), BrierScore(), LogLoss()):
        support = measure.support(found)
        assert (support.n[0], support.missing[0]) == (1, 1)


def test_log_loss_stops_at_its_floor():
    assert value(LogLoss(floor=0.01), pairs(*sure(1.0, False))) == pytest.approx(-100 * math.log(0.01))
    with pytest.raises(ConfigError, match="floor"):
        build(LogLoss, {"floor": 0.0}, "measure")
    with pytest.raises(ConfigError, match="bins"):
        build(CalibrationError, {"bins": 0}, "measure")


def test_a_confidence_on_the_edge_lies_in_the_bin_above_whatever_its_last_digit():
    assert (0.6 - 0.5) * 2 * 10 < 2.0
    found = pairs(*sure(0.6, True), *sure(0.64, False), *sure(0.59, False))
    assert CalibrationError().gaps(found).count.sum(axis=0)[0].tolist() == [0, 1, 2, 0, 0, 0, 0, 0, 0, 0]


@given(st.lists(st.tuples(st.sampled_from([0.55, 0.7, 0.7, 0.95]), st.booleans()), min_size=2, max_size=20))
@settings(max_examples=60, deadline=None)
def test_of_one_confidence_a_bin_it_is_the_known_correction(drawn):
    """Kumar et al. (2019): the squared gap of a bin, less v(1 - v)/(n - 1); bins of one pair do not enter."""
    found = pairs(*[row for p, right in drawn for row in sure(p, right)])
    terms = []
    for p in {p for p, _ in drawn}:
        said = [right for q, right in drawn if q == p]
        n, v = len(said), sum(said) / len(said)
        if n > 1:
            terms.append((n, (v - p) ** 2 - v * (1 - v) / (n - 1)))
    total = sum(n for n, _ in terms)
    expected = 100 * sum(n * term for n, term in terms) / total if total else math.nan
    assert value(SquaredCalibrationError(bins=10), found) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def drawn_judge(rng, pairs_, shift):
    """Verdicts with confidences of 0.55 to 0.95, right with a probability that lies `shift` below them."""
    confidence = rng.choice([0.55, 0.65, 0.75, 0.85, 0.95], size=pairs_)
    right = rng.random(pairs_) < confidence - shift
    return pairs(*[row for p, ok in zip(confidence.tolist(), right.tolist(), strict=True) for row in sure(p, ok)])


@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_the_squared_error_has_no_bias_where_the_plain_one_has(shift):
    rng = np.random.default_rng(5)
    tables = [drawn_judge(rng, 60, shift) for _ in range(250)]
    removed, kept = (
        np.array([value(SquaredCalibrationError(bias=bias), one) for one in tables]) for bias in ("removed", "kept")
    )
    error = removed.std() / math.sqrt(len(removed))
    assert abs(removed.mean() - 100 * shift**2) < 4 * error
    assert kept.mean() - 100 * shift**2 > 8 * error
    if shift == 0:
        plain = np.array([value(CalibrationError(), one) for one in tables])
        chance = np.array([CalibrationError().prepare(one).details["chance"][0] for one in tables])
        assert chance.mean() == pytest.approx(plain.mean(), rel=0.1)


def test_resamples_have_their_centre_at_the_estimate():
    rng = np.random.default_rng(6)
    found = drawn_judge(rng, 200, 0.0)
    counts = rng.multinomial(200, np.full(200, 1 / 200), size=4000).astype(float)
    for bias, least, most in (("removed", -0.25, 0.25), ("kept", 0.7, 1.4)):
        measure = SquaredCalibrationError(bias=bias)
        apart = measure.fit(found, counts)[:, 0].mean() - value(measure, found)
        noise = value(SquaredCalibrationError(bias="kept"), found) - value(SquaredCalibrationError(), found)
        assert least * noise < apart < most * noise


def test_bins_of_equal_mass_keep_equal_confidences_together_and_stay_in_resamples():
    found = pairs(*sure(0.6, True, 5), *sure(0.6, False, 5), *sure(0.9, True, 10))
    assert value(CalibrationError(bins=2, binning="mass"), found) == pytest.approx(100 * (0.1 + 0.1) / 2)
    many = pairs(*[row for k in range(40) for row in sure(0.5 + k / 100, k % 2 == 0)])
    gaps = CalibrationError(bins=4, binning="mass").gaps(many)
    assert gaps.count.sum(axis=0)[0].tolist() == [10, 10, 10, 10]
    shuffled = pairs(*[row for k in reversed(range(40)) for row in sure(0.5 + k / 100, k % 2 == 0)])
    measure = CalibrationError(bins=4, binning="mass")
    assert value(measure, shuffled) == pytest.approx(value(measure, many))
    half = np.r_[np.ones(20), np.zeros(20)][None]
    left = pairs(*[row for k in range(20) for row in sure(0.5 + k / 100, k % 2 == 0)])
    edges = CalibrationError(bins=2, binning="mass")  # the lower two of the four bins
    assert measure.fit(many, half)[0, 0] == pytest.approx(value(edges, left))
