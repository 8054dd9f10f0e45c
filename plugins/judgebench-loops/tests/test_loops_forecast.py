"""What a loop would ask, counted beforehand, held against what it then asks."""

import pytest
from judgebench_loops.config import from_mapping
from judgebench_loops.forecast import forecast, lines
from judgebench_loops.loop import carry_out, workshop
from judgebench_loops.systems import stages
from judgebench_loops.walk import Walk
from loops_kit import carried, loop, made, plain, prompts, read, scripted, without_training
from loops_kit import lines as jsonl

from judgebench import ConfigError

PAIRS = "iteration-1/pairs"
DIFFERENT = scripted(*(f"Text {k}, which is one of many." for k in range(4000)))
MODELS = {
    "scorer": scripted(*(f"Reason {k}.\nScore: {k % 6}" for k in range(4000))),
    "referee": scripted(*(f"Reason {k}.\n[[{'AB'[k % 2]}]]" for k in range(4000))),
    "labeler": scripted("1", "2"),
}
ADDITIVE = {"judge": "additive", "model": "scorer", "samples": 3, "temperature": 0.7}
TAUGHT = {"judge": "self-taught", "model": "referee"}


def asked(of, stage):
    """How many samples the runs of a stage recorded."""
    return sum(
        len(row.get("samples", ()))
        for path in (of.out / stage).rglob("record.jsonl")
        for row in read(path)
        if row["line"] in ("answer", "verdict")
    )


def counted(of):
    """The calls of each stage that asks by run, by its folder."""
    return {
        f"iteration-{one.iteration}/{one.stage}" if one.iteration else one.stage: one.calls
        for one in lines(of)
        if one.calls
    }


@pytest.mark.parametrize(
    ("system", "last", "more"),
    [
        ("self-rewarding", PAIRS, {"judge": ADDITIVE}),
        ("self-rewarding", PAIRS, {"judge": ADDITIVE, "prompts": {"number": 4}}),
        ("self-rewarding", PAIRS, {"scores": "additive@scorer"}),
        ("meta-rewarding", PAIRS, {"judge": ADDITIVE, "meta": {"judge": "verdict@referee", "most": 3}}),
        ("meta-rewarding", PAIRS, {"judge": {**ADDITIVE, "samples": 4}, "meta": {"judge": "verdict@referee"}}),
        (
            "meta-rewarding",
            PAIRS,
            {"judge": {"judge": "additive", "preset": "self-rewarding", "model": "scorer", "repeats": 2}},
        ),
        ("self-taught", "iteration-1/judgments", {"judge": TAUGHT}),
        ("self-taught", "iteration-1/judgments", {"judge": TAUGHT, "self_taught": {"worse": "direct", "samples": 3}}),
        ("self-taught", "iteration-1/judgments", {"judge": TAUGHT, "prompts": {"number": 3}}),
        ("rlaif", "iteration-1/labels", {}),
        ("rlaif", "iteration-1/labels", {"judge": {"judge": "rlaif", "model": "labeler", "reasoning": False}}),
    ],
)
def test_calls_are_those_of_a_run_that_drops_nothing(system, last, more, tmp_path):
    given = {"ask": DIFFERENT, "models": MODELS, "prompts": {}, **more}
    if system == "rlaif":
        given["train"] = {"rl": {"batch": 2}, "reward": {"batch": 2}}
    of = loop(tmp_path, system, **given)
    before = counted(of)
    marks, _ = made(of, last)
    steps = [name for name in before if not name.endswith("training")]
    assert {name: asked(of, name) for name in steps} == {name: before[name] for name in steps}
    assert steps
    assert not any(marks[name].dropped for name in marks if name not in (last, "iteration-1/meta-judging"))


@pytest.mark.parametrize("system", ["self-rewarding", "meta-rewarding", "self-taught", "rlaif"])
def test_calls_are_an_upper_bound_where_something_is_dropped(system, tmp_path):
    more = {"train": {"rl": {"batch": 2}, "reward": {"batch": 2}}} if system == "rlaif" else {}
    of = loop(tmp_path, system, **more)
    last = {"self-taught": "iteration-1/judgments", "rlaif": "iteration-1/labels"}.get(system, PAIRS)
    before = counted(of)
    made(of, last)
    for name, calls in before.items():
        if not name.endswith("training"):
            assert asked(of, name) <= calls


def test_new_prompts_and_categories(tmp_path):
    options = {"new": 500, "shots": 3, "calls": 16}
    of = loop(tmp_path, "self-taught", prompts=options, self_taught={"categories": ["facts"]})
    found = counted(of)
    assert (found["pool"], found["instructions"]) == (16, 500)
    assert found["constructed-pairs"] == 3 * 500
    assert found["iteration-1/judgments"] == 15 * 500
    beside = loop(tmp_path, "self-taught", prompts={**options, "with_seeds": True})
    assert counted(beside)["constructed-pairs"] == 3 * 506


def test_warm_up(tmp_path):
    ranked = [
        {"prompt": f"Q{k}", "responses": ["a", "b", "c"][: 2 + (k > 11)], "ranks": [1, 2, 3][: 2 + (k > 11)]}
        for k in range(20)
    ]
    eft = jsonl(tmp_path / "eft.jsonl", ranked)
    ift = jsonl(tmp_path / "ift.jsonl", [{"prompt": f"Q{k}", "completion": "A."} for k in range(33)])
    of = loop(tmp_path, "self-rewarding", eft={"path": str(eft)}, ift=str(ift))
    found = {one.stage: one for one in lines(of)}
    assert found["warm-up/eft"].calls == 3 * (12 * 2 + 8 * 3)
    assert (found["warm-up/baseline"].rows, found["warm-up/baseline"].steps) == (33, 3)
    assert (found["warm-up/training"].rows, found["warm-up/training"].steps) == (33 + 48, 6)


