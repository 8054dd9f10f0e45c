"""Answers and verdicts that are none, each by what is said of it."""

import pytest

from judgebench import (
    Chat,
    Completion,
    Item,
    Message,
    NextToken,
    Preference,
    Response,
    Reward,
    Score,
    SequenceScore,
    Text,
    Trial,
    Usage,
)
from judgebench.testing import NotConforming, completed, judging

MESSAGES = (Message("user", "Which?"),)
NEXT = NextToken(MESSAGES, ("A", "B"), top=2)
GOOD = (
    (Chat(MESSAGES), Completion("yes", "stop", Usage(1, 1))),
    (Text("x"), Completion("", None)),
    (NEXT, Completion("A", "length", logprobs=(("A", -0.5), ("The", -1.0), (" B", -9.0)))),
    (SequenceScore(MESSAGES, "x"), Completion(score=-3.5)),
    (Reward(MESSAGES, "x"), Completion(score=3.5)),
)
BAD = (
    (Chat(MESSAGES), "yes", "answered by str"),
    (Chat(MESSAGES), Completion(None), "the text is None"),
    (Chat(MESSAGES), Completion("yes", "end"), "finish is 'end'"),
    (Chat(MESSAGES), Completion("yes", usage=Usage(1.5, 1)), "usage is"),
    (NEXT, Completion("A"), "log-probabilities are"),
    (NEXT, Completion("A", logprobs=(("A", 0.5),)), r"log-probabilities are \[0.5\]"),
    (NEXT, Completion("A", logprobs=(("A", float("nan")),)), "log-probabilities are"),
    (NEXT, Completion("A", logprobs=(("A", -2.0), ("B", -1.0))), "log-probabilities are"),
    (NEXT, Completion("A", logprobs=(("A", -0.1), ("B", -0.1))), "probabilities sum to 1.8097"),
    (NEXT, Completion("A", logprobs=(("A", -1.0), ("B", -2.0), ("The", -3.0))), r"beside its 2 .* tells \['The'\]"),
    (SequenceScore(MESSAGES, "x"), Completion(score=3.5), "log-probability of a response is 3.5"),
    (SequenceScore(MESSAGES, "x"), Completion(), "score of a SequenceScore is None"),
    (Reward(MESSAGES, "x"), Completion(score=float("inf")), "score of a Reward is inf"),
)


@pytest.mark.parametrize(("request_", "answer"), GOOD)
def test_an_answer(request_, answer):
    completed.well_formed(request_, answer)


@pytest.mark.parametrize(("request_", "answer", "message"), BAD)
def test_what_is_no_answer(request_, answer, message):
    with pytest.raises(NotConforming, match=message):
        completed.well_formed(request_, answer)


TRIAL = Trial(Item("1", ("q",)), (Response(("x",), "a"), Response(("y",), "b")), (0, 1))


@pytest.mark.parametrize("verdict", [Preference((0.1, 0.9)), Preference((1, 0)), Score((3.0, 4.0))])
def test_a_verdict(verdict):
    judging.well_formed(verdict, len(TRIAL.responses))


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        ("A", "returned str"),
        (Preference((0.5, 0.4999999)), "sums to 0.99999"),
        (Preference((1.5, -0.5)), "no verdict"),
        (Preference((1.0,)), "no verdict on 2 responses"),
        (Score((1.0, 2.0, 3.0)), "no verdict on 2 responses"),
        (Score((1.0, float("nan"))), "no verdict"),
    ],
)
def test_what_is_no_verdict(verdict, message):
    with pytest.raises(NotConforming, match=message):
        judging.well_formed(verdict, len(TRIAL.responses))
