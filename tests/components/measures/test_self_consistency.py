"""self-consistency: the share of agreeing pairs has no bias by the number of repeats, and its counts by hand."""

import numpy as np
import pytest
from diagnosed import pairs, value

from judgebench.components.measures.self_consistency import SelfConsistency


def repeated(*preferences, item=0, **more):
    return [{"item": item, "shown": item, "cluster": item, "preference": p, **more} for p in preferences]


def test_pairs_of_repeats_are_counted_within_an_order():
    found = pairs(*repeated([1.0, 0.0], [0.9, 0.5], [0.2, 0.5]))
    straight, swapped = 1 / 3, 1 / 3  # win, win, loss; loss, tie, tie
    assert value(SelfConsistency(), found) == pytest.approx(100 * (straight + swapped) / 2)
    support = SelfConsistency().support(found)
    assert (support.n[0], support.missing[0], support.clusters[0]) == (1, 0, 1)


def test_comparisons_count_alike_however_many_verdicts_they_have():
    found = pairs(*repeated(*[[1.0, 1.0]] * 4), *repeated([1.0, None], [0.0, None], item=1))
    assert value(SelfConsistency(), found) == 50.0
    assert SelfConsistency().support(found).n[0] == 2


def test_one_verdict_is_none_to_compare_and_one_left_of_several_is_missing():
    alone = pairs(*repeated([1.0, 1.0]))
    assert np.isnan(value(SelfConsistency(), alone))
    assert SelfConsistency().support(alone).missing[0] == 0
    left = pairs(*repeated([1.0, None], [None, None]), *repeated([1.0, 1.0], [1.0, 1.0], item=1))
    support = SelfConsistency().support(left)
    assert (support.n[0], support.missing[0]) == (1, 1)


def test_other_responses_to_the_same_item_and_other_judges_are_no_repeats():
    rows = [*repeated([1.0, 1.0], [0.0, 0.0])]
    rows[1]["shown"] = 7
    assert np.isnan(value(SelfConsistency(), pairs(*rows)))
    assert np.isnan(value(SelfConsistency(), pairs(*repeated([1.0, 1.0]), *repeated([0.0, 0.0], subject=1))))


def test_the_votes_inside_a_verdict():
    found = pairs(
        {"parts": [[1.0, 0.9, 0.1, None], [0.0, 0.0, 0.0, 0.0]]},
        {"parts": [[1.0, None, None, None], [None] * 4]},  # one vote was read
    )
    measure = SelfConsistency(of="samples")
    assert value(measure, found) == pytest.approx(100 * (1 / 3 + 1) / 2)
    support = measure.support(found)
    assert (support.n[0], support.missing[0]) == (1, 1)
    assert np.isnan(value(measure, pairs({})))
    assert measure.support(pairs({})).missing[0] == 0


@pytest.mark.parametrize("repeats", [2, 3, 8])
def test_it_has_no_bias_by_the_number_of_repeats(repeats):
    """A judge that says one of three things with 0.5, 0.3 and 0.2 agrees with itself in 0.38 of the pairs."""
    rng = np.random.default_rng(repeats)
    drawn = rng.choice([1.0, 0.0, 0.5], size=(1500, repeats), p=[0.5, 0.3, 0.2])
    rows = [one for item, says in enumerate(drawn.tolist()) for one in repeated(*[[p, None] for p in says], item=item)]
    spread = np.sqrt(0.38 * 0.62 / 1500)  # of one pair each; more repeats have less
    assert value(SelfConsistency(), pairs(*rows)) == pytest.approx(38.0, abs=4 * 100 * spread)
