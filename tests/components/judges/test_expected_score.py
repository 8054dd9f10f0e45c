"""expected-score: the mean over the next token's probabilities."""

import asyncio
from dataclasses import replace
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import (
    Completion,
    ConfigError,
    Item,
    Message,
    NextToken,
    Response,
    Sample,
    Score,
    SequenceScore,
    Trial,
    VerdictError,
)
from judgebench.components.judges.expected_score import COMPONENT as ExpectedScore

ITEM = Item("1", ("Name a prime.",), reference=("7",))
PAIR = Trial(ITEM, (Response(("8",), "x"), Response(("7",), "y")), (0, 1))
ALONE = replace(PAIR, responses=PAIR.responses[:1], order=(0,))


def asked(judge, trial):
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request)
        return Sample(model, Completion())

    return asyncio.run(judge.sample(trial, ask)), seen


def read(judge, *tokens, **probabilities):
    pairs = tuple((token, log(p)) for token, p in (*tokens, *probabilities.items()))
    (value,) = judge.read(ALONE, [Sample("m", Completion(logprobs=pairs))]).values
    return value


def test_each_response_is_shown_alone_and_looked_at_once():
    samples, seen = asked(ExpectedScore("m", least=0, most=5, system="Be fair."), PAIR)
    assert len(samples) == 2
    assert all(isinstance(request, NextToken) for request in seen)
    assert seen[0].choices == ("0", "1", "2", "3", "4", "5")
    assert [message.role for message in seen[0].messages] == ["system", "user"]
    shown = seen[0].messages[1].content
    assert "Name a prime." in shown
    assert "Answer: 8\n" in shown
    assert "Answer: 7" not in shown
    assert "An answer known to be right: 7" in shown
    assert "from 0 (useless) to 5 (nothing to improve)" in shown


def test_the_mean_over_the_scale_alone_renormalised():
    value = read(ExpectedScore("m", most=9), ("Hm", 0.3), ("2", 0.1), ("4", 0.2), (" 4", 0.1), ("0", 0.2))
    assert value == pytest.approx((2 * 0.1 + 4 * 0.3) / 0.4)


def test_to_minus_one_and_one():
    nine, ten = ExpectedScore("m", most=9, normalise=True), ExpectedScore("m", normalise=True)
    assert read(nine, ("1", 0.3)) == -1.0
    assert read(nine, ("9", 0.7)) == 1.0
    assert read(nine, ("5", 0.7)) == 0.0
    assert read(ten, ("10", 0.5), ("8", 0.25), ("9", 0.25)) == pytest.approx((9.25 - 5.5) / 4.5)


def test_a_pair_has_two_scores_and_certain_ones_tie_to_the_bit():
    judge = ExpectedScore("m", most=9)
    samples = [Sample("m", Completion(logprobs=(("7", log(p)), ("x", log(0.2))))) for p in (0.7, 0.123456)]
    assert judge.read(PAIR, samples) == Score((7.0, 7.0))


@given(st.dictionaries(st.integers(1, 9), st.floats(0.001, 1), min_size=1), st.sampled_from(["", " ", "\u2581"]))
def test_the_same_as_counting_by_hand(weights, blank):
    value = read(ExpectedScore("m", most=9), *((f"{blank}{score}", p) for score, p in weights.items()))
    by_hand = sum(score * p for score, p in weights.items()) / sum(weights.values())
    assert value == pytest.approx(by_hand)
    assert min(weights) - 1e-9 <= value <= max(weights) + 1e-9


def test_a_digit_that_may_begin_ten_is_a_miss_that_says_what_helps():
    """The tokeniser writes 10 as 1 and 0: the mass on 1 is also that of 10."""
    tokens = (("1", 0.6), ("8", 0.3), ("9", 0.1))
    with pytest.raises(VerdictError, match=r"'1' may begin 10, .*give most=9 or by=sequences"):
        read(ExpectedScore("m"), *tokens)
    assert read(ExpectedScore("m", most=9), *tokens) == pytest.approx(0.6 + 2.4 + 0.9)
    assert read(ExpectedScore("m"), *tokens, ("10", 1e-6)) == pytest.approx(0.6 + 2.4 + 0.9, abs=1e-4)


