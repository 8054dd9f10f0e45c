"""The data of Self-Taught Evaluators on scripted models, computed once more from the records by plain code."""

import re
from collections import Counter

import pytest
from judgebench_loops.writing.categories import ask_category
from judgebench_loops.writing.modified import ask_both, ask_worse
from loops_data_kit import JUDGED
from loops_kit import lines, loop, made, prompts, read, record, rows, scripted, text_of

from judgebench import DataError


def test_self_taught_rejection_sampling(tmp_path):
    of = loop(tmp_path, "self-taught", prompts={"path": str(prompts(tmp_path, 10))})
    marks, _ = made(of, JUDGED)
    pairs = {row["id"]: row for row in read(of.out / "constructed-pairs" / "pairs.jsonl")}
    correct = {}
    for verdict in record(of, JUDGED, "verdict"):
        text = verdict["samples"][0]["completion"]["text"]
        tags = set(re.findall(r"\[\[([AB])\]\]", text))
        letter = "AB"[verdict["order"].index(0)]
        if tags == {letter}:
            correct.setdefault(verdict["item"], set()).add((letter, text))
    found = rows(of, JUDGED)
    for row in found:
        pair = pairs[row["lineage"]["pair"]]
        letter, text = row["lineage"]["label"], text_of(row["completion"])
        assert (letter, text) in correct[pair["id"]]
        asked = text_of(row["prompt"])
        shown = pair["responses"] if letter == "A" else pair["responses"][::-1]
        assert asked.index(f"# Question\n{pair['prompt']}") < asked.index(f"# Assistant A\n{shown[0]}\n")
        assert asked.index(f"# Assistant A\n{shown[0]}\n") < asked.index(f"# Assistant B\n{shown[1]}\n")
        assert row["lineage"]["samples"] == 15
    letters = Counter(row["lineage"]["label"] for row in found)
    assert letters["A"] == letters["B"] > 0
    assert len(correct) == len(pairs) - marks[JUDGED].dropped.get("no correct judgment", 0)
    assert marks[JUDGED].rows + sum(marks[JUDGED].dropped.values()) == len(pairs)
    built = marks["constructed-pairs"]
    assert built.rows + sum(built.dropped.values()) == marks["instructions"].rows == 10
    facts = marks[JUDGED].facts
    assert facts["judgments"] == 15 * len(pairs) == len(record(of, JUDGED, "verdict"))


def test_self_taught_pairs_of_judgments_answer_one_prompt(tmp_path):
    of = loop(tmp_path, "self-taught", self_taught={"rows": "pairs", "per_pair": 3, "balance": False})
    marks, _ = made(of, JUDGED)
    verdicts = {(row["item"], row["repeat"]): row for row in record(of, JUDGED, "verdict")}
    found = rows(of, JUDGED)
    assert max(Counter(row["lineage"]["pair"] for row in found).values()) == 3
    for row in found:
        told = row["lineage"]
        right = verdicts[told["pair"], told["repeat"]]
        wrong = verdicts[told["pair"], told["rejected repeat"]]
        assert right["order"] == wrong["order"] == told["order"]
        assert text_of(row["chosen"]) == right["samples"][0]["completion"]["text"]
        assert text_of(row["rejected"]) == wrong["samples"][0]["completion"]["text"]
        letter = "AB"[right["order"].index(0)]
        assert f"[[{letter}]]" in text_of(row["chosen"])
        assert f"[[{letter}]]" not in text_of(row["rejected"])
    assert marks[JUDGED].rows == len(found)


@pytest.mark.parametrize(("majority", "kept"), [(None, 4), (0.3, 4), (0.99, 0)])
def test_self_taught_majority(majority, kept, tmp_path):
    """A judge that always says A is right where the better one stands first."""
    rules = lines(tmp_path / "rules.jsonl", [{"match": "# Assistant A", "reply": "So. [[A]]"}])
    of = loop(
        tmp_path,
        "self-taught",
        prompts={"path": str(prompts(tmp_path, 4))},
        models={
            "writer": scripted("One.", "Two.", "Three.", "Four.", "Five.", "Six."),
            "j": {"backend": "scripted", "path": str(rules)},
        },
        judge={"judge": "self-taught", "model": "j"},
        self_taught={"writer": "writer", "majority": majority, "balance": False, "samples": 40},
    )
    if kept == 0:
        with pytest.raises(DataError, match=f"{JUDGED}: nothing is left") as error:
            made(of, JUDGED)
        assert "below the majority" in error.value.hint
    else:
        marks, _ = made(of, JUDGED)
        assert marks[JUDGED].rows == marks["constructed-pairs"].rows


@pytest.mark.parametrize("worse", ["one-call", "direct"])
def test_worse_responses_in_other_ways(worse, tmp_path):
    rules = lines(
        tmp_path / "rules.jsonl",
        [
            {"match": "haiku", "finish": "length", "reply": "New instruction: x\nAnswer: it was cut"},
            {"match": "# An instruction", "reply": "New instruction: Name the capital of Spain.\nAnswer: Madrid."},
            {"match": "capital", "reply": "Paris."},
            {"match": "", "reply": "Some answer."},
        ],
    )
    of = loop(
        tmp_path,
        "self-taught",
        models={"w": {"backend": "scripted", "path": str(rules)}},
        self_taught={"worse": worse, "writer": "w"},
    )
    marks, _ = made(of, "constructed-pairs")
    pairs = {row["id"]: row for row in read(of.out / "constructed-pairs" / "pairs.jsonl")}
    step = {"one-call": "both", "direct": "worse"}[worse]
    ask = {"one-call": ask_both, "direct": ask_worse}[worse]
    asked = {row["id"]: row["prompt"] for row in read(of.out / "constructed-pairs" / step / "items.jsonl")}
    assert asked["q0"] == ask("Name the capital of France.", "Paris.")
    if worse == "one-call":
        assert pairs["q0"]["responses"] == ["Paris.", "Madrid."]
        assert pairs["q0"]["modified"] == "Name the capital of Spain."
    else:
        assert pairs["q0"]["responses"] == ["Paris.", "New instruction: Name the capital of Spain.\nAnswer: Madrid."]
        assert "modified" not in pairs["q0"]
    assert "q2" not in pairs
    assert marks["constructed-pairs"].dropped == {"cut": 1}


def test_categories(tmp_path):
    rules = lines(
        tmp_path / "rules.jsonl",
        [
            {"match": ask_category("Why is the sky blue?"), "reply": "facts"},
            {"match": ask_category("Write a haiku about rain."), "reply": "This is writing."},
            {"match": ask_category("How do I boil an egg?"), "reply": "facts or advice"},
            {"match": "# Category", "reply": "I cannot say."},
        ],
    )
    of = loop(
        tmp_path,
        "self-taught",
        models={"w": {"backend": "scripted", "path": str(rules)}},
        self_taught={"categories": ["facts", "coding"], "writer": "w"},
    )
    marks, _ = made(of, "instructions")
    (row,) = read(of.out / "instructions" / "instructions.jsonl")
    assert (row["id"], row["category"]) == ("q1", "facts")
    assert marks["instructions"].dropped == {"another category": 1, "two categories": 1, "no category": 3}
