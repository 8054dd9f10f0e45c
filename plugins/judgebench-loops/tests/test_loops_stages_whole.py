"""What the data stages of all systems have in common: lineage, calls that fail, empty stages, other folders."""

import json
from collections import Counter
from itertools import combinations

import pytest
from loops_data_kit import CANDIDATES, JUDGED, LABELS, PAIRS, said_to
from loops_kit import SAID, lines, loop, made, plain, prompts, read, record, rows, scripted, text_of

from judgebench import ConfigError, DataError


@pytest.mark.parametrize(("system", "last"), [("self-rewarding", PAIRS), ("meta-rewarding", PAIRS), ("rlaif", LABELS)])
def test_every_row_leads_back_to_its_candidates(system, last, tmp_path):
    of = loop(tmp_path, system, candidates={"n": 4, "system": "Be kind."})
    made(of, last)
    drawn = {answer["item"]: answer["response"]["turns"][0] for answer in record(of, CANDIDATES, "answer")}
    asked = {row["id"]: row["prompt"] for row in read(of.out / "pool" / "pool.jsonl")}
    told = {name: Counter() for name in asked}
    if system != "rlaif":
        for verdict in record(of, JUDGED, "verdict"):
            told[verdict["item"]].update(sample["completion"]["text"] for sample in verdict["samples"])
    for row in rows(of, last):
        lineage = row["lineage"]
        assert lineage["iteration"] == 1
        if lineage["kind"] == "judgment":
            assert {text_of(row["chosen"]), text_of(row["rejected"])} <= set(told[lineage["prompt"]])
            continue
        chosen, rejected = (drawn[f"{lineage['prompt']}/{draw}"] for draw in lineage["draws"])
        assert (text_of(row["chosen"]), text_of(row["rejected"])) == (chosen, rejected)
        assert row["prompt"] == [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": asked[lineage["prompt"]]},
        ]


def test_no_system_prompt_is_none_in_the_rows_either(tmp_path):
    of = loop(tmp_path, "self-rewarding", candidates={"n": 4, "system": ""})
    made(of, PAIRS)
    assert {len(row["prompt"]) for row in rows(of, PAIRS)} == {1}


def test_responses_that_were_cut(tmp_path):
    rules = [{"match": "haiku", "reply": "Drops on the", "finish": "length"}]
    ask = {**scripted(), "path": str(lines(tmp_path / "rules.jsonl", rules))}
    marks, _ = made(loop(tmp_path, "self-rewarding", ask=ask, candidates={"n": 4, "cut": "drop"}), CANDIDATES)
    assert marks[CANDIDATES].facts["cut"] == 4
    assert marks[CANDIDATES].dropped == {"fewer than two distinct responses": 1}


def test_calls_that_fail_drop_what_hangs_on_them_alone(tmp_path):
    rules = lines(tmp_path / "rules.jsonl", [{"match": "Short. Score: 2 [[B]]\n</response>", "error": "request"}])
    of = loop(
        tmp_path,
        "meta-rewarding",
        models={"j": {**scripted(), "path": str(rules)}},
        judge={"judge": "additive", "model": "j", "samples": 3, "parser": "nemo", "repeats": 2},
    )
    marks, _ = made(of, PAIRS)
    short = {name for name, texts in said_to(of).items() if SAID[1] in texts}
    assert 0 < len(short) < 6
    assert marks[JUDGED].dropped == {"no score could be read": len(short)}
    assert marks[JUDGED].facts["failed"] == 2 * len(short)
    left = {row["lineage"]["prompt"] for row in rows(of, PAIRS)}
    assert left
    assert not left & short


