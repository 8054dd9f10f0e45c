"""Stages: made once, made anew for a reason, and never half."""

import errno
import os
import shutil

import pytest
from judgebench_loops import loop as carrying
from judgebench_loops import stage as staging
from judgebench_loops.stage import BEGUN, MARK, Done, Stage, carried_out, finished, read_rows, write_rows
from judgebench_loops.whole import publish
from loops_kit import JUDGES, carried, lines, loop, made, prompts, rows, scripted, without_training

from judgebench import DataError, RecordError

PAIRS = "iteration-1/pairs"


def counted(name="one/step", worked=None, **more):
    """A stage that notes each time it works, and leaves a file."""
    worked = [] if worked is None else worked

    def work(folder):
        worked.append(sorted(path.name for path in folder.iterdir()))
        (folder / "made.txt").write_text(str(len(worked)))
        return Done(made=more.get("inputs", {}).get("made", "m"), rows=1)

    return Stage(name, work, **more), worked


def now(said):
    """The stages that were made, of what a loop said."""
    return [line.partition(":")[0] for line in said if not line.endswith("(made before)")]


def test_passed_over_when_made(tmp_path):
    stage, worked = counted()
    done, fresh = carried_out(stage, tmp_path, {})
    assert fresh
    assert carried_out(stage, tmp_path, {}) == (done, False)
    assert len(worked) == 1
    assert finished(tmp_path / "one" / "step") == done
    assert sorted(path.name for path in (tmp_path / "one" / "step").iterdir()) == ["made.txt", MARK]


@pytest.mark.parametrize("change", ["input", "file", "upstream", "again"])
def test_made_anew_for_each_reason(change, tmp_path):
    path = tmp_path / "file"
    path.write_text("1")
    earlier = {"zero": Done(made="a", rows=1)}
    stage, worked = counted(inputs={"x": 1}, files=(path,), after=("zero",))
    carried_out(stage, tmp_path, earlier)
    again = change == "again"
    if change == "input":
        stage, _ = counted(worked=worked, inputs={"x": 2}, files=(path,), after=("zero",))
    elif change == "file":
        path.write_text("2")
    elif change == "upstream":
        earlier = {"zero": Done(made="b", rows=1)}
    assert carried_out(stage, tmp_path, earlier, again=again)[1]
    assert worked == [[BEGUN], [BEGUN]]  # what stood there was taken away first
    assert not carried_out(stage, tmp_path, earlier)[1]


