"""The judge keeps to what every judge must do, and counts the criteria that are met."""

import json
from pathlib import Path

import pytest
from judgebench_rubric import Rubric

import judgebench
from judgebench import Completion, ConfigError, Item, Response, Sample, Score, Trial, VerdictError
from judgebench.testing import Check, conformance

JUDGE = Rubric(model="m", criteria=("It is polite.", "It names a source."))
TRIAL = Trial(Item("1", ("Who wrote it?",)), (Response(("Ibsen.",), "x"), Response(("Why?",), "y")), (0, 1))


@pytest.mark.parametrize("check", conformance(JUDGE), ids=str)
def test_conforms(check: Check) -> None:
    check()


def said(*texts: str) -> list[Sample]:
    return [Sample("m", Completion(text)) for text in texts]


def test_the_score_is_the_number_of_criteria_that_are_met() -> None:
    assert JUDGE.read(TRIAL, said("Yes", " no.", "YES!", "**Yes**, it does")) == Score((1.0, 2.0))


@pytest.mark.parametrize("text", ["", "Perhaps", "Yesterday", "4"])
def test_an_answer_that_is_neither_is_a_miss(text: str) -> None:
    with pytest.raises(VerdictError):
        JUDGE.read(TRIAL, said("yes", "no", text, "yes"))


@pytest.mark.parametrize("criteria", [(), ("",), ("It is polite.", " ")])
def test_without_a_criterion_there_is_no_judge(criteria: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        Rubric(model="m", criteria=criteria)


def test_a_run(tmp_path: Path) -> None:
    """The model says yes where the response holds the word of the criterion."""
    rules = [{"match": f"{word}</response>\n\nDoes the response meet this criterion: {word}", "reply": "Yes"}
             for word in ("one\n", "two\n")]  # fmt: skip
    (tmp_path / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    pairs = [{"prompt": "count", "response_a": "one", "response_b": "neither", "gold": "a"}]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs))
    board = judgebench.run(
        {
            "benchmark": f"pairs:{tmp_path / 'pairs.jsonl'}",
            "models": {"m": {"backend": "scripted", "path": str(tmp_path / "rules.jsonl"), "default": "No"}},
            "judges": {"r": {"judge": "rubric", "model": "m", "criteria": ["one\n", "two\n"]}},
            "out": str(tmp_path / "run"),
        },
        components=[Rubric],
    )
    assert {row.measure: row.value for row in board.estimates}["accuracy"] == 100.0
