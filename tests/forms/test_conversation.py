"""Conversations in each form in which data sets hold them."""

import pytest

from judgebench import DataError, Message
from judgebench.forms.conversation import exchange, marked

MARKED = "one\n<extra_id_1>Assistant\ntwo\n<extra_id_1>User\nthree"


def said(*contents, system=None):
    """Messages of user and assistant in turn."""
    roles = ("user", "assistant")
    found = [] if system is None else [{"role": "system", "content": system}]
    return found + [{"role": roles[k % 2], "content": content} for k, content in enumerate(contents)]


def read(prompt, *responses):
    found = exchange(("prompt", prompt), [(f"r{k}", one) for k, one in enumerate(responses)], "file, row 1")
    return [(message.role, message.content) for message in found.context], found.turns, found.responses


EARLIER = [("user", "one"), ("assistant", "two")]


@pytest.mark.parametrize(
    ("prompt", "responses"),
    [
        (MARKED, ("a", "b")),
        (said("one", "two", "three"), ("a", "b")),
        (MARKED, ([{"role": "assistant", "content": "a"}], [{"role": "assistant", "content": "b"}])),
        (
            said("one", "two", "three"),
            ([{"role": "assistant", "content": "a"}], [{"role": "assistant", "content": "b"}]),
        ),
        (None, (said("one", "two", "three", "a"), said("one", "two", "three", "b"))),
        (None, (said(MARKED, "a"), said(MARKED, "b"))),
        (None, (f"{MARKED}\n<extra_id_1>Assistant\na", f"{MARKED}\n<extra_id_1>Assistant\nb")),
        ("three", (said("one", "two", "three", "a"), said("one", "two", "three", "b"))),
        (" one ", (said("one", "two", "three", "a"), said("one", "two", "three", "b"))),
        (f"<extra_id_1>User\n{MARKED}", ("a", "b")),
    ],
)
def test_earlier_turns_are_context_and_the_last_of_the_users_is_answered(prompt, responses):
    assert read(prompt, *responses) == (EARLIER, ("three",), (("a",), ("b",)))


def test_marks_count_alone_on_a_line_only():
    assert marked("say <extra_id_1>User\nplease") == (Message("user", "say <extra_id_1>User\nplease"),)
    assert marked("a\n<extra_id_1>Assistants\nb") == (Message("user", "a\n<extra_id_1>Assistants\nb"),)
    assert read("q", MARKED, "b")[2] == ((MARKED,), ("b",))  # beside a prompt, a response is what the model wrote


def test_lists_of_turns_are_answered_turn_by_turn():
    assert read(["q", "r"], ["a", "b"], ["c", "d"]) == ([], ("q", "r"), (("a", "b"), ("c", "d")))


def test_conversations_that_part_early_have_responses_of_several_turns():
    first, second = said("one", "a", "three", "b", system="s"), said("one", "c", "three", "d", system="s")
    assert read(None, first, second) == ([("system", "s")], ("one", "three"), (("a", "b"), ("c", "d")))


def test_conversations_that_do_not_part_differ_in_nothing():
    same = said("one", "two", "three", "a")
    assert read(None, same, same) == (EARLIER, ("three",), (("a",), ("a",)))


def test_any_number_of_responses_share_the_beginning():
    three = [said("one", "two", "three", answer) for answer in ("a", "a", "b")]
    assert read(None, *three) == (EARLIER, ("three",), (("a",), ("a",), ("b",)))


@pytest.mark.parametrize(
    ("prompt", "responses", "complaint"),
    [
        (None, ("a", "b"), "no text in 'prompt'"),
        (3, ("a", "b"), "no text in 'prompt'"),
        ("q", ("a", 3), "no text in 'r1'"),
        ("q", ("a", []), "no text in 'r1'"),
        (["q", 1], ("a", "b"), "no text in 'prompt'"),
        (["q", "r"], (["a", "b"], "c"), "'r1' has 1 turns, and the prompt 2"),
        ("q", (["a", "b"], ["c", "d"]), "'r0' has 2 turns, and the prompt 1"),
        (None, ([{"role": "assistant", "content": "a"}],) * 2, "no text in 'prompt'"),
        ("q", ("a", said("q", "b")), "'r0', 'r1' are of different forms"),
        ("q", ([{"role": "assistant", "content": "a"}], said("q", "b")), "'r0', 'r1' are of different forms"),
        (f"{MARKED}\n<extra_id_1>Assistant\na", ("a", "b"), "'prompt' ends with a turn that is not the user's"),
        (["q", "r"], ([{"role": "assistant", "content": "a"}],) * 2, "'prompt' lists turns"),
        ("p", (said("q", "a"), said("q", "b")), "'prompt' is not what the conversations ask"),
        (None, (said("q", "a"), said("p", "a")), "differ in more than the assistant's turns"),
        (None, (said("q", "a", "r", "b"), said("q", "a", "s", "b")), "differ in more than the assistant's turns"),
        (None, (said("q", "a", "r", "b"), said("q", "c", "s", "d")), "differ in more than the assistant's turns"),
        (None, (said("q", "a", "r"), said("q", "b", "r")), "differ in more than the assistant's turns"),
        (None, (said("q", "a"), said("q", "a", "r", "b")), "differ in more than the assistant's turns"),
        (None, (said("q"), said("q")), "differ in more than the assistant's turns"),
        (None, ([{"role": "system", "content": "q"}, {"role": "assistant", "content": "a"}],) * 2, "differ in more"),
        (None, ([{"role": "user", "content": "q"}, {"role": "tool", "content": "a"}],) * 2, "message 2 of 'r0'"),
        (None, ([{"role": "user", "content": "q"}, {"role": "assistant"}],) * 2, "message 2 of 'r0' cannot be read"),
    ],
)
def test_what_is_no_exchange_is_an_error_that_names_the_row(prompt, responses, complaint):
    with pytest.raises(DataError, match=complaint) as caught:
        read(prompt, *responses)
    assert caught.value.message.startswith("file, row 1")
    assert caught.value.hint
