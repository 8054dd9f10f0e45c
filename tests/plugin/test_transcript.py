"""Trials as texts, and answers without their reasoning."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError, Item, Message, Response, Template, Trial, fields, without_reasoning
from judgebench.plugin.transcript import judge_template

THINK = ("think",)


def shown(item, *answers):
    return fields(Trial(item, tuple(Response(turns, "x") for turns in answers), (0, 1)))


def test_one_turn_is_shown_bare():
    item = Item("i", ("Why?",), reference=("Because.",))
    assert shown(item, ("a",), ("b",)) == {"question": "Why?", "answers": ["a", "b"], "reference": "Because."}


def test_two_turns_are_shown_as_dialogues():
    item = Item("i", ("One?", "Two?"), reference=("1", "2"))
    assert shown(item, ("a", "b"), ("c", "d")) == {
        "question": "User: One?\n\nUser: Two?",
        "answers": [
            "User: One?\n\nAssistant: a\n\nUser: Two?\n\nAssistant: b",
            "User: One?\n\nAssistant: c\n\nUser: Two?\n\nAssistant: d",
        ],
        "reference": "1\n\n2",
    }


def test_the_context_stands_in_the_question_and_not_in_the_answers():
    context = (Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello"))
    found = shown(Item("i", ("Why?",), context), ("a",), ("b",))
    assert found["question"] == "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Why?"
    assert found["answers"] == ["User: Why?\n\nAssistant: a", "User: Why?\n\nAssistant: b"]
    assert found["reference"] == ""


def test_answers_stand_in_shown_order():
    item = Item("i", ("Why?",))
    trial = Trial(item, (Response(("second",), "b"), Response(("first",), "a")), (1, 0))
    assert fields(trial)["answers"] == ["second", "first"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("no tag", "no tag"),
        ("  no tag\n", "no tag"),
        ("", ""),
        ("<think>r</think>a", "a"),
        ("\n <think>\nr\n</think>\n\na\nb\n", "a\nb"),
        ("<think></think>a", "a"),
        ("<think>r1</think> <think>r2</think>a", "a"),
        ("<think>never closed", ""),
        ("<think>r</think>a<think>later</think>b", "a<think>later</think>b"),
        ("<think>r</think><think>then cut", ""),
        ("begun in the template</think>a", "a"),
        ("begun</think>a</think>b", "a</think>b"),
        ("<think>a <think>b</think> c</think>d", "d"),
        ("<think>the tag <think> in passing</think>d", "d"),
        ("<think>a<think>b", ""),
        ("a <think>r</think> b", "a <think>r</think> b"),
        ("use <think> to begin and </think> to end", "use <think> to begin and </think> to end"),
        ("<thinking>r</thinking>a", "<thinking>r</thinking>a"),
        ("</think>a", "a"),
        ("<THINK>r</THINK>a", "<THINK>r</THINK>a"),
    ],
)
def test_reasoning_is_cut(text, answer):
    assert without_reasoning(text, THINK) == answer


def test_tags_are_named_and_may_hold_any_character():
    assert without_reasoning("<a.b>r</a.b>x", ("a.b",)) == "x"
    assert without_reasoning("<aXb>r</aXb>x", ("a.b",)) == "<aXb>r</aXb>x"
    assert without_reasoning("<(>r</(>x", ("(",)) == "x"
    both = ("think", "plan")
    assert without_reasoning("<plan>p</plan><think>r</think>x", both) == "x"
    assert without_reasoning("<think>r</think><plan>p</plan>x", both) == "x"
    assert without_reasoning("<plan>a </think> b</plan>x", both) == "x"
    assert without_reasoning("<think>r</think> x", ()) == "<think>r</think> x"


tokens = st.lists(st.sampled_from(["<think>", "</think>", "<plan>", "</plan>", "a", " ", "\n"]), max_size=14).map(
    "".join
)


@given(tokens, st.sampled_from([(), ("think",), ("think", "plan")]))
def test_what_is_left_is_the_end_of_the_text(text, tags):
    left = without_reasoning(text, tags)
    assert text.rstrip().endswith(left)
    assert left == left.strip()
    assert not left.startswith(tuple(f"<{tag}>" for tag in tags))


@given(tokens, tokens)
def test_the_answer_after_a_closed_block_stays(reasoning, answer):
    answer = answer.strip()
    if "<think>" not in reasoning + answer and "</think>" not in reasoning + answer:
        assert without_reasoning(f"<think>{reasoning}</think>{answer}", THINK) == answer
        assert without_reasoning(f"<think>{reasoning}", THINK) == ""


SIZE = 1_000_000
LONG = {
    "blank": " " * SIZE,
    "blank, then text": " " * SIZE + "a",
    "open": "<think>" + "a" * SIZE,
    "open, blank": "<think>" + " " * SIZE,
    "opened over and over": "<think>" * (SIZE // 7),
    "closed over and over": "</think>" * (SIZE // 8),
    "blocks": "<think></think>" * (SIZE // 15),
    "blocks of two kinds": "<think>a</think> <plan>b</plan> " * (SIZE // 32),
    "nested": "<think>" * (SIZE // 15) + "</think>" * (SIZE // 15),
    "one closing too few": "<think>" * (SIZE // 15) + "</think>" * (SIZE // 15 - 1),
    "begun in the template": "a" * SIZE + "</think>b",
    "angles": "<" * SIZE,
    "plain": "word " * (SIZE // 5),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_takes_time_linear_in_its_length(name, record_property):
    def seconds(text):
        start = time.process_time()
        without_reasoning(text, ("think", "plan"))
        return time.process_time() - start

    took = seconds(LONG[name])
    record_property("seconds", took)
    assert took < 5  # milliseconds where it is linear, hours where it is quadratic


def test_a_long_text_is_cut_right():
    assert without_reasoning("<think>" + "r" * SIZE + "</think>" + "a" * SIZE, THINK) == "a" * SIZE
    assert without_reasoning(LONG["blocks"] + "x", THINK) == "x"
    assert without_reasoning(LONG["nested"] + "x", THINK) == "x"


def test_a_judges_template_is_tried_on_an_example_before_it_is_used(tmp_path):
    assert judge_template(None, "{{ question }}") == Template("{{ question }}")
    file = tmp_path / "t.jinja"
    for text in ("{{ answers[1].split('Assistant: ')[2] }}", "{% if reference %}{{ question }}{% endif %}"):
        file.write_text(text)
        assert judge_template(str(file), "") == Template(text)
    for text in ("{{ answers[2] }}", "{% if reference %}{{ referense }}{% endif %}", "{{ question"):
        file.write_text(text)
        with pytest.raises(ConfigError, match=r"t\.jinja: template cannot be rendered"):
            judge_template(str(file), "")
    with pytest.raises(ConfigError, match="No such file"):
        judge_template(str(tmp_path / "nowhere"), "")
