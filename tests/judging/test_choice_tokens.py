"""Choices as next tokens."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.judging.choice_tokens import masses, spelled


@pytest.mark.parametrize(
    "token", ["1", " 1", "1 ", "\n1", "1\n", "\u25811", "\u01201", "\u010a1", " \u25811", "\u00a01"]
)
def test_blanks_around_a_choice_are_no_other_choice(token):
    assert spelled(token) == "1"


@pytest.mark.parametrize("token", ["1.", "(1", "11", "1 0", "1\u012010", "One", "", " ", "\u2581", "\u0661"])
def test_anything_else_is(token):
    assert spelled(token) != "1"


def test_spellings_are_summed_and_what_was_not_returned_is_not_there():
    found = masses([("1", log(0.25)), ("\u01201", log(0.125)), ("10", log(0.25)), ("x", log(0.1))], ("1", "2", "10"))
    assert found == pytest.approx({"1": 0.375, "10": 0.25})


def test_a_returned_choice_of_no_probability_is_there():
    assert masses([("2", -9999.0)], ("1", "2")) == {"2": 0.0}


@given(st.lists(st.tuples(st.sampled_from(["1", " 1", "\u25812", "2", "3", "x"]), st.floats(-30, 0)), max_size=12))
def test_every_pair_counts_once(pairs):
    found = masses(pairs, ("1", "2", "3"))
    assert found.keys() == {token.strip(" \u2581") for token, _ in pairs} - {"x"}
    assert sum(found.values()) == pytest.approx(sum(2.718281828459045**value for token, value in pairs if token != "x"))