def test_a_file_by_another_name_with_the_same_content_is_the_same(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("1")
    stage, _ = counted(files=(tmp_path / "a",))
    carried_out(stage, tmp_path, {})
    assert not carried_out(counted(files=(tmp_path / "b",))[0], tmp_path, {})[1]
    with pytest.raises(DataError, match="No such file"):
        carried_out(counted(files=(tmp_path / "c",))[0], tmp_path, {})


def test_a_crash_leaves_no_mark_and_the_next_run_goes_on_there(tmp_path):
    seen = []

    def work(folder):
        seen.append(sorted(path.name for path in folder.iterdir()))
        (folder / "half").write_text("")
        if len(seen) == 1:
            raise RuntimeError("crash")
        return Done(made="m", rows=1)

    stage = Stage("step", work)
    with pytest.raises(RuntimeError):
        carried_out(stage, tmp_path, {})
    assert finished(tmp_path / "step") is None
    assert carried_out(stage, tmp_path, {})[1]
    assert seen == [[BEGUN], [BEGUN, "half"]]


@pytest.mark.parametrize("why", ["other input", "again"])
def test_what_was_begun_for_something_else_is_taken_away(why, tmp_path):
    (tmp_path / "step").mkdir()
    (tmp_path / "step" / BEGUN).write_text(
        "another digest" if why == "other input" else Stage("step", print).digest({})
    )
    (tmp_path / "step" / "half").write_text("")
    stage, worked = counted("step")
    carried_out(stage, tmp_path, {}, again=why == "again")
    assert worked == [[BEGUN]]


def test_a_folder_that_is_no_stage_is_left_alone(tmp_path):
    mine = tmp_path / "one" / "step" / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    for again in (False, True):
        with pytest.raises(RecordError, match="is no stage of a loop") as error:
            carried_out(counted()[0], tmp_path, {}, again=again)
        assert "`out`" in error.value.hint
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("leftover", [[], [".begun.17"]])
def test_a_kill_before_anything_was_made(leftover, tmp_path):
    folder = tmp_path / "one" / "step"
    folder.mkdir(parents=True)
    for name in leftover:
        (folder / name).write_text("par")
    assert carried_out(counted()[0], tmp_path, {})[1]


@pytest.mark.parametrize("after", range(4))
def test_a_kill_while_a_stage_is_taken_away(after, tmp_path, monkeypatch):
    """Whatever is gone by then: the next run neither refuses the folder nor takes what is left for the stage."""

    def stage(x, worked):
        def work(folder):
            worked.append(sorted(path.name for path in folder.iterdir()))
            for name in "abc":
                (folder / name).mkdir()
            return Done(made="m", rows=1)

        return Stage("step", work, {"x": x})

    carried_out(stage(1, []), tmp_path, {})
    taken, real = [], shutil.rmtree

    def killed(path, *given, **more):
        taken.append(path)
        if len(taken) > after:
            raise KeyboardInterrupt
        real(path, *given, **more)

    worked: list[list[str]] = []
    monkeypatch.setattr(staging.shutil, "rmtree", killed)
    if after < 3:
        with pytest.raises(KeyboardInterrupt):
            carried_out(stage(2, worked), tmp_path, {})
        assert finished(tmp_path / "step") is None
    monkeypatch.setattr(staging.shutil, "rmtree", real)
    done, fresh = carried_out(stage(1, worked), tmp_path, {})
    assert fresh == (after < 3)
    assert worked == [[BEGUN]] * (after < 3)
    assert done.rows == 1


def test_a_mark_that_cannot_be_read(tmp_path):
    carried_out(counted()[0], tmp_path, {})
    (tmp_path / "one" / "step" / MARK).write_text("{")
    with pytest.raises(RecordError, match="cannot be read") as error:
        carried_out(counted()[0], tmp_path, {})
    assert error.value.hint == "delete it: the stage is made again"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk(call, tmp_path, monkeypatch):
    def full(*given, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    publish(tmp_path / "file", "before")
    monkeypatch.setattr(os, "fsync", full) if call == "fsync" else monkeypatch.setattr(staging.Path, "replace", full)
    with pytest.raises(RecordError, match=r"file cannot be written: No space left on device") as error:
        publish(tmp_path / "file", "after")
    assert error.value.hint == "make room; the same command goes on"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "before"


def test_rows_come_back_as_they_were(tmp_path):
    given = [{"b": 1, "a": "é\u2028\x85 漢字 \ud83d"}, {"x": [None, 0.1, True]}]
    digest = write_rows(tmp_path / "rows", given)
    assert read_rows(tmp_path / "rows") == given
    assert write_rows(tmp_path / "other", [dict(reversed(row.items())) for row in given]) == digest


def test_a_loop_is_passed_over_and_each_change_makes_what_stands_below_it_anew(tmp_path, monkeypatch):
    jobs: list = []
    without_training(monkeypatch, jobs)
    small = {"iterations": 2, "prompts": {"number": 2}, "candidates": {"n": 4, "max_tokens": 64}}
    tiers = {"rule": "length-tiers", "rho": 0.49}
    first = loop(tmp_path, "self-rewarding", **small)
    names = list(carried(first)[0])
    assert now(carried(first)[1]) == []
    assert len(jobs) == 2
    assert jobs[1].model == str(first.out / "iteration-1" / "checkpoint" / "model")

    later = loop(tmp_path, "self-rewarding", **small, pairs=tiers)
    remade = now(carried(later)[1])
    assert remade[0] == PAIRS
    assert set(remade) >= {"iteration-1/training", "iteration-1/checkpoint", "iteration-2/candidates"}
    assert not {"pool", "seed", "iteration-1/prompts", "iteration-1/candidates", "iteration-1/judgments"} & set(remade)
    model = (later.out / "iteration-1" / "checkpoint" / "model" / "weights").read_bytes()
    assert model.startswith((later.out / PAIRS / "data" / "train.jsonl").read_bytes())

    second = loop(
        tmp_path,
        "self-rewarding",
        **{**small, "iterations": [{}, {"pairs": {"rho": 0.1}}]},
        pairs=tiers,
    )
    assert now(carried(second)[1])[0] == "iteration-2/pairs"

    prompts(tmp_path, 7)
    assert now(carried(second)[1])[:2] == ["pool", "iteration-1/prompts"]
    assert sorted(names) == sorted(carried(second)[0])


def test_dpo_is_tied_to_what_an_iteration_says(tmp_path, monkeypatch):
    jobs: list = []
    without_training(monkeypatch, jobs)
    of = loop(tmp_path, "self-rewarding", iterations=[{}, {}, {"reference": "seed"}])
    carried(of)
    assert [job.reference for job in jobs] == [None, None, "none"]
    assert jobs[2].model == str(of.out / "iteration-2" / "checkpoint" / "model")


def test_an_edited_file_that_the_configuration_names_makes_its_judgments_anew(tmp_path, monkeypatch):
    without_training(monkeypatch)
    rules = tmp_path / "rules.jsonl"
    lines(rules, [{"match": "capital", "reply": "Score: 4"}, {"reply": "Score: 3"}])
    models = {"m": {"backend": "scripted", "path": str(rules), "replies": ["Score: 1", "Score: 5"]}}
    of = loop(tmp_path, "self-rewarding", models=models, judge={**JUDGES["self-rewarding"], "model": "m"})
    first = "iteration-1/judgments"
    with pytest.raises(DataError):  # no response is better than another
        carried(of)
    lines(rules, [{"match": "capital", "reply": "Score: 4"}])
    assert now(carried(of)[1])[0] == first
    assert now(carried(of)[1]) == []
    lines(rules, [{"match": "capital", "reply": "Score: 5"}])
    assert now(carried(of)[1])[0] == first


def test_what_comes_out_the_same_makes_nothing_below_it_anew(tmp_path, monkeypatch):
    without_training(monkeypatch)
    carried(loop(tmp_path, "self-rewarding"))
    many = loop(tmp_path, "self-rewarding", ask={**scripted(), "concurrency": 1})
    assert "iteration-1/training" not in now(carried(many)[1])


def test_again_makes_one_stage_anew_and_ends_there(tmp_path):
    of = loop(tmp_path, "self-rewarding")
    made(of, PAIRS)
    before = rows(of, PAIRS)
    marks, said = made(of, PAIRS)
    assert now(said) == [PAIRS]
    assert list(marks)[-1] == PAIRS
    assert rows(of, PAIRS) == before
    assert now(made(of, PAIRS, "pool")[1]) == ["pool", PAIRS]


def test_deleted_stages_are_made_again_and_come_out_the_same(tmp_path):
    of = loop(tmp_path, "meta-rewarding")
    made(of, PAIRS)
    before = {path: path.read_bytes() for path in of.out.rglob("*.jsonl") if "run" not in path.parts}
    shutil.rmtree(of.out / "iteration-1" / "judgments")
    shutil.rmtree(of.out / "iteration-1" / "meta-judging")
    assert now(made(of, PAIRS)[1]) == ["iteration-1/judgments", "iteration-1/meta-judging", PAIRS]
    assert {path: path.read_bytes() for path in before} == before


def test_a_full_disk_within_a_loop_loses_nothing(tmp_path, monkeypatch):
    of = loop(tmp_path, "self-rewarding")
    made(of, "iteration-1/candidates")
    real = os.fsync

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError) as error:
        made(of, PAIRS)
    assert "No space left" in error.value.message
    assert error.value.hint
    monkeypatch.setattr(os, "fsync", real)
    said = made(of, PAIRS)[1]
    assert now(said) == ["iteration-1/judgments", PAIRS]
    (tmp_path / "whole").mkdir()
    whole = loop(tmp_path / "whole", "self-rewarding")
    made(whole, PAIRS)
    assert rows(whole, PAIRS) == rows(of, PAIRS)


def test_two_loops_in_one_folder(tmp_path):
    of = loop(tmp_path, "self-rewarding")
    made(of, "pool")
    with carrying.locked(of.out), pytest.raises(RecordError, match="is being worked on by another loop"):
        made(of, "pool")
    with pytest.raises(RecordError, match="holds a loop of self-rewarding"):
        made(loop(tmp_path, "meta-rewarding"), "pool")
    made(of, "pool")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "loop").write_text("a file")
    with pytest.raises(RecordError, match="File exists") as error:
        made(loop(tmp_path, "self-rewarding"), "pool")
    assert "`out`" in error.value.hint


def test_a_call_that_failed_and_then_does_not_changes_what_is_asked_after_it(tmp_path):
    """A stage that was cut off asks in a run folder again whose items are others now."""
    told = {"backend": "scripted", "path": str(tmp_path / "rules.jsonl"), "replies": ["One answer.", "Another."]}
    of = {"models": {"writer": told}, "self_taught": {"writer": "writer", "max_tokens": 64}}
    lines(tmp_path / "rules.jsonl", [{"match": "haiku", "error": "request"}])
    first = loop(tmp_path, "self-taught", **of)
    made(first, "constructed-pairs")
    folder = first.out / "constructed-pairs"
    digest = finished(folder)
    assert digest is not None
    lines(tmp_path / "rules.jsonl", [{"match": "capital", "reply": "Yet another.", "finish": "length"}])
    (folder / MARK).rename(folder / BEGUN)
    (folder / BEGUN).write_text(digest.came_from)
    assert made(first, "constructed-pairs")[0]["constructed-pairs"].rows > 0
