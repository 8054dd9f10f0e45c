"""listwise: the best of k."""

import asyncio
import json

import pytest

from judgebench import Completion, ConfigError, Item, Preference, Response, Sample, Trial, VerdictError, app
from judgebench.components.judges.listwise import COMPONENT as Listwise
from judgebench.engine.spec import from_mapping


def trial(k):
    responses = tuple(Response((f"answer number {n}",), str(n)) for n in range(k))
    return Trial(Item("1", ("Which?",)), responses, tuple(range(k)))


def test_all_answers_are_shown_under_their_letters():
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request.messages[-1].content)
        return Sample(model, Completion("[[C]]"))

    samples = asyncio.run(Listwise(model="m").sample(trial(4), ask))
    assert len(samples) == 1
    assert "4 answers" in seen[0]
    assert all(f"# Answer {letter}\nanswer number {n}\n" in seen[0] for n, letter in enumerate("ABCD"))


def read(text, k=4, **options):
    return Listwise(model="m", **options).read(trial(k), [Sample("m", Completion(text, "stop"))])


def test_the_letter_gets_all_of_the_probability():
    assert read("it is [[C]]") == Preference((0.0, 0.0, 1.0, 0.0), "C")
    assert read("[[B]] over [[A]]", parser="rewardbench").label == "A"


@pytest.mark.parametrize("text", ["[[E]]", "[[A]] [[B]]", "none"])
def test_no_letter_of_the_k_is_a_miss(text):
    with pytest.raises(VerdictError):
        read(text)
    assert read("[[E]]", k=5).label == "E"


def test_it_takes_as_many_responses_as_there_are_letters():
    assert Listwise.responses == (2, 26)
    assert Listwise(model="m").responses == (2, 26)


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("rewardbench", "[[{}]]"),
        ("prometheus", "Feedback [RESULT] {}"),
        ("atla", "**Result:** {}"),
        ("offsetbias", "Output ({})"),
        ("con-j", '{{"更好的回答": {}}}'),
    ],
)
def test_reward_benchs_forms_name_each_of_four(parser, text):
    marks = {"offsetbias": "abcd", "con-j": "1234"}.get(parser, "ABCD")
    assert [read(text.format(mark), parser=parser).label for mark in marks] == ["A", "B", "C", "D"]
    with pytest.raises(VerdictError):
        read(text.format(marks[2]), k=2, parser=parser)
    assert Listwise(model="m", parser=parser).responses == (2, 4)


def test_more_responses_than_a_parser_has_letters_for_are_refused_before_anything_is_asked(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "q", "responses": ["a", "b", "c"], "ranks": [1, 2, 3]}))

    def planned(parser):
        spec = {
            "benchmark": f"ranked:{path}",
            "models": {"m": {"backend": "scripted", "default": "[[C]]"}},
            "judges": {"best": {"judge": "listwise", "model": "m", "parser": parser}},
            "out": str(tmp_path / parser),
        }
        return app.plan(from_mapping(spec, "test"), app.registry())

    assert len(planned("rewardbench").items) == 1
    with pytest.raises(ConfigError, match="takes two responses, and item '1' has 3"):
        planned("mt-bench")
