import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped
from judgebench_loops.writing.modified import (
    Modified,
    ask_both,
    ask_instruction,
    ask_worse,
    both_in,
    instruction_in,
    worse_in,
)

ORIGINAL = "Name a {prime}."
NEARLY = (
    "It is about nearly the same thing, and could be taken for the one above by somebody who reads in haste, but it "
    "asks for something else"
)


def test_the_messages_in_full():
    assert ask_instruction(ORIGINAL) == (
        "# An instruction that a user gave\nName a {prime}.\n\n# Your task\nWrite another instruction. "
        + NEARLY
        + ": a good answer to yours is no good answer to the one above. Do not answer it.\n\n"
        "Write the new instruction and nothing else."
    )
    assert ask_both(ORIGINAL, "7 {of course}") == (
        "# An instruction that a user gave\nName a {prime}.\n\n# A good answer to it\n7 {of course}\n\n"
        "# Your task\nFirst write another instruction. "
        + NEARLY
        + ". Then write a good answer to yours, which is no good answer to the one above.\n\n"
        "Write in this form and nothing else:\n"
        "New instruction: <your instruction>\nAnswer: <your answer to it>"
    )
    assert ask_worse(ORIGINAL, "7") == (
        "# An instruction that a user gave\nName a {prime}.\n\n# A good answer to it\n7\n\n"
        "# Your task\nWrite an answer to the instruction that is worse than the one above. It looks like an honest "
        "attempt, but it has mistakes, leaves out something that matters, or misses a part of what was asked. Do not "
        "say that it is worse.\n\nWrite the answer and nothing else."
    )


@pytest.mark.parametrize("ask", [ask_instruction, ask_both])
def test_an_answer_is_shown_where_one_is_given(ask):
    assert "# A good answer to it\n7\n\n# Your task" in ask(ORIGINAL, "7")
    assert "A good answer to it" not in ask(ORIGINAL)


@pytest.mark.parametrize(
    "text",
    [
        "Name a prime above {nine}.",
        "  Name a prime above {nine}.\n",
        "New instruction: Name a prime above {nine}.",
        "Sure.\n**New instruction:** Name a prime above {nine}.",
        "### New Instruction:\nName a prime above {nine}.",
    ],
)
def test_an_instruction_is_all_of_the_text_or_what_follows_its_mark(text):
    assert instruction_in(text, "stop", ORIGINAL) == "Name a prime above {nine}."


def reason(read, *arguments):
    with pytest.raises(Dropped) as drop:
        read(*arguments)
    return drop.value.reason


def test_each_reason_without_an_instruction():
    assert reason(instruction_in, "Name a prime above", "length", ORIGINAL) == "cut"
    assert reason(instruction_in, " \n", "stop", ORIGINAL) == "no modified instruction"
    assert reason(instruction_in, "New instruction:", "stop", ORIGINAL) == "no modified instruction"
    assert reason(instruction_in, "New instruction: NAME  a prime", "stop", ORIGINAL) == "same instruction"


@pytest.mark.parametrize(
    "text",
    [
        "New instruction: Name two primes.\nAnswer: 7\nAnswer: 11",
        "Here:\n\n**New instruction:** Name two primes.\n\n**Answer:** 7\nAnswer: 11\n",
        "# New instruction:\nName two primes.\n\n# Answer:\n7\nAnswer: 11",
    ],
)
def test_instruction_and_answer_stand_after_their_marks(text):
    assert both_in(text, "stop", ORIGINAL) == Modified("Name two primes.", "7\nAnswer: 11")


def test_each_reason_without_both():
    assert reason(both_in, "New instruction: Name two.\nAnswer: 7", "length", ORIGINAL) == "cut"
    assert reason(both_in, "Name two.\nAnswer: 7", "stop", ORIGINAL) == "no modified instruction"
    assert reason(both_in, "New instruction:\nAnswer: 7", "stop", ORIGINAL) == "no modified instruction"
    assert reason(both_in, "New instruction: name a prime\nAnswer: 7", "stop", ORIGINAL) == "same instruction"
    assert reason(both_in, ask_both(ORIGINAL), "stop", ORIGINAL) == "no modified instruction"
    for answer in ("", "\nAnswer: ", "\nAnswer: <your answer to it>"):
        assert (
            reason(both_in, f"New instruction: Name two.{answer}", "stop", ORIGINAL)
            == "no answer to the modified instruction"
        )


def test_a_worse_answer_is_all_of_the_text():
    assert worse_in(" 8\n", "stop", "7") == "8"
    assert reason(worse_in, "8", "length", "7") == "cut"
    assert reason(worse_in, "\n", "stop", "7") == "no answer"
    assert reason(worse_in, "7 ", None, "7\n") == "same answer"


ONE_LINE = st.text(alphabet=st.characters(exclude_categories=["Cs", "Zl", "Zp", "Cc"])).map(str.strip).filter(bool)


@given(ONE_LINE.filter(lambda text: not text.lower().startswith(("#", "*", "answer", "new"))), ONE_LINE)
def test_what_follows_the_form_is_read(instruction, answer):
    text = f"New instruction: {instruction}\nAnswer: x{answer}"
    with contextlib.suppress(Dropped):
        assert both_in(text, "stop", ORIGINAL) == Modified(instruction, f"x{answer}")
    if any(sign.isalpha() for sign in instruction) and "prime" not in instruction:
        assert both_in(text, "stop", ORIGINAL).instruction == instruction


@given(st.text(), st.sampled_from(["stop", "length", None]))
def test_any_text_is_read_or_dropped_for_a_reason(text, finish):
    for read in (instruction_in, both_in, worse_in):
        with contextlib.suppress(Dropped):
            assert read(text, finish, ORIGINAL)
