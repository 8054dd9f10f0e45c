from math import log

import pytest

from judgebench import Completion, Item, NextToken, Response, Sample, Trial, VerdictError
from judgebench.components.judges.logprob import COMPONENT as LogProb

TRIAL = Trial(Item("1", ("Q",)), (Response(("a",), "x"), Response(("b",), "y")), (0, 1))


def read(*tokens):
    return LogProb(model="m").read(TRIAL, [Sample("m", Completion(logprobs=tokens))])


def test_shares_of_the_two_letters_whatever_else_is_likely():
    verdict = read(("Hm", log(0.5)), ("A", log(0.3)), ("B", log(0.1)))
    assert verdict.probs == pytest.approx((0.75, 0.25))


def test_all_spellings_with_spaces_are_summed():
    verdict = read(("A", log(0.2)), (" A", log(0.2)), ("A\n", log(0.1)), (" B", log(0.1)), ("a", log(0.3)))
    assert verdict.probs == pytest.approx((5 / 6, 1 / 6))


def test_one_letter_alone_is_certain_and_neither_is_a_miss():
    assert read((" B", -3.0)).probs == (0.0, 1.0)
    with pytest.raises(VerdictError, match="neither"):
        read(("The", -0.1))
    with pytest.raises(VerdictError):
        read()


def test_it_needs_next_token_log_probabilities():
    assert LogProb(model="m").needs() == (NextToken,)
