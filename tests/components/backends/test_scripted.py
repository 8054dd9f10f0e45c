import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from judgebench.components.backends.scripted import Scripted
from judgebench.core.errors import ConfigError, DataError, JudgebenchError, PermanentError, RequestError, TransientError
from judgebench.core.request import Chat, Completion, Message, NextToken, Request, Sampling, SequenceScore, Text, Usage
from judgebench.plugin.options import build, identity_options

RULES = [
    {"match": "Paris", "reply": "It is [[A]]", "finish": "length"},
    {"match": "tokens", "logprobs": {"B": -1.5, "A": -0.25, "C": -9}},
    {"match": "good answer", "score": 1.5},
    {"match": "busy", "error": "transient", "reply": "try later"},
    {"match": "too long", "error": "request"},
    {"match": "no key", "error": "permanent"},
    {"match": "Par", "reply": "never reached for Paris"},
]


def user(text: str) -> tuple[Message, ...]:
    return (Message("system", "You judge."), Message("user", text))


def ask(backend: Scripted, request: Request) -> Completion:
    async def main() -> Completion:
        async with backend.open(lambda name: None) as session:
            return await session.complete(request)

    return asyncio.run(main())


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.jsonl"
    path.write_text("\n".join(map(json.dumps, RULES)) + "\n")
    return path


def test_the_first_rule_that_matches_answers(rules: Path) -> None:
    backend = Scripted(str(rules), default="none")
    assert ask(backend, Chat(user("Paris?"))) == Completion("It is [[A]]", "length", Usage(3, 3))
    assert ask(backend, Text("Parma?")).text == "never reached for Paris"
    assert ask(backend, Chat(user("Rome?"))) == Completion("none", "stop", Usage(3, 1))


def test_next_token(rules: Path) -> None:
    backend = Scripted(str(rules), default="B")
    found = ask(backend, NextToken(user("tokens"), ("A", "B"), top=2))
    assert found == Completion("A", "length", Usage(3, 1), (("A", -0.25), ("B", -1.5)))
    assert ask(backend, NextToken(user("Rome"), ("A", "B"))).logprobs == (("B", 0.0),)


def test_sequence_score(rules: Path) -> None:
    backend = Scripted(str(rules), default="")
    assert ask(backend, SequenceScore(user("Q"), "a good answer")).score == 1.5
    assert ask(backend, SequenceScore(user("Q"), "12345")).score == -5.0


@pytest.mark.parametrize(
    ("text", "kind"), [("busy", TransientError), ("too long", RequestError), ("no key", PermanentError)]
)
def test_errors(rules: Path, text: str, kind: type[JudgebenchError]) -> None:
    with pytest.raises(kind, match="scripted") as caught:
        ask(Scripted(str(rules)), Chat(user(text)))
    assert type(caught.value) is kind


def test_what_nothing_answers_is_refused(rules: Path) -> None:
    with pytest.raises(RequestError, match="no rule matches"):
        ask(Scripted(str(rules)), Chat(user("Rome?")))


def test_replies_are_chosen_by_the_request() -> None:
    backend = Scripted(replies=("[[A]]", "[[B]]", "[[C]]"))
    requests = [Chat(user(f"{n}"), Sampling(temperature=1, seed=seed)) for n in range(20) for seed in range(2)]
    said = [ask(backend, request).text for request in requests]
    assert set(said) == {"[[A]]", "[[B]]", "[[C]]"}
    assert said[0::2] != said[1::2]  # the seed counts
    assert said == [ask(backend, request).text for request in requests]


def test_the_file_decides_not_its_name(rules: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(rules.read_text())
    first, second = Scripted(str(rules)), Scripted(str(other))
    assert first.fingerprint() == second.fingerprint() != {}
    assert identity_options(first) == identity_options(second)
    other.write_text('{"reply": "changed"}\n')
    assert first.fingerprint() != second.fingerprint()
    assert Scripted(default="x").fingerprint() == {}


def test_options() -> None:
    assert build(Scripted, {"path": "rules.jsonl", "concurrency": "2"}, "model 's'", strict=False).slots == 2
    assert build(Scripted, {"replies": ["a", "b"]}, "model 's'").replies == ("a", "b")
    with pytest.raises(ConfigError, match="nothing to say"):
        build(Scripted, {}, "model 's'")
    with pytest.raises(ConfigError, match="concurrency"):
        Scripted(default="", concurrency=0)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ({"mach": "x"}, "mach"),
        ({"error": "fatal"}, "fatal"),
        ({"logprobs": {"A": 0.5}}, "above 0"),
        ({"score": "high"}, "score"),
    ],
)
def test_wrong_rules(tmp_path: Path, row: dict[str, Any], part: str) -> None:
    path = tmp_path / "rules.jsonl"
    path.write_text('{"reply": "fine"}\n' + json.dumps(row) + "\n")
    with pytest.raises(DataError, match=part) as caught:
        Scripted(str(path)).rules()
    assert "line 2" in caught.value.message
