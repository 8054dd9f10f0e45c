"""Reading letters and ratings off a judge's text."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Completion, VerdictError
from judgebench.judging.marks import CUT, letter_of, letters_of, rating_of

THINK = ("think",)
FORMS = ["strict", "mt-bench", "rewardbench", "prometheus", "offsetbias", "atla", "con-j"]


def letter(text, form="strict", known="ABC", finish="stop"):
    return letter_of(Completion(text, finish), known, form, THINK)


def rating(text, form="strict", finish="stop"):
    return rating_of(Completion(text, finish), form, THINK)


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("so [[B]]", "strict", "B"),
        ("[[B]] once more [[B]]", "strict", "B"),
        ("[[D]] is no letter here, [[A]]", "strict", "A"),
        ("[[B]] beats [[A]]", "mt-bench", "A"),
        ("[[C]] but [[B]]", "mt-bench", "B"),
        ("a tie: [[C]]", "mt-bench", "C"),
        ("[[B]] beats [[A]]", "rewardbench", "A"),
        ("Feedback: fine. [RESULT]\n B", "prometheus", "B"),
        ("Output (b), not Output (a)", "offsetbias", "A"),
        ("**Reasoning:** x\n**Result:** B", "atla", "B"),
        ('{"更好的回答": "2"}', "con-j", "B"),
        ("更好的回答：1", "con-j", "A"),
    ],
)
def test_each_form_reads_its_own_marks(text, form, found):
    assert letter(text, form) == found


@pytest.mark.parametrize(
    ("text", "form", "why"),
    [
        ("[[A]] or [[B]]", "strict", "two different"),
        ("[A]", "strict", "no verdict"),
        ("[[C]]", "rewardbench", "no verdict"),
        ("[RESULT] B.", "prometheus", "no verdict"),
        ("A", "prometheus", "no verdict"),
        ("**Result:** none, or **Result:** A", "atla", "no verdict"),
        ("[[A]]", "con-j", "no verdict"),
        ("<think>[[A]]</think> hm", "mt-bench", "no verdict"),
    ],
)
def test_other_texts_hold_no_verdict(text, form, why):
    with pytest.raises(VerdictError, match=why):
        letter(text, form, known="AB")


def test_what_is_cut_counts_only_where_the_mark_stands_last():
    assert letter("[[A]]", finish="length") == "A"
    for form in FORMS:
        with pytest.raises(VerdictError, match=CUT):
            letter("I think", form, finish="length")
    with pytest.raises(VerdictError, match=CUT):
        letter("[[A]] because", finish="length")
    assert letter("[[A]] because", "mt-bench", finish="length") == "A"  # as the official code reads it


def test_four_letters():
    assert letter("[[D]]", "rewardbench", "ABCD") == letter("[[D]]", "strict", "ABCD") == "D"


@pytest.mark.parametrize(
    ("form", "two", "with_tie", "five"),
    [("strict", "AB", "ABC", "ABCDE"), ("mt-bench", "AB", "ABC", "AB"), *((f, "AB", "AB", "ABCD") for f in FORMS[2:])],
)
def test_a_form_has_the_official_parsers_letters(form, two, with_tie, five):
    assert letters_of(form, 2) == two
    assert letters_of(form, 2, tie=True) == with_tie
    assert letters_of(form, 5) == five


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("good. [[7]]", "strict", 7.0),
        ("[[ 7.5 ]]", "strict", 7.5),
        ("[[8]] not [[9]]", "mt-bench", 8.0),
        ("[6] then [[9]]", "mt-bench", 9.0),
        ("Rating: [6]", "mt-bench", 6.0),
        ("8/10", "rewardbench", 10.0),
        ("7.5", "rewardbench", 5.0),
    ],
)
def test_ratings(text, form, found):
    assert rating(text, form) == found


@pytest.mark.parametrize(
    ("text", "form", "finish", "why"),
    [
        ("[[8]] or [[9]]", "strict", "stop", "two different"),
        ("8", "strict", "stop", "no verdict"),
        ("[[8]] since", "strict", "length", CUT),
        ("11", "rewardbench", "stop", "no verdict"),
        ("9.", "rewardbench", "length", CUT),
        ("-", "mt-bench", "stop", "no verdict"),
    ],
)
def test_texts_without_a_rating(text, form, finish, why):
    with pytest.raises(VerdictError, match=why):
        rating(text, form, finish)


@given(st.text(), st.sampled_from(FORMS), st.sampled_from(["strict", "mt-bench", "rewardbench"]))
def test_any_text_gives_a_verdict_or_a_verdict_error(text, form, points):
    with contextlib.suppress(VerdictError):
        assert letter(text, form) in "ABC"
    with contextlib.suppress(VerdictError):
        assert rating(text, points) >= 0
