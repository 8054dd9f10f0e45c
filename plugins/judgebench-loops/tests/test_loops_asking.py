"""How a loop asks: which models a run is told of, one cache for all, and judges as texts and as mappings."""

import sqlite3
from dataclasses import replace

import pytest
from judgebench_loops.asking import Asking, planned
from judgebench_loops.config import from_mapping
from judgebench_loops.loop import workshop
from judgebench_loops.measuring import renamed, spec_of
from judgebench_loops.options import Drawing
from judgebench_loops.workshop import backend_of, of_model
from loops_kit import loop, made, plain, read, rows, scripted

from judgebench import ConfigError, Miss, collect

PAIRS = "iteration-1/pairs"


def asking(tmp_path, **models):
    return Asking(models or {"m": scripted("a", "b", "c")}, tmp_path / "cache.sqlite", 7, quiet=True)


def calls(path):
    """How many completions a cache holds."""
    with sqlite3.connect(path) as connection:
        (found,) = connection.execute("select count(*) from completions").fetchone()
    return found


def test_answers_come_in_the_order_of_the_prompts(tmp_path):
    prompts = [{"id": f"x{k}", "prompt": f"Say {k}."} for k in (3, 1, 2, 10)]
    found = asking(tmp_path).answers(tmp_path / "step", prompts, "m", Drawing())
    assert [one.item.id for one in found] == ["x3", "x1", "x2", "x10"]
    assert [one.item.turns for one in found] == [(row["prompt"],) for row in prompts]
    assert read(tmp_path / "step" / "items.jsonl") == prompts


def test_a_failed_call_is_a_miss_and_is_asked_again(tmp_path):
    (tmp_path / "rules.jsonl").write_text('{"match": "1", "error": "request", "reply": "too long"}\n')
    told = {**scripted("a"), "path": str(tmp_path / "rules.jsonl")}
    prompts = [{"id": str(k), "prompt": f"Say {k}."} for k in range(3)]
    found = asking(tmp_path, m=told).answers(tmp_path / "step", prompts, "m", Drawing())
    assert [isinstance(one.response, Miss) for one in found] == [False, True, False]
    assert found[1].response == Miss("answer", "scripted: too long")
    assert calls(tmp_path / "cache.sqlite") == 2
    (tmp_path / "rules.jsonl").write_text('{"match": "nothing", "reply": ""}\n')
    again = asking(tmp_path, m=told).answers(tmp_path / "step", prompts, "m", Drawing())
    assert not any(isinstance(one.response, Miss) for one in again)


def test_other_items_in_the_same_folder_are_another_run(tmp_path):
    of = asking(tmp_path)
    of.answers(tmp_path / "step", [{"id": "1", "prompt": "Say 1."}, {"id": "2", "prompt": "Say 2."}], "m", Drawing())
    (found,) = of.answers(tmp_path / "step", [{"id": "1", "prompt": "Say 2."}], "m", Drawing())
    assert found.item.turns == ("Say 2.",)


def test_models_that_are_not_asked_are_not_looked_into(tmp_path):
    of = asking(tmp_path, m=scripted("a"), seed="hf:no/such/folder", current="hf:no/such/folder")
    assert of.answers(tmp_path / "step", [{"id": "1", "prompt": "x"}], "m", Drawing())


def test_the_current_model(tmp_path):
    first = asking(tmp_path, m=scripted("a"), seed=scripted("b"))
    second = first.to(scripted("c"))
    assert second.models["current"] == scripted("c")
    assert "current" not in first.models
    (found,) = second.answers(tmp_path / "step", [{"id": "1", "prompt": "x"}], "current", Drawing(), "Be brief.")
    assert found.response.turns == ("c",)


def test_one_cache_for_all_stages_and_nothing_is_asked_twice(tmp_path):
    of = loop(tmp_path, "meta-rewarding")
    made(of, PAIRS)
    before = calls(of.out / "completions.sqlite")
    samples = sum(
        len(row["samples"])
        for path in of.out.rglob("record.jsonl")
        for row in read(path)
        if row["line"] in ("answer", "verdict")
    )
    assert before == samples > 100
    made(of, PAIRS, "iteration-1/candidates", "iteration-1/judgments", "iteration-1/meta-judging")
    assert calls(of.out / "completions.sqlite") == before


@pytest.mark.parametrize(
    ("judge", "planning", "expected"),
    [
        ("rlaif@m", {"order": "both"}, "rlaif@m,order=both"),
        ("rlaif@m,order=seeded,task=summary", {"order": "both"}, "rlaif@m,task=summary,order=both"),
        ("x@m, repeats=2", {"repeats": 15, "order": "seeded"}, "x@m,repeats=15,order=seeded"),
        ({"judge": "rlaif", "order": "seeded"}, {"order": "both"}, {"judge": "rlaif", "order": "both"}),
        ("rlaif@m", {}, "rlaif@m"),
    ],
)
def test_planning_stands_in_the_place_of_the_judges_own(judge, planning, expected):
    assert planned(judge, planning) == expected


