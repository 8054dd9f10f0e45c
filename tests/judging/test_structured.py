"""JSON answers: asked for with a schema, read only where the whole text is the object."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.components.judges.listwise import Listwise
from judgebench.components.judges.rating import Rating
from judgebench.components.judges.verdict import Verdict
from judgebench.core.errors import VerdictError
from judgebench.core.item import Item, Preference, Response, Sample, Score, Trial
from judgebench.core.request import Chat, Completion, Message
from judgebench.judging.structured import NUMBER, as_json, json_number, json_value, one_of

item = Item("1", ("Which is larger, 3 or 5?",))
trial = Trial(item, (Response(("5",), "a"), Response(("3",), "b")), (0, 1))
verdict = Verdict("m", output="json")


def sample(text, finish="stop"):
    return Sample("m", Completion(text, finish))


class Kept:
    """An ask that keeps its requests."""

    def __init__(self, text):
        self.text, self.requests = text, []

    async def __call__(self, model, request, draw=0):
        self.requests.append(request)
        return sample(self.text)


def test_the_request_says_what_is_wanted_and_holds_its_schema():
    ask = Kept('{"reasons": "5 is larger", "verdict": "A"}')
    samples = asyncio.run(verdict.sample(trial, ask))
    (request,) = ask.requests
    schema = json.loads(request.schema)
    assert schema["properties"]["verdict"] == {"type": "string", "enum": ["A", "B", "C"]}
    assert list(schema["properties"]) == ["reasons", "verdict"]  # the reasons first, so that they come first
    assert "JSON" in request.messages[-1].content
    plain = asyncio.run(Verdict("m").sample(trial, other := Kept("[[A]]"))) and other.requests[0]
    assert plain.schema is None
    assert request.messages[-1].content.startswith(plain.messages[-1].content)
    assert verdict.read(trial, samples) == Preference((1.0, 0.0), "A")


@pytest.mark.parametrize(
    ("text", "probs"),
    [
        ('{"reasons": "x", "verdict": "B"}', (0.0, 1.0)),
        ('<think>{"verdict": "A"}</think> {"verdict": "C"}', (0.5, 0.5)),
        ("B is larger. [[B]]", (0.0, 1.0)),  # a backend without schemas, a model that did not care
    ],
)
def test_json_is_read_first_and_a_text_otherwise(text, probs):
    assert verdict.read(trial, [sample(text)]).probs == probs


@pytest.mark.parametrize(
    "text",
    [
        '{"verdict": "D"}',
        '{"verdict": "AB"}',
        '{"verdict": ""}',
        '{"verdict": ["A"]}',
        '{"verdict": "A", "verdict": "B"}',
        'It says {"verdict": "A"}',
        '{"x": {"verdict": "A"}}',
        '[["verdict", "A"]]',
        "",
        "[" * 100_000,
    ],
)
def test_what_is_no_verdict(text):
    with pytest.raises(VerdictError):
        verdict.read(trial, [sample(text)])


def test_ratings_and_lists():
    rating = Rating("m", output="json")
    ask = Kept('{"reasons": "good", "rating": 8.5}')
    assert rating.read(trial, asyncio.run(rating.sample(trial, ask))) == Score((8.5, 8.5))
    assert [json.loads(request.schema)["properties"]["rating"] for request in ask.requests] == [NUMBER, NUMBER]
    for text in (
        '{"rating": 11}',
        '{"rating": 1e999}',
        '{"rating": true}',
        '{"rating": "8"}',
        f'{{"rating": 1{"0" * 400}}}',
    ):
        with pytest.raises(VerdictError):
            rating.read(trial, [sample(text), sample(text)])
    three = Trial(item, (*trial.responses, Response(("8",), "c")), (0, 1, 2))
    assert Listwise("m", output="json").read(three, [sample('{"verdict": "C"}')]).probs == (0.0, 0.0, 1.0)


@given(st.text(), st.text())
def test_an_object_inside_of_a_text_is_never_read(before, after):
    text = f'{before}{{"verdict": "A"}}{after}'
    if json_value(Completion(text, "stop"), (), "verdict") is not None:
        assert (before + after).strip() == ""


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_any_json_is_read_without_an_exception(value):
    completion = Completion(json.dumps({"rating": value}), "stop")
    found = json_number(completion, (), "rating")
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    assert (found is not None) == plain or abs(value) > 1e300


def test_the_schema_goes_into_the_last_message_alone():
    request = as_json(Chat((Message("system", "s"), Message("user", "u"))), "verdict", one_of("AB"))
    assert request.messages[0] == Message("system", "s")
    assert request.messages[1].content.startswith("u\n\n")
