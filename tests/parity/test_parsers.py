"""RewardBench's parsers: every vector of the official functions."""

import json

import pytest

from judgebench import Completion, VerdictError
from judgebench.plugin.marks import letter_of, rating_of

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


def letter(text, form):
    try:
        return letter_of(Completion(text, "stop"), "AB", form, ())
    except VerdictError:
        return None


def rating(text):
    try:
        return rating_of(Completion(text, "stop"), "rewardbench", ())
    except VerdictError:
        return None


def test_verdicts(vectors):
    """What the official function returns beside A and B ("error", "None", nothing) is no verdict."""
    for vector in vectors["process_judgement"]:
        found = letter(vector["judgment"], FORMS[vector["model_modifier"]])
        assert found == (vector["out"] if vector["out"] in ("A", "B") else None), vector
    assert len(vectors["process_judgement"]) == 88


def test_ratings(vectors):
    for vector in vectors["ratings_regex"]:
        assert rating(vector["raw"]) == (None if vector["out"] == -1 else vector["out"]), vector
    assert len(vectors["ratings_regex"]) == 9