def test_a_judge_as_a_text_says_what_the_mapping_says(tmp_path):
    mapping = {"judge": "additive", "model": "current", "samples": 3, "temperature": 0.7, "parser": "nemo"}
    text = "additive@current,samples=3,temperature=0.7,parser=nemo"
    found = []
    for number, judge in enumerate(({**mapping, "top_p": 1.0}, text)):
        (tmp_path / str(number)).mkdir()
        of = from_mapping("meta-rewarding", {**plain(tmp_path / str(number), "meta-rewarding"), "judge": judge}, "x")
        of = replace(
            of, iterations=(replace(of.iterations[0], judge={**mapping, "top_p": 1.0} if number == 0 else text),)
        )
        made(of, PAIRS)
        found.append([(row["id"], row["chosen"], row["rejected"]) for row in rows(of, PAIRS)])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ({}, {"backend": "hf", "model": "folder"}),
        ({"device": "cpu", "model": "ignored"}, {"backend": "hf", "device": "cpu", "model": "folder"}),
        ({"backend": "vllm", "x": 1}, {"backend": "vllm", "x": 1, "model": "folder"}),
        ({"backend": "scripted", "default": "x"}, {"backend": "scripted", "default": "x"}),
    ],
)
def test_a_checkpoint_is_asked_as_the_file_says(ask, expected):
    of = from_mapping("self-rewarding", {"model": "m", "ask": ask}, "loop.yaml")
    assert backend_of(of, "folder") == expected


def test_chance_depends_on_seed_and_stage_alone(tmp_path):
    def drawn(seed, stage):
        return workshop(loop(tmp_path, "self-rewarding", seed=seed)).rng(stage).random()

    assert drawn(0, "a") == drawn(0, "a")
    assert len({drawn(0, "a"), drawn(1, "a"), drawn(0, "b")}) == 3


def test_models_that_an_entry_may_name():
    models = {"labeler": 1, "other": 2, "current": 3}
    assert of_model({"judge": "rlaif", "model": "labeler"}, models) == {"labeler": 1}
    assert of_model("jury:[additive@other,x@current]", models) == {"other": 2}


def test_where_checkpoint_stands_for_a_model():
    entry = {"judge": "vote", "of": "verdict@checkpoint,order=both", "models": ["checkpoint", "x"], "n": 3}
    assert renamed(entry, "M1") == {"judge": "vote", "of": "verdict@M1,order=both", "models": ["M1", "x"], "n": 3}
    assert renamed("jury:a@checkpoint+b@checkpoints", "M1") == "jury:a@M1+b@checkpoints"
    assert renamed("checkpoint", "M1") == "M1"
    assert renamed("chat:checkpoint,max_tokens=9", "M1") == "chat:M1,max_tokens=9"


def test_a_run_of_checkpoints(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"id": "1", "prompt": "x"}\n')
    spec = spec_of(
        {
            "benchmark": f"prompts:{tmp_path / 'p.jsonl'}",
            "judges": {"j": "verdict@strong"},
            "policies": {"own": "chat:strong"},
        },
        {"M0": scripted("a"), "M1": scripted("b")},
        as_policy={"policy": "chat", "model": "checkpoint"},
        as_judge=None,
        models={"strong": scripted("[[A]]", "[[B]]"), "unused": "hf:nowhere"},
        out=str(tmp_path / "run"),
        cache=str(tmp_path / "cache.sqlite"),
        seed=3,
    )
    assert set(spec["models"]) == {"M0", "M1", "strong"}
    found = collect(spec)
    assert {(one.policy, one.response.turns[0]) for one in found.answers if one.policy != "own"} == {
        ("M0", "a"),
        ("M1", "b"),
    }
    assert {(one.policy, one.opponent) for one in found.judgments} == {("M0", "M1"), ("M0", "own"), ("M1", "own")}


def test_an_unknown_model_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no labeler is named"):
        made(loop(tmp_path, "rlaif", models={}), "iteration-1/labels")


def test_a_folder_that_was_moved_amid_a_stage(tmp_path):
    prompts = [{"id": "1", "prompt": "Say 1."}]
    asking(tmp_path).answers(tmp_path / "step", prompts, "m", Drawing())
    (tmp_path / "step").rename(tmp_path / "moved")
    before = calls(tmp_path / "cache.sqlite")
    assert len(asking(tmp_path).answers(tmp_path / "moved", prompts, "m", Drawing())) == 1
    assert calls(tmp_path / "cache.sqlite") == before == 1
