"""RewardBench's parsers: every vector of the official functions."""

import json
from dataclasses import replace

import pytest

from judgebench import Completion, Item, Response, Sample, Trial, VerdictError
from judgebench.components.judges.listwise import COMPONENT as Listwise
from judgebench.components.judges.rating import COMPONENT as Rating
from judgebench.components.judges.verdict import COMPONENT as Verdict

TRIAL = Trial(Item("1", ("q",)), (Response(("x",), "a"), Response(("y",), "b")), (0, 1))

FORMS = {
    None: "rewardbench",
    "gemini": "rewardbench",
    "RISE-Judge": "rewardbench",
    "prometheus": "prometheus",
    "offsetbias": "offsetbias",
    "Atla": "atla",
    "Con-J": "con-j",
}


@pytest.fixture(scope="module")
def vectors(recorded):
    return json.loads((recorded / "rewardbench/parser_vectors.json").read_text())


def read(judge, text, trial=TRIAL):
    try:
        return judge.read(trial, [Sample("m", Completion(text, "stop"))])
    except VerdictError:
        return None


@pytest.mark.parametrize("judge", [Verdict, Listwise])
def test_verdicts(judge, vectors):
    """What the official function returns beside A and B ("error", "None", nothing) is no verdict."""
    for vector in vectors["process_judgement"]:
        parser = FORMS[vector["model_modifier"]]
        found = read(judge(model="m", parser=parser, strip_reasoning=()), vector["judgment"])
        assert (found and found.label) == (vector["out"] if vector["out"] in ("A", "B") else None), vector
    assert len(vectors["process_judgement"]) == 88


def test_ratings(vectors):
    judge = Rating(model="m", parser="rewardbench", strip_reasoning=())
    alone = replace(TRIAL, responses=TRIAL.responses[:1], order=(0,))
    for vector in vectors["ratings_regex"]:
        found = read(judge, vector["raw"], alone)
        assert (found and found.values[0]) == (None if vector["out"] == -1 else vector["out"]), vector
    assert len(vectors["ratings_regex"]) == 9
