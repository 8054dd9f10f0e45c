import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Completion, ConfigError, Item, Message, Preference, Response, Sample, Trial, VerdictError
from judgebench.components.judges.logprob import COMPONENT as LogProb
from judgebench.components.judges.verdict import COMPONENT as Verdict
from judgebench.components.policies.chat import COMPONENT as Chat
from judgebench.plugin.options import build, model_options

TRIAL = Trial(Item("1", ("Name a prime.",)), (Response(("7",), "x"), Response(("[[B]] 8",), "y")), (0, 1))
JUDGE = Verdict(model="m")


def read(text, finish="stop", judge=JUDGE):
    return judge.read(TRIAL, [Sample("m", Completion(text, finish))])


@pytest.mark.parametrize(("mark", "probs"), [("A", (1.0, 0.0)), ("B", (0.0, 1.0)), ("C", (0.5, 0.5))])
def test_one_mark_is_the_verdict(mark, probs):
    assert read(f"Seven is prime.\n[[{mark}]]") == Preference(probs, mark)
    assert read(f"[[{mark}]] and again [[{mark}]]") == Preference(probs, mark)


def test_two_different_marks_are_a_miss():
    with pytest.raises(VerdictError, match="two different"):
        read("[[A]] no, [[B]]")


def test_only_a_parser_with_ties_reads_a_third_letter_as_one():
    assert read("[[C]]", judge=Verdict(model="m", parser="mt-bench")).probs == (0.5, 0.5)
    assert read("[[B]] [[C]]", judge=Verdict(model="m", parser="rewardbench")).label == "B"
    thirds = {"rewardbench": "[[C]]", "prometheus": "[RESULT] C", "offsetbias": "Output (c)", "atla": "**Result:** C"}
    for parser, text in {**thirds, "con-j": '{"更好的回答": 3}'}.items():
        with pytest.raises(VerdictError, match="no verdict"):
            read(text, judge=Verdict(model="m", parser=parser))


def test_no_mark_says_whether_the_text_was_cut():
    with pytest.raises(VerdictError, match="no verdict"):
        read("I like both. [A]")
    with pytest.raises(VerdictError, match="cut at max_tokens"):
        read("I like", finish="length")


def test_marks_inside_reasoning_do_not_count():
    assert read("<think>maybe [[A]]</think>[[B]]").label == "B"
    with pytest.raises(VerdictError):
        read("<think>so [[A]]", finish="length")


@given(st.text())
def test_any_text_gives_a_verdict_or_a_verdict_error(text):
    with contextlib.suppress(VerdictError):
        assert isinstance(read(text), Preference)


def test_the_prompt_shows_the_responses_in_shown_order_once():
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request)
        return Sample(model, Completion("[[A]]"))

    judge = Verdict(model="m", system="Be fair.", max_tokens=9)
    samples = asyncio.run(judge.sample(TRIAL, ask))
    assert len(samples) == len(seen) == 1
    assert seen[0].messages[0] == Message("system", "Be fair.")
    prompt = seen[0].messages[1].content
    assert prompt.count("Name a prime.") == 1
    assert prompt.index("# Answer A\n7") < prompt.index("# Answer B\n[[B]] 8")
    assert seen[0].sampling.max_tokens == 9


def test_two_turns_are_shown_as_dialogues():
    item = Item("2", ("Hi", "Bye"), context=(Message("system", "Short."),))
    trial = Trial(item, (Response(("a1", "a2"), "x"), Response(("b1", "b2"), "y")), (0, 1))
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request.messages[-1].content)
        return Sample(model, Completion("[[A]]"))

    asyncio.run(JUDGE.sample(trial, ask))
    assert "System: Short.\n\nUser: Hi\n\nUser: Bye" in seen[0]
    assert "User: Hi\n\nAssistant: a1\n\nUser: Bye\n\nAssistant: a2" in seen[0]


def test_a_template_of_ones_own_replaces_the_wording_and_the_identity(tmp_path):
    file = tmp_path / "t.jinja"
    file.write_text("{{ question }}|{{ answers[1] }}|{{ answers[0] }}")
    judge = Verdict(model="m", template=str(file))
    assert judge.fingerprint() != JUDGE.fingerprint()
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request.messages[-1].content)
        return Sample(model, Completion("[[A]]"))

    asyncio.run(judge.sample(TRIAL, ask))
    assert seen == ["Name a prime.|[[B]] 8|7"]


def test_in_a_text_that_was_cut_only_a_mark_at_its_end_counts():
    assert read("Better is [[A]]\n", finish="length").label == "A"
    for text in ("An answer ends with [[A]] when", "[[A]] or [[B]], that is", "[[B]] is"):
        with pytest.raises(VerdictError, match="cut at max_tokens before a verdict"):
            read(text, finish="length")
    with pytest.raises(VerdictError, match="two different"):
        read("[[A]] or [[B]]", finish="length")


def test_the_template_is_read_once(tmp_path):
    file = tmp_path / "t.jinja"
    file.write_text("{{ question }}")
    judge = Verdict(model="m", template=str(file))
    before = judge.fingerprint()
    file.write_text("{{ answers }}")
    assert judge.fingerprint() == before != Verdict(model="m", template=str(file)).fingerprint()


@pytest.mark.parametrize("judge", ["verdict", "logprob"])
@pytest.mark.parametrize(("text", "says"), [("{{ qestion }}", "'qestion' is undefined"), ("a\n{% if %}", "line 2")])
def test_a_wrong_template_is_told_before_anything_is_asked(judge, text, says, tmp_path):
    file = tmp_path / "t.jinja"
    file.write_text(text)
    with pytest.raises(ConfigError, match="template cannot be rendered") as caught:
        {"verdict": Verdict, "logprob": LogProb}[judge](model="m", template=str(file)).fingerprint()
    assert caught.value.message.startswith(f"{file}: ")
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint == "its fields are: answers, question, reference"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"max_tokens": "0"}, "Expected `int` >= 1 - at `$.max_tokens`"),
        ({"temperature": "-0.1"}, "Expected `float` >= 0.0 - at `$.temperature`"),
        ({"top_p": "0"}, "Expected `float` > 0.0 - at `$.top_p`"),
        ({"top_p": "1.5"}, "Expected `float` <= 1.0 - at `$.top_p`"),
        ({"temperature": "nan"}, "Expected `float` >= 0.0 - at `$.temperature`"),
        ({"temperature": "inf"}, "option 'temperature' is inf"),
    ],
)
@pytest.mark.parametrize("kind", [Verdict, Chat])
def test_numbers_that_cannot_work_are_refused(kind, values, says):
    with pytest.raises(ConfigError) as caught:
        build(kind, {"model": "m", **values}, "x 'v'", strict=False)
    assert caught.value.message == f"x 'v': {says}"
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    assert model_options(kind) == ("model",)
    edge = build(kind, {"model": "m", "max_tokens": 1, "temperature": 0, "top_p": 1}, "x")
    assert (edge.max_tokens, edge.temperature, edge.top_p) == (1, 0.0, 1.0)
