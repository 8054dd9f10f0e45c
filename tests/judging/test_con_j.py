"""Con-J's judgments, as reward-bench reads them."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.judging.con_j import KEY, WORDS, letter

PIECES = [
    *WORDS,
    "1",
    "2",
    "3",
    "１",
    "２",
    '"',
    ":",
    " ",
    "\n",
    "{",
    "}",
    f'"{KEY}": ',
    f'{{"{KEY}": 2}}',
    "```",
    "json",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'{{"{KEY}": 2}}', "B"),
        (f'{{"{KEY}": "１"}}', "A"),
        (f'{{"{KEY}": 3}}', "C"),
        (f'{{"{KEY}": "4"}}', "D"),
        (f'so: {{"{KEY}": 7}}, or 1', None),  # what the object says is final
        (f'{{"{KEY}": 2}} ```json\n{{"{KEY}": 1}}\n```', "A"),  # a fenced block goes first
        (f'no {{"x": 1}} but {{"{KEY}": 2}} {{"{KEY}": 1}}', "B"),
        (f'{{"{KEY}": 回答 2', "B"),
        ('"better_answer" : "2", 1', "B"),
        ("betterAnswer is ２", "B"),
        ("2 is the better answer", "B"),
        ("the 2, the better answer, is 1", "A"),  # after the word goes before before it
        ("答案 2, but 更佳答案 1", "A"),  # the order of the words, not of the text
        ("2 wins", None),
        ("better answer: 3", None),
    ],
)
def test_what_is_read(text, found):
    assert letter(text) == found


def naive(line):
    """The words one after the other, each by the three patterns as one reads them."""
    digit = "([12１２])"
    for word in WORDS:
        for pattern in (rf'"{word}"\s*:.*?{digit}', rf"{word}.*?{digit}", rf"{digit}.*?{word}"):
            if match := re.search(pattern, line):
                return "A" if match[1] in "1１" else "B"
    return None


@given(st.lists(st.sampled_from([piece for piece in PIECES if not set(piece) & set("{}")])).map("".join))
def test_without_braces_the_words_are_found_as_a_plain_search_finds_them(text):
    assert letter(text) == naive(text.replace("\n", " ").strip())


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read(text):
    assert letter(text) in ("A", "B", "C", "D", None)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, "{" * 100_000, "1" * 50_000 + "回答" * 50_000])
def test_hostile_texts_are_read_in_no_time(text):
    before = time.perf_counter()
    letter(text)
    assert time.perf_counter() - before < 2