def test_trainings(tmp_path):
    of = loop(
        tmp_path,
        "meta-rewarding",
        iterations=3,
        prompts={"number": 2, "reuse": True},
        train={"dpo": {"batch": 2, "epochs": 3}},
    )
    found = [(one.iteration, one.rows, one.steps) for one in lines(of) if one.stage == "training"]
    assert found == [(1, 4, 6), (2, 4, 6), (3, 2, 3)]
    with pytest.raises(ConfigError, match="training: 6 rows, and at least 64 are needed"):
        lines(loop(tmp_path, "rlaif"))


def evaluated(tmp_path, monkeypatch, benchmark, **entry):
    """Calls of each evaluation as counted and as asked, cached ones too, and the jobs of each run."""
    without_training(monkeypatch)
    of = loop(
        tmp_path,
        "self-rewarding",
        ask=DIFFERENT,
        iterations=2,
        prompts={"number": 3},
        first=0,
        models={**MODELS, "j": DIFFERENT},
        judge=ADDITIVE,
        evaluate=[{"benchmark": benchmark, "limit": 3, **entry}],
    )
    before = {one.iteration: one.calls for one in lines(of) if one.stage.startswith("evaluation/")}
    after = {}
    done = 0
    for number in range(3):
        name = f"iteration-{number}/evaluation"
        if name in carried_names(of):
            carry_out(workshop(of, quiet=True), lambda said: None, again=(name,), only=True)
            total = asked_of_evaluation(of)
            after[number], done = total - done, total
    return before, after


def carried_names(of):
    return [stage.name for stage in stages(workshop(of))]


def asked_of_evaluation(of):
    return sum(
        len(row.get("samples", ()))
        for path in (of.out / "evaluation").rglob("record.jsonl")
        for row in read(path)
        if row["line"] in ("answer", "verdict")
    )


def test_evaluations_as_judge(tmp_path, monkeypatch):
    judge = {"judge": "verdict", "model": "checkpoint", "order": "both"}
    before, after = evaluated(tmp_path, monkeypatch, "starter", as_judge=judge)
    assert before == after == {0: 6, 1: 6, 2: 6}


def test_evaluations_as_policy_against_a_baseline(tmp_path, monkeypatch):
    path = jsonl(tmp_path / "b.jsonl", [{"id": str(k), "prompt": f"Q{k}?", "baseline": f"B{k}"} for k in range(5)])
    before, after = evaluated(
        tmp_path, monkeypatch, f"prompts:{path}", as_policy="chat:checkpoint", judges={"v": "verdict@j"}
    )
    assert before == after == {1: 18, 2: 9}


def test_evaluations_as_policy_against_each_other_are_counted(tmp_path, monkeypatch):
    path = jsonl(tmp_path / "b.jsonl", [{"id": str(k), "prompt": f"Q{k}?"} for k in range(5)])
    before, after = evaluated(
        tmp_path, monkeypatch, f"prompts:{path}", as_policy="chat:checkpoint", judges={"v": "verdict@j"}
    )
    assert after == {1: 6 + 6, 2: 3 + 12}
    assert before == after


def test_five_thousand_prompts_are_counted_at_once(tmp_path, monkeypatch):
    path = prompts(tmp_path, 5000)
    of = from_mapping(
        "meta-rewarding",
        {
            **plain(tmp_path, "meta-rewarding", prompts={"path": str(path), "number": 5000, "reuse": True}),
            "judge": {"judge": "additive", "preset": "meta-rewarding", "model": "current"},
            "candidates": {"n": 7, "max_tokens": 1024},
            "iterations": 4,
        },
        "loop.yaml",
    )
    walked, run = [], Walk.run

    def counted(self, benchmark, rows, **subjects):
        walked.append(len(rows))
        return run(self, benchmark, rows, **subjects)

    monkeypatch.setattr(Walk, "run", counted)
    found = lines(of)
    assert 0 < sum(walked) < 500  # of hundreds of thousands: a walk over all of it takes minutes
    by_stage = {(one.iteration, one.stage): one.calls for one in found}
    assert by_stage[1, "candidates"] == 35_000
    assert by_stage[1, "judgments"] == 385_000
    assert by_stage[1, "meta-judging"] == by_stage[2, "meta-judging"] == 550_000
    assert (3, "meta-judging") not in by_stage


def test_the_table_asks_nobody(tmp_path):
    of = loop(tmp_path, "meta-rewarding", iterations=2, prompts={"number": 3})
    text = forecast(of)
    assert not of.out.exists()
    assert "| once" not in text
    calls = {
        line.split("|")[2].strip(): int(line.split("|")[3])
        for line in text.splitlines()
        if line.startswith("| ") and "stage" not in line
    }
    assert calls["all"] == sum(one.calls for one in lines(of))
    assert text.endswith("What is made or asked already is not asked again.")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"judge": {"judge": "additiv", "model": "current"}}, "additiv"),
        ({"judge": {"judge": "additive", "model": "nobody"}}, "there is no model 'nobody'"),
        ({"judge": {"judge": "additive", "model": "current", "sample": 3}}, "unknown option 'sample'"),
        ({"scores": "verdict@current"}, "takes two responses"),
        ({"ask": {"backend": "scripted"}}, "there is nothing to say"),
    ],
)
def test_a_wrong_configuration_is_refused_as_by_a_run(more, message, tmp_path):
    of = loop(tmp_path, "self-rewarding", **more)
    with pytest.raises(ConfigError, match=message) as counted_:
        lines(of)
    with pytest.raises(ConfigError, match=message) as run:
        carried(of)
    assert counted_.value.hint == run.value.hint
