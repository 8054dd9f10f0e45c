"""Checkpoints of a training in whole runs: which pairs the board holds, and who is loaded when."""

import asyncio
import json
from pathlib import Path

import pytest
from toys import CALLS, known

from judgebench import BudgetError, ConfigError, DataError, app
from judgebench.core.events import StageStarted
from judgebench.core.leaderboard import Series, by_pair
from judgebench.engine.spec import from_mapping


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """Recorded answers of three checkpoints: the later, the longer."""
    monkeypatch.chdir(tmp_path)
    for step in (9, 10, 30):
        rows = [{"id": f"i{n:03d}", "prompt": f"question {n}", "response": "w" * (step + n)} for n in range(12)]
        (tmp_path / f"step-{step}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def carry_out(registry=None, events=None, **spec):
    registry = registry or known()
    plan = app.plan(from_mapping({"benchmark": "toy-bench", "out": "run", "cache": False, **spec}, "test"), registry)
    asyncio.run(app.execute(plan, registry, [] if events is None else [events.append]))
    return registry


def board(registry, *folders, **options):
    return app.leaderboard([Path(folder) for folder in folders or ("run",)], registry, replicates=200, **options)


@pytest.mark.usefixtures("steps")
def test_a_board_holds_each_step_against_the_last_and_the_first():
    registry = carry_out(policies={"step-*": "recorded:step-*.jsonl"}, judges={"lp": "logprob@toy:j"})
    made = board(registry)
    assert made.series == (Series("step-*", "policy", ("step-9", "step-10", "step-30")),)
    found = by_pair(made)
    for measure, judge in (("win-rate", "lp"), ("average-length", None)):
        for later, earlier in (("step-10", "step-9"), ("step-30", "step-10"), ("step-30", "step-9")):
            one = found["toy-bench", measure, judge, later, earlier]
            other = found["toy-bench", measure, judge, earlier, later]
            assert (one.difference, one.low, one.high) == (-other.difference, -other.high, -other.low)
    assert found["toy-bench", "average-length", None, "step-30", "step-9"].difference == pytest.approx(21)
    assert len({frozenset((c.measure, c.a, c.b)) for c in made.comparisons}) == len(made.comparisons)


@pytest.mark.usefixtures("steps")
def test_a_series_grows_with_its_run_and_a_checkpoint_that_is_gone_stays_on_the_board(tmp_path):
    carry_out(policies={"s": "recorded:step-*.jsonl"}, judges={"l": "chatty"})
    (tmp_path / "step-9.jsonl").unlink()
    (tmp_path / "step-100.jsonl").write_text((tmp_path / "step-30.jsonl").read_text())
    registry = carry_out(policies={"s": "recorded:step-*.jsonl"}, judges={"l": "chatty"})
    made = board(registry)
    assert made.series == (Series("s", "policy", ("s-step-9", "s-step-10", "s-step-30", "s-step-100")),)


@pytest.mark.usefixtures("steps")
def test_subjects_of_any_runs_are_a_series_by_the_pattern_of_their_names():
    registry = known()
    for step in (30, 9):
        carry_out(
            registry,
            policies={f"iter{step}": f"recorded:step-{step}.jsonl"},
            judges={"l": "chatty"},
            out=f"run{step}",
        )
    made = board(registry, "run30", "run9", series=["iter*"])
    assert made.series == (Series("iter*", "policy", ("iter9", "iter30")),)
    assert not board(registry, "run30", "run9").series
    carry_out(registry, policies={"iter10": "toy:p"}, judges={"l": "chatty"}, out="run9", series=["iter*"])
    assert board(registry, "run30", "run9").series == (Series("iter*", "policy", ("iter10",)),)
    with pytest.raises(ConfigError, match=r"series 'it\?': no policy and no judge is called so"):
        carry_out(registry, policies={"iter10": "toy:p"}, judges={"l": "chatty"}, out="run9", series=["it?"])
    with pytest.raises(ConfigError, match=r"series 'step-\*': no subject is called so"):
        board(registry, "run30", "run9", series=["step-*"])


@pytest.mark.usefixtures("steps")
def test_what_a_deleted_checkpoint_answered_is_judged_by_the_same_command(tmp_path):
    spec = {"policies": {"s": "recorded:step-*.jsonl"}, "judges": {"lp": "logprob@toy:j"}}
    with pytest.raises(BudgetError):
        carry_out(**spec, max_calls=5)  # all have answered, and a few answers are judged
    (tmp_path / "step-9.jsonl").unlink()
    registry = carry_out(**spec)
    found = {row.subject: (row.n, row.missing) for row in board(registry).estimates if row.measure == "win-rate"}
    assert found == {"s-step-9": (12, 0), "s-step-10": (12, 0), "s-step-30": (12, 0)}


def test_a_checkpoint_that_is_overwritten_amid_a_run_is_not_taken_for_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for step in (1, 2):
        (tmp_path / f"step-{step}.jsonl").write_text(json.dumps({"reply": f"weights {step}"}) + "\n")
    spec = {"policies": {"step-*": "scripted:step-*.jsonl"}, "judges": {"l": "chatty"}}

    class Overwrite(list):
        def append(self, event):
            if isinstance(event, StageStarted) and event.subject == "step-1":
                (tmp_path / "step-2.jsonl").write_text('{"reply": "other weights"}\n')

    with pytest.raises(DataError, match="policy 'step-2': its rules changed since it was planned"):
        carry_out(events=Overwrite(), **spec)
    assert "other weights" not in (tmp_path / "run" / "record.jsonl").read_text()
    registry = carry_out(**spec)
    (series,) = board(registry).series
    assert [name.partition("#")[0] for name in series.subjects] == ["step-1", "step-2", "step-2"]


@pytest.mark.usefixtures("steps")
def test_policies_and_judges_of_one_pattern_name_are_two_series(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"rules-{name}.jsonl").write_text('{"reply": "[[A]]"}\n')
    judges = {"ck": "verdict@scripted:rules-*.jsonl,sees=both"}
    registry = carry_out(policies={"ck": "recorded:step-*.jsonl"}, judges=judges)
    assert {(one.name, one.kind) for one in board(registry).series} == {("ck", "policy"), ("ck", "judge")}


@pytest.mark.usefixtures("steps")
def test_a_series_within_another_is_not_shown_twice():
    carry_out(policies={"s": "recorded:step-*.jsonl"}, judges={"l": "chatty"})
    registry = carry_out(policies={"s": "recorded:step-*.jsonl"}, judges={"l": "chatty"}, series=["s-step-?0", "s-*"])
    assert [one.name for one in board(registry).series] == ["s"] or [one.name for one in board(registry).series] == [
        "s-*"
    ]


@pytest.mark.usefixtures("steps")
def test_one_training_on_two_benchmarks_is_one_series():
    registry = known()
    for step, size in ((9, 12), (30, 12), (9, 4)):
        judged = {"policies": {f"s{step}": f"recorded:step-{step}.jsonl"}, "judges": {"l": "chatty"}}
        carry_out(registry, benchmark=f"toy-bench:{size}", out=f"run{step}-{size}", series=["s*"], **judged)
    made = board(registry, "run9-12", "run30-12", "run9-4")
    assert made.series == (Series("s*", "policy", ("s9", "s30")),)


@pytest.mark.usefixtures("steps")
def test_a_checkpoint_that_answers_and_judges_is_loaded_once():
    events = []
    carry_out(
        events=events,
        policies={"p1": "toy:one", "p2": "toy:two"},
        judges={
            "strong": "logprob@toy:judge",
            "j1": "logprob@toy:one,sees=pairs",
            "j2": "logprob@toy:two,sees=both",
        },
    )
    stages = [(event.subject, event.jobs) for event in events if isinstance(event, StageStarted)]
    # j2 may judge both policies' answers as soon as its own are there, and nothing is left for it then
    assert stages == [("p1", 12), ("j1", 24), ("p2", 12), ("j2", 72), ("strong", 48)]
    assert CALLS == {"one": 12 + 24, "two": 12 + 72, "judge": 48}


@pytest.mark.usefixtures("steps")
def test_a_judge_whose_model_is_open_goes_first():
    events = []
    spec = {"policies": {"p1": "toy:one", "p2": "toy:two"}, "judges": {"j": "logprob@toy:j", "self": "logprob@toy:one"}}
    carry_out(events=events, **spec)
    stages = [(event.subject, event.jobs) for event in events if isinstance(event, StageStarted)]
    assert stages == [("p1", 12), ("self", 24), ("p2", 12), ("j", 48), ("self", 24)]


@pytest.mark.usefixtures("steps")
def test_what_a_judge_is_shown():
    registry = carry_out(
        policies={"p": "toy:p"},
        judges={
            "a": "logprob@toy:j",
            "b": "logprob@toy:j,sees=pairs",
            "c": "logprob@toy:j,sees=both",
            "d": "chatty,sees=policies",
        },
    )
    made = board(registry)
    judged = {row.judge for row in made.estimates if row.measure == "win-rate"}
    accurate = {row.subject for row in made.estimates if row.measure == "accuracy"}
    assert (judged, accurate) == ({"a", "c", "d"}, {"b", "c"})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"judges": {"l": "chatty,sees=policies"}},
            "judge 'l' is to be shown policies' answers, and there are none",
        ),
        ({"judges": {"l": "chatty,sees=all"}}, "judge 'l': Invalid enum value 'all'"),
        (
            {
                "benchmark": "prompts:p.jsonl,baseline=b.jsonl",
                "judges": {"l": "chatty,sees=pairs"},
                "policies": {"p": "toy:p"},
            },
            "bring no responses to compare",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path, monkeypatch, spec, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.jsonl").write_text('{"prompt": "one"}\n')
    (tmp_path / "b.jsonl").write_text('{"prompt": "one", "response": "two"}\n')
    with pytest.raises(ConfigError, match=message):
        carry_out(**spec)