def test_failed_judgments_are_no_wrong_ones(tmp_path):
    rules = lines(tmp_path / "rules.jsonl", [{"match": "# Assistant A\nShort", "error": "request"}])
    of = loop(
        tmp_path,
        "self-taught",
        prompts={"path": str(prompts(tmp_path, 10))},
        models={"j": {**scripted(), "path": str(rules)}},
        judge={"judge": "self-taught", "model": "j"},
        self_taught={"rows": "pairs", "per_pair": 40, "balance": False},
    )
    made(of, JUDGED)
    failed = {
        (row["item"], row["repeat"])
        for row in record(of, JUDGED, "verdict")
        if row.get("miss", {}).get("stage") == "ask"
    }
    assert failed
    assert not {(row["lineage"]["pair"], row["lineage"]["rejected repeat"]) for row in rows(of, JUDGED)} & failed


def test_judges_that_answer_another_question(tmp_path):
    scores = {"judge": "additive", "model": "current", "parser": "nemo"}
    (tmp_path / "alone.jinja").write_text("Points for {{ answers[0] }}, please.")
    alone = {**scores, "template": str(tmp_path / "alone.jinja")}
    compares = {"judge": "verdict", "model": "current", "parser": "strict"}
    cases = [
        ("self-rewarding", PAIRS, {"judge": compares, "candidates": {"n": 2}}, "gives no scores", "additive"),
        ("self-rewarding", PAIRS, {"judge": compares}, "takes two responses", "any number of responses"),
        ("rlaif", LABELS, {"judge": scores}, "scores responses, and compares none", "rlaif"),
        ("self-taught", JUDGED, {"judge": scores}, "scores responses, and compares none", "self-taught"),
        ("meta-rewarding", PAIRS, {"meta": {"judge": alone}}, "scores judgments, and compares none", "verdict"),
        ("self-taught", JUDGED, {"judge": "logprob@current"}, "writes no judgment in one text", "self-taught"),
    ]
    numbers = scripted("A b Score: 4 [[A]]", "B b Score: 3 [[B]]", "C b Score: 2 [[A]]", "D Score: 1")
    letters = scripted("A", "B")
    for number, (system, last, more, message, hint) in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(ConfigError) as error:
            made(loop(folder, system, ask=letters if number == 5 else numbers, **more), last)
        assert message in error.value.message
        assert hint in error.value.hint


@pytest.mark.parametrize(
    ("system", "last", "more", "stage", "reason"),
    [
        ("self-rewarding", PAIRS, {"ask": scripted("the same")}, CANDIDATES, "6 fewer than two distinct responses"),
        ("self-rewarding", PAIRS, {"ask": scripted("a", "b", "c", "d")}, JUDGED, "6 no score could be read"),
        ("self-rewarding", PAIRS, {"ask": scripted(*(f"{k} Score: 4" for k in range(9)))}, PAIRS, "6 equal scores"),
        (
            "self-taught",
            JUDGED,
            {"ask": scripted("the same")},
            "constructed-pairs",
            "6 the worse response is the better",
        ),
        ("self-taught", JUDGED, {"ask": scripted("a", "b", "c", "d")}, JUDGED, "no readable judgment"),
        ("rlaif", LABELS, {"models": {"labeler": scripted("x")}}, LABELS, "an order is missing"),
    ],
)
def test_an_empty_stage_names_itself_and_its_reasons(system, last, more, stage, reason, tmp_path):
    with pytest.raises(DataError) as error:
        made(loop(tmp_path, system, **more), last)
    assert error.value.message == f"{stage}: nothing is left"
    assert error.value.hint.startswith("dropped: ")
    assert reason in error.value.hint


def test_a_loop_is_the_same_in_another_folder_and_from_another_one(tmp_path, monkeypatch):
    of = loop(tmp_path, "meta-rewarding")
    made(of, PAIRS)
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.chdir(there)
    plain_ = plain(there, "meta-rewarding", out="relative")
    from judgebench_loops.config import from_mapping

    again = from_mapping("meta-rewarding", plain_, "loop.yaml")
    made(again, PAIRS)
    assert json.dumps(rows(again, PAIRS)) == json.dumps(rows(of, PAIRS))
    assert [pair for pair in combinations(rows(of, PAIRS), 2) if pair[0]["id"] == pair[1]["id"]] == []
