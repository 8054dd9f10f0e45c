"""length-bias, verbosity-bias and the accuracies that length cannot explain, on figures worked out by hand."""

import numpy as np
import pytest
from diagnosed import pairs, value
from scipy.stats import binomtest

from judgebench import ConfigError
from judgebench.components.measures.accuracy import Accuracy
from judgebench.components.measures.length_bias import LengthBias, VerbosityBias
from judgebench.components.measures.length_matched import LengthBalancedAccuracy, LengthMatchedAccuracy
from judgebench.plugin.options import build

LONG_FIRST, LONG_SECOND, EQUAL = [30, 10], [10, 30], [20, 20]
FIRST, SECOND, TORN = [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]


def verdict(preference, length, gold=None, **more):
    return {"preference": preference, "length": length, "gold": gold, **more}


def test_the_longer_response_is_followed_to_its_slot_and_equal_ones_do_not_enter():
    found = pairs(
        verdict(FIRST, LONG_FIRST), verdict(SECOND, LONG_SECOND), verdict(TORN, LONG_FIRST),
        verdict(SECOND, LONG_FIRST), verdict(FIRST, EQUAL), verdict(FIRST, [None, 5]),
    )  # fmt: skip
    assert value(LengthBias(), found) == pytest.approx(100 * 2.5 / 4)
    support = LengthBias().support(found)
    assert (support.n[0], support.missing[0], support.clusters[0]) == (4, 0, 4)


def test_the_p_value_is_binomial_for_plain_verdicts():
    found = pairs(*[verdict(FIRST, LONG_FIRST)] * 9, *[verdict(FIRST, LONG_SECOND)] * 2, verdict(TORN, LONG_FIRST))
    assert LengthBias().prepare(found).details["p"][0] == pytest.approx(binomtest(9, 11).pvalue)


def test_half_a_pair_is_missing():
    found = pairs(verdict([1.0, None], LONG_FIRST), verdict(FIRST, LONG_SECOND))
    support = LengthBias().support(found)
    assert (support.n[0], support.missing[0]) == (1, 1)
    assert value(LengthBias(), found) == 0.0


def test_a_judge_of_length_alone_is_half_right_where_both_kinds_count_alike():
    """Nine pairs have the better response longer, one shorter: plain accuracy hides what it goes by."""
    found = pairs(*[verdict(FIRST, LONG_FIRST, 1.0)] * 9, verdict(FIRST, LONG_FIRST, 0.0))
    assert value(Accuracy(), found) == 90.0
    assert value(LengthBalancedAccuracy(), found) == 50.0
    assert value(VerbosityBias(), found) == 100.0
    assert value(LengthBias(), found) == 100.0
    details = LengthBalancedAccuracy().prepare(found).details
    assert (details["longer"][0], details["shorter"][0]) == (100.0, 0.0)


def test_a_judge_that_errs_alike_on_both_kinds_has_no_verbosity_bias():
    half = [verdict(FIRST, LONG_FIRST, 1.0), verdict(SECOND, LONG_FIRST, 1.0)]
    other = [verdict(FIRST, LONG_FIRST, 0.0), verdict(SECOND, LONG_FIRST, 0.0)]
    found = pairs(*half * 3, *other)
    assert value(VerbosityBias(), found) == 0.0
    always_short = pairs(*[verdict(SECOND, LONG_FIRST, 1.0)] * 2, verdict(SECOND, LONG_FIRST, 0.0))
    assert value(VerbosityBias(), always_short) == -100.0


@pytest.mark.parametrize("measure", [VerbosityBias(), LengthBalancedAccuracy()])
def test_without_one_of_the_kinds_there_is_no_estimate_and_a_reason(measure):
    found = pairs(*[verdict(FIRST, LONG_FIRST, 1.0)] * 3)
    assert np.isnan(value(measure, found))
    assert measure.prepare(found).why == {0: "there is no pair whose better response is the shorter one"}
    assert measure.prepare(pairs(verdict(FIRST, EQUAL, 1.0))).why == {}


def test_matched_pairs_lie_within_the_factor_its_border_included():
    found = pairs(
        verdict(FIRST, [100, 125], 1.0), verdict(FIRST, [126, 100], 0.0), verdict(SECOND, [100, 100], 1.0),
        verdict(FIRST, [0, 0], 1.0), verdict(FIRST, [0, 1], 0.0), verdict(FIRST, [None, 4], 0.0),
    )  # fmt: skip
    assert value(LengthMatchedAccuracy(), found) == pytest.approx(100 * 2 / 3)
    assert LengthMatchedAccuracy().support(found).n[0] == 3
    assert LengthMatchedAccuracy(within=1.0).support(found).n[0] == 2


def test_ties_and_misses_count_by_the_convention_of_accuracy():
    found = pairs(verdict([0.5, 0.5], [9, 10], 1.0), verdict([1.0, None], [9, 10], 1.0), verdict(FIRST, [9, 10], 1.0))
    for options in ({}, {"convention": "llmbar"}, {"ties": "skip"}, {"misses": "half"}):
        same = value(Accuracy(**options), found)
        assert value(LengthMatchedAccuracy(**options), found) == same
        assert LengthBalancedAccuracy(**options).prepare(found).details["shorter"][0] == same
    notes = LengthBalancedAccuracy(convention="llmbar").prepare(found).notes
    assert notes == LengthBalancedAccuracy(convention="llmbar").convention_notes != ()


def test_words_are_counted_in_the_texts():
    found = pairs({"text": ["a bc", "abcdefg"], "length": [4, 7], "preference": FIRST})
    assert value(LengthBias(), found) == 0.0
    assert value(LengthBias(by="words"), found) == 100.0
    assert np.isnan(value(LengthBias(by="words"), pairs(verdict(FIRST, LONG_FIRST))))


def test_a_factor_below_one_is_refused():
    with pytest.raises(ConfigError, match="within"):
        build(LengthMatchedAccuracy, {"within": 0.9}, "measure")