@pytest.mark.parametrize(("share", "misses"), [(0.009, False), (0.011, True)])
def test_up_to_one_percent_of_the_scores_mass_may_be_of_either(share, misses):
    tokens = (("1", share / 2), ("8", (1 - share) / 2), ("Hm", 0.5))
    if misses:
        with pytest.raises(VerdictError):
            read(ExpectedScore("m"), *tokens)
    else:
        assert read(ExpectedScore("m"), *tokens) == pytest.approx(8 - 7 * share)
    assert read(ExpectedScore("m", ambiguous=0.02), *tokens) == pytest.approx(8 - 7 * share)
    with pytest.raises(VerdictError):
        read(ExpectedScore("m", ambiguous=0), *tokens)


def test_a_beginning_outside_of_the_scale_counts_too():
    """On 5 to 15 a 1 is no score, and still begins six of them."""
    judge = ExpectedScore("m", least=5, most=15)
    with pytest.raises(VerdictError, match=r"'1' may begin 10, .*most=9"):
        read(judge, ("1", 0.2), ("7", 0.6))
    with pytest.raises(VerdictError, match=r"give by=sequences$"):
        read(ExpectedScore("m", least=10, most=15), ("1", 0.9))
    assert read(judge, ("7", 0.6), ("14", 0.2)) == pytest.approx(8.75)


@pytest.mark.parametrize("tokens", [(), (("Good", 0.9), ("0", 0.1)), (("7.5", 0.5), ("ten", 0.2))])
def test_none_of_the_scores_is_a_miss(tokens):
    with pytest.raises(VerdictError, match="none of 1 to 9"):
        read(ExpectedScore("m", most=9), *tokens)


def test_one_response_without_a_score_is_a_miss_of_the_trial():
    samples = [Sample("m", Completion(logprobs=((token, -0.1),))) for token in ("7", "Good")]
    with pytest.raises(VerdictError):
        ExpectedScore("m", most=9).read(PAIR, samples)


def test_by_sequences_each_score_is_a_whole_answer():
    judge = ExpectedScore("m", by="sequences")
    samples, seen = asked(judge, PAIR)
    assert judge.needs() == (SequenceScore,)
    assert ExpectedScore("m").needs() == (NextToken,)
    assert len(samples) == 20
    assert all(isinstance(request, SequenceScore) for request in seen)
    assert [request.response for request in seen] == [*map(str, range(1, 11))] * 2
    assert "Answer: 8\n" in seen[9].messages[-1].content
    assert "Answer: 7\n" in seen[10].messages[-1].content


def scored(*logs):
    return [Sample("m", Completion(score=value)) for value in logs]


def test_by_sequences_the_softmax_of_their_log_probabilities():
    judge = ExpectedScore("m", most=3, by="sequences")
    low = [log(p) - 2000.0 for p in (0.1, 0.1, 0.2)]  # far below what exp can hold
    verdict = judge.read(PAIR, scored(log(0.2), log(0.2), log(0.1), *low))
    assert verdict.values == pytest.approx((1.8, 2.25))
    assert ExpectedScore("m", most=10, by="sequences").read(ALONE, scored(*[-50.0] * 9, -1.0)).values[0] == (
        pytest.approx(10.0)
    )


@pytest.mark.parametrize("value", [None, float("nan"), float("-inf"), float("inf")])
def test_by_sequences_a_score_without_a_log_probability_is_a_miss(value):
    with pytest.raises(VerdictError):
        ExpectedScore("m", most=3, by="sequences").read(ALONE, scored(-1.0, value, -1.0))


def test_scales_that_cannot_be():
    with pytest.raises(ConfigError, match="the scale is 5 to 5"):
        ExpectedScore("m", least=5, most=5)
    with pytest.raises(ConfigError, match="101 scores") as caught:
        ExpectedScore("m", least=0, most=100)
    assert "by=sequences" in caught.value.hint
    assert len(ExpectedScore("m", least=0, most=100, by="sequences").scores) == 101
    assert len(ExpectedScore("m", least=1, most=20).scores) == 20


def test_a_template_of_ones_own(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("{{ question }}: {{ answers[0] }} of {{ most }}")
    _, seen = asked(ExpectedScore("m", template=str(path)), ALONE)
    assert seen[0].messages == (Message("user", "Name a prime.: 8 of 10"),)
    path.write_text("{{ answers[1] }}")
    with pytest.raises(ConfigError, match=r"own\.txt"):
        ExpectedScore("m", template=str(path)).fingerprint()
