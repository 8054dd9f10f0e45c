"""Ballots: several verdicts counted or averaged, of two responses and of more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Preference, Score, VerdictError
from judgebench.judging.ballots import as_part, best, majority, mean, mean_score, plurality, preferred, readable

A, TIE, B = (Preference(probs) for probs in ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0)))


@pytest.mark.parametrize(
    ("votes", "most", "commonest"),
    [
        ([A, A, B], A, A),
        ([A, B], TIE, TIE),
        ([A, A, B, B], TIE, TIE),
        ([A, A, B, TIE], TIE, A),  # half is not more than half
        ([A, TIE, TIE], TIE, TIE),
        ([A, TIE], TIE, TIE),
        ([A, A, TIE, TIE, B], TIE, TIE),
        ([Preference((0.51, 0.49)), Preference((0.6, 0.4)), B], A, A),  # each counts by what it prefers
        ([Preference((0.5 + 1e-15, 0.5)), A, B], TIE, TIE),
        ([Score((3.0, 2.0)), Score((1.0, 9.0)), Score((8.0, 7.5))], A, A),
        ([Score((3.0, 3.0)), Score((2.0, 2.0)), A], TIE, TIE),
    ],
)
def test_votes_on_a_pair(votes, most, commonest):
    assert majority(votes, 2) == most
    assert plurality(votes, 2) == commonest


def test_votes_on_three():
    first, second, both = Score((3, 1, 1)), Score((0, 2, 1)), Score((2, 2, 1))
    assert majority([first, first, second], 3) == Preference((1.0, 0.0, 0.0))
    assert majority([first, second, both], 3) == Preference((1 / 3, 1 / 3, 1 / 3))
    assert plurality([first, second, Score((5, 5, 5)), first], 3) == Preference((1.0, 0.0, 0.0))
    assert plurality([first, second, first, second, Score((0, 0, 1))], 3) == Preference((0.5, 0.5, 0.0))
    assert plurality([first, both], 3) == Preference((0.5, 0.5, 0.0))
    assert majority([both, both, first], 3) == Preference((0.5, 0.5, 0.0))


def test_means_are_of_probabilities_and_scores_count_by_comparison():
    assert mean([Preference((0.9, 0.1)), Preference((0.4, 0.6))], [1.0, 1.0]).probs == pytest.approx((0.65, 0.35))
    assert mean([Score((9.0, 2.0)), B], [3.0, 1.0]) == Preference((0.75, 0.25))
    assert mean([Score((9.0, 9.0)), B], [1.0, 0.0]) == TIE
    assert mean_score([Score((1.0, 2.0)), Score((4.0, 2.0))]) == Score((2.5, 2.0))
    with pytest.raises(VerdictError, match="no verdict of a judge with a weight"):
        mean([A], [0.0])


def test_what_a_verdict_names():
    assert best(Score((1.0, 1.0 + 1e-14))) == {1}  # scores are compared as they are
    assert best(Preference((0.5, 0.5 - 1e-14))) == {0, 1}
    assert preferred(Score((4.0, 4.0, 1.0))) == Preference((0.5, 0.5, 0.0))
    assert preferred(Preference((0.7, 0.3))) == Preference((0.7, 0.3))


def test_unread_votes_are_left_out_and_counted_where_nothing_is_left():
    failed = VerdictError("no verdict")
    assert readable([failed, A, failed], "votes") == [A]
    with pytest.raises(VerdictError, match=r"none of 3 votes can be read: no verdict \(2\); cut \(1\)"):
        readable([failed, VerdictError("cut"), failed], "votes")
    assert [as_part(one) for one in (failed, A, Score((3.0,)))] == [(), (1.0, 0.0), (3.0,)]


chance = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@given(st.lists(chance.map(lambda p: Preference((p, 1 - p))), min_size=1, max_size=7), st.randoms())
def test_neither_the_order_of_votes_nor_the_side_of_responses_matters(votes, random):
    turned = [Preference(vote.probs[::-1]) for vote in votes]
    shuffled = random.sample(votes, len(votes))
    for rule in (majority, plurality, lambda given, _: mean(given, [1.0] * len(given))):
        found = rule(votes, 2)
        assert sum(found.probs) == pytest.approx(1.0)
        assert rule(shuffled, 2) == found
        assert rule(turned, 2) == Preference(found.probs[::-1])
