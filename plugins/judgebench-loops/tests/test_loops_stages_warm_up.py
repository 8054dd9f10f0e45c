"""The data of the warm-up: judgments that agree with people, and instructions."""

import re
from collections import Counter

import pytest
from loops_kit import lines, loop, made, record, rows, scripted, text_of

from judgebench import DataError

RANKED = [
    {"id": "r1", "prompt": "Q1?", "responses": ["best one", "second one", "worst one"], "ranks": [1, 2, 3]},
    {"id": "r2", "prompt": "Q2?", "responses": ["poor", "rich"], "ratings": [1, 9]},
    {"prompt": "Q3?", "responses": ["alike", "as well"], "ranks": [1, 1]},
    {"id": "r4", "prompt": "Q4?", "responses": ["no", "gold"]},
    {"id": "r5", "prompt": "Q5?", "responses": ["this fails", "always"], "ranks": [1, 2]},
    *({"id": f"s{k}", "prompt": f"S{k}?", "responses": [f"left {k}", f"right {k}"], "ranks": [1, 2]} for k in range(8)),
]


@pytest.mark.parametrize("ties", ["wrong", "ignore"])
def test_evaluation_fine_tuning_data(ties, tmp_path):
    rules = lines(tmp_path / "rules.jsonl", [{"match": "this fails", "error": "request"}])
    of = loop(
        tmp_path,
        "self-rewarding",
        eft={"path": str(lines(tmp_path / "ranked.jsonl", RANKED)), "ties": ties, "flatten": "no"},
        models={"j": {**scripted(), "path": str(rules)}},
        judge={"judge": "additive", "model": "j", "samples": 3, "parser": "nemo"},
    )
    marks, _ = made(of, "warm-up/eft")
    gold = {}
    for number, row in enumerate(RANKED, start=1):
        name = row.get("id", str(number))
        gold[name] = (row["responses"], row.get("ranks") or [-x for x in row.get("ratings", ())])
    expected = {}
    for verdict in record(of, "warm-up/eft", "verdict"):
        responses, ranks = gold[verdict["item"]]
        if not ranks or len(set(ranks)) == 1 or verdict.get("miss", {}).get("stage") == "ask":
            continue
        for draw in range(3):
            texts = [s["completion"]["text"] for s in verdict["samples"] if s.get("part", 0) == draw]
            slots = dict(zip(verdict["order"], texts, strict=True))
            found = {k: re.search(r"Score: ([0-9.]+)", text) for k, text in slots.items()}
            if not all(found.values()):
                continue
            scores = {k: float(match[1]) for k, match in found.items()}
            pairs = [(i, j) for i in slots for j in slots if ranks[i] < ranks[j]]
            if ties == "ignore":
                pairs = [(i, j) for i, j in pairs if scores[i] != scores[j]]
            if pairs and all(scores[i] > scores[j] for i, j in pairs):
                for k, text in slots.items():
                    expected[f"eft:{verdict['item']}/{k + 1}"] = (text, responses[k], scores[k], draw)
                break
    found = rows(of, "warm-up/eft")
    assert len(found) == len(expected) > 4
    for row in found:
        text, response, score, draw = expected[row["id"]]
        assert text_of(row["completion"]) == text
        assert f"<response>\n{response}\n</response>" in text_of(row["prompt"])
        assert (row["lineage"]["score"], row["lineage"]["draw"]) == (score, draw)
    done = marks["warm-up/eft"]
    assert (done.dropped["without ranks"], done.dropped["a call failed"]) == (1, 1)
    assert done.facts["prompts whose ranking agrees"] + sum(done.dropped.values()) == len(RANKED)


def test_evaluation_fine_tuning_data_is_flattened(tmp_path):
    given = {"path": str(lines(tmp_path / "ranked.jsonl", RANKED)), "flatten": "least"}
    of = loop(tmp_path, "self-rewarding", eft=given)
    marks, _ = made(of, "warm-up/eft")
    counts = Counter(row["lineage"]["score"] for row in rows(of, "warm-up/eft"))
    assert len(set(counts.values())) == 1
    assert marks["warm-up/eft"].dropped["score over-represented"] > 0


def test_instruction_data(tmp_path):
    given = [
        {"prompt": "Add 1 and 1.", "completion": "2"},
        {
            "id": "x",
            "prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
            "completion": [{"role": "assistant", "content": "A"}],
        },
    ]
    of = loop(tmp_path, "self-rewarding", ift=str(lines(tmp_path / "ift.jsonl", given)))
    made(of, "warm-up/ift")
    one, two = rows(of, "warm-up/ift")
    assert (one["id"], one["prompt"], text_of(one["completion"])) == (
        "ift:1",
        [{"role": "user", "content": "Add 1 and 1."}],
        "2",
    )
    assert (two["id"], two["prompt"], two["completion"]) == ("ift:x", given[1]["prompt"], given[1]["completion"])
    for bad in (
        {"prompt": "x"},
        {"prompt": "x", "completion": 5},
        {"prompt": None, "completion": "x"},
        {"prompt": [{"role": "user"}], "completion": "x"},
        {"prompt": "x", "completion": []},
        {"prompt": [{"role": "user", "content": 5}], "completion": "x"},
    ):
        lines(tmp_path / "ift.jsonl", [given[0], bad])
        with pytest.raises(DataError, match=r"ift.jsonl, line 2 is no instruction with its answer"):
            made(of, "warm-up/ift")


def test_so_many_judgments_of_one_score(tmp_path):
    given = {"path": str(lines(tmp_path / "ranked.jsonl", RANKED)), "cap": 2}
    made(of := loop(tmp_path, "self-rewarding", eft=given), "warm-up/eft")
    (tmp_path / "all").mkdir()
    made(all_of := loop(tmp_path / "all", "self-rewarding", eft={**given, "flatten": "no", "cap": None}), "warm-up/eft")
    counts, before = (Counter(row["lineage"]["score"] for row in rows(one, "warm-up/eft")) for one in (of, all_of))
    assert max(before.values()) > 2
    assert counts == {score: min(count, 2) for score, count in before.items()}
