"""Measures of a judge's leanings against naive twins: loops over rows of plain Python, one replicate at a time."""

import numpy as np
import pytest
from diagnosed import judged, tabled, weights
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_diagnostics import (
    balanced,
    brier,
    by_quality,
    debiased,
    ece,
    length_bias,
    log_loss,
    matched,
    prefers_own,
    repeats,
    samples,
    self_preference,
    squared,
    verbosity_bias,
)

from judgebench.components.measures.calibration import (
    BrierScore,
    CalibrationError,
    LogLoss,
    SquaredCalibrationError,
)
from judgebench.components.measures.length_bias import LengthBias, VerbosityBias
from judgebench.components.measures.length_matched import LengthBalancedAccuracy, LengthMatchedAccuracy
from judgebench.components.measures.self_consistency import SelfConsistency
from judgebench.components.measures.self_preference import PrefersOwn, SelfPreference, SelfPreferenceByQuality

CASES = {
    "length-bias": (LengthBias(), length_bias),
    "length-bias, words": (LengthBias(by="words"), lambda rows, all_: length_bias(rows, all_, "words")),
    "verbosity-bias": (VerbosityBias(), verbosity_bias),
    "verbosity-bias, words": (VerbosityBias(by="words"), lambda rows, all_: verbosity_bias(rows, all_, "words")),
    "length-matched": (LengthMatchedAccuracy(), matched),
    "length-matched, 2": (LengthMatchedAccuracy(within=2.0), lambda rows, all_: matched(rows, all_, 2.0)),
    "length-balanced": (LengthBalancedAccuracy(), balanced),
    "self-preference": (SelfPreference(), self_preference),
    "self-preference, votes": (SelfPreference(against="votes"), lambda r, a: self_preference(r, a, "votes")),
    "self-preference, judges": (SelfPreference(against="judges"), lambda r, a: self_preference(r, a, "judges")),
    "by-quality": (SelfPreferenceByQuality(), by_quality),
    "by-quality, votes": (SelfPreferenceByQuality(against="votes"), lambda r, a: by_quality(r, a, "votes")),
    "by-quality, judges": (SelfPreferenceByQuality(against="judges"), lambda r, a: by_quality(r, a, "judges")),
    "prefers-own": (PrefersOwn(), prefers_own),
    "self-consistency": (SelfConsistency(), repeats),
    "self-consistency, samples": (SelfConsistency(of="samples"), samples),
    "calibration-error": (CalibrationError(), ece),
    "calibration-error, 3": (CalibrationError(bins=3), lambda rows, all_: ece(rows, all_, 3)),
    "squared, kept": (SquaredCalibrationError(bins=4, bias="kept"), squared),
    "squared, removed": (SquaredCalibrationError(bins=4), debiased),
    "brier": (BrierScore(), brier),
    "log-loss": (LogLoss(floor=0.01), log_loss),
}


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_measure_equals_its_twin(name, data):
    measure, twin = CASES[name]
    rows, clusters, subjects = data.draw(judged())
    found = tabled(rows, clusters, subjects)
    resamples = data.draw(weights(clusters))
    fitted = measure.fit(found, resamples)
    assert fitted.shape == (len(resamples), subjects)
    support = measure.support(found)
    for subject in range(subjects):
        own = [row for row in rows if row["subject"] == subject]
        for replicate, row_weights in enumerate(resamples.tolist()):
            expected, n = twin([(row, row_weights[row["cluster"]]) for row in own], rows)
            assert fitted[replicate, subject] == pytest.approx(100 * expected, abs=1e-9, nan_ok=True)
            assert support.n[subject] == n
        assert support.missing[subject] >= 0
        assert support.clusters[subject] <= min(support.n[subject], clusters)


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_values_lie_within_the_bounds_and_without_data_there_is_none(name, data):
    measure, _ = CASES[name]
    rows, clusters, subjects = data.draw(judged())
    found = tabled(rows, clusters, subjects)
    values, n = measure.fit(found, np.ones((1, clusters)))[0], measure.support(found).n
    assert np.isnan(values[n == 0]).all()
    if measure.bounds is not None:
        known = values[np.isfinite(values)]
        assert ((known >= measure.bounds[0] - 1e-9) & (known <= measure.bounds[1] + 1e-9)).all()
    silent = tabled(
        [{**row, "preference": [None, None], "parts": [[None], [None]]} for row in rows], clusters, subjects
    )
    assert np.isnan(measure.fit(silent, np.ones((1, clusters)))).all()
    assert (measure.support(silent).n == 0).all()


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_it_does_not_matter_which_response_lies_in_which_slot(name, data):
    measure, _ = CASES[name]
    rows, clusters, subjects = data.draw(judged())
    turned = [
        {
            **row,
            "planned": (True, True),
            "preference": [None if p is None else 1 - p for p in row["preference"][::-1]],
            "gold": None if row["gold"] is None else 1 - row["gold"],
            "votes": row["votes"][::-1],
            "length": row["length"][::-1],
            "text": row["text"][::-1],
            "own": row["own"][::-1],
            "parts": [[None if p is None else 1 - p for p in order] for order in row["parts"][::-1]],
        }
        for row in rows
    ]
    ones = np.ones((1, clusters))
    straight = measure.fit(tabled([{**row, "planned": (True, True)} for row in rows], clusters, subjects), ones)
    np.testing.assert_allclose(measure.fit(tabled(turned, clusters, subjects), ones), straight, atol=1e-9)
