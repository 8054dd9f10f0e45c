"""The five-way judge: both official parsers, our wording and files in the official form."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Completion, ConfigError, Item, Preference, Response, Sample, Trial, VerdictError
from judgebench.components.judges.arena_hard import COMPONENT as ArenaHard
from judgebench.forms.labels import LABELS

ITEM = Item("1", ("Name a prime.",), stratum="maths")
TRIAL = Trial(ITEM, (Response(("7",), "x"), Response(("{answer_1}",), "y")), (0, 1))


def read(text, parser="v2.0", finish="stop"):
    return ArenaHard(model="m", parser=parser).read(TRIAL, [Sample("m", Completion(text, finish))])


@pytest.mark.parametrize("parser", ["v2.0", "v0.1"])
@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_read_by_both_parsers(label, parser):
    assert read(f"Both try. My verdict: [[{label}]]", parser) == Preference(LABELS[label], label)
    assert read(f"[[{label}]] ... so [[{label}]]", parser).label == label


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        # the text, what v0.1 reads, what v2.0 reads; None is a miss
        ("[[A>B]] no, [[B>A]]", None, "B>A"),
        ("[A>B]", None, "A>B"),
        ("[A>B] and at last [[B>>A]]", "B>>A", "B>>A"),
        ("[[a>>b]]", None, "A>>B"),
        ("[[B<A]]", None, "A>B"),
        ("[[A<<B]]", None, "B>>A"),
        ("[[B=A]]", None, "A=B"),
        ("[[A>>>B]]", None, None),
        ("[[A]]", None, None),
        ("[[]] A>B", None, None),
        ("neither", None, None),
        ("", None, None),
        ("<think>[[A>B]]</think> [[B>A]]", "B>A", "B>A"),
        ("[[A > B]]", None, None),
    ],
)
def test_the_parsers_differ_where_the_official_ones_do(text, first, second):
    for parser, label in (("v0.1", first), ("v2.0", second)):
        if label is None:
            with pytest.raises(VerdictError):
                read(text, parser)
        else:
            assert read(text, parser) == Preference(LABELS[label], label)


def test_a_text_that_was_cut_counts_only_if_it_ends_in_its_label():
    assert read("so [[A>B]]", finish="length").label == "A>B"
    with pytest.raises(VerdictError, match="cut at max_tokens"):
        read("[[A>B]] and then", finish="length")
    with pytest.raises(VerdictError, match="cut at max_tokens"):
        read("I th", finish="length")


@given(st.text(alphabet="[]AB<>= ab\n"), st.sampled_from(["v2.0", "v0.1"]))
def test_any_text_gives_a_label_or_a_verdict_error(text, parser):
    with contextlib.suppress(VerdictError):
        assert read(text, parser).label in LABELS


def asked(judge):
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request)
        return Sample(model, Completion("[[A>B]]"))

    asyncio.run(judge.sample(TRIAL, ask))
    return seen[0]


def test_our_wording_shows_question_and_answers_once():
    request = asked(ArenaHard(model="m", max_tokens=7))
    system, prompt = request.messages
    assert all(f"[[{label}]]" in system.content for label in LABELS)
    assert prompt.content.count("Name a prime.") == prompt.content.count("{answer_1}") == 1
    assert prompt.content.index("\n7\n") < prompt.content.index("{answer_1}")
    assert (request.sampling.temperature, request.sampling.max_tokens) == (0.0, 7)


def config(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return str(path)


V01 = """judge_model: somebody
model_list: [x]
system_prompt: "Be fair."
prompt_template: ["Q {question_1}\\nA {answer_1}\\nB {answer_2}"]
"""
V20 = """judge_model: somebody
system_prompt: {maths: "Compute.", writing: "Feel."}
prompt_template: "Q {QUESTION}\\nA {ANSWER_A}\\nB {ANSWER_B}"
"""


@pytest.mark.parametrize(("text", "system"), [(V01, "Be fair."), (V20, "Compute.")])
def test_a_file_in_either_official_form_is_the_wording(tmp_path, text, system):
    judge = ArenaHard(model="m", config=config(tmp_path, text))
    first, prompt = asked(judge).messages
    assert first.content == system
    assert prompt.content == "Q Name a prime.\nA 7\nB {answer_1}"  # an answer with a mark is shown as it is
    assert judge.fingerprint()["wording"] == "config.yaml"
    assert judge.fingerprint()["template"] != ArenaHard(model="m").fingerprint()["template"]


def test_without_a_system_prompt_for_the_category_there_is_none(tmp_path):
    text = V20.replace("maths", "law")
    (prompt,) = asked(ArenaHard(model="m", config=config(tmp_path, text))).messages
    assert prompt.role == "user"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt_template: '{QUESTION} {ANSWER_A}'", "does not show {ANSWER_B}"),
        ("prompt_template: ['a', 'b']", "prompt_template is no text"),
        ("- a list", "prompt_template is no text"),
        ("prompt_template: '{QUESTION}{ANSWER_A}{ANSWER_B}'\nsystem_prompt: 3", "system_prompt is no text"),
        ("a: [", "config"),
        ("a: 2024-13-45", "month must be in"),
        ("a: \x00", "special characters"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        ArenaHard(model="m", config=config(tmp_path, text)).fingerprint()


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        ArenaHard(model="m", config=str(tmp_path / "none.yaml")).fingerprint()
