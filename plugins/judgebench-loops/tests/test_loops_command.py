"""`judgebench loop`: what it prints, and how it ends."""

import json
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from judgebench_loops import command as commanding
from judgebench_loops.command import loop_command
from loops_kit import lines, plain, scripted, without_training

from judgebench import ConfigError, DataError, RecordError
from judgebench.cli.main import cli, main

PAIRS = "iteration-1/pairs"


@pytest.fixture
def told(tmp_path):
    """Run the command in this process on a configuration; errors come as they are raised."""

    def run(system, *words, **more):
        given = plain(tmp_path, system, **more)
        config = tmp_path / "loop.yaml"
        config.write_text(json.dumps(given))
        return CliRunner().invoke(loop_command(cli), [system, "--config", str(config), "--quiet", *words])

    return run


def test_the_stages(told, tmp_path):
    result = told("meta-rewarding", "--stages", iterations=3)
    assert result.exit_code == 0
    names = result.output.split()
    assert names[:2] == ["seed", "pool"]
    assert [name for name in names if name.endswith("meta-judging")] == [
        "iteration-1/meta-judging",
        "iteration-2/meta-judging",
    ]
    assert names[-1] == "iteration-3/checkpoint"
    assert not (tmp_path / "loop").exists()


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("self-rewarding", "prompts candidates judgments pairs training checkpoint"),
        ("meta-rewarding", "prompts candidates judgments meta-judging pairs training checkpoint"),
        ("self-taught", "judgments training checkpoint"),
        ("rlaif", "prompts candidates labels reward-training reward-model rl-prompts training checkpoint"),
    ],
)
def test_the_stages_of_an_iteration(system, expected, told):
    names = told(system, "--stages").output.split()
    assert [name.removeprefix("iteration-1/") for name in names if name.startswith("iteration-1/")] == expected.split()


def test_warm_up_comes_first_and_evaluations_after_each_checkpoint(told, tmp_path):
    ift = lines(tmp_path / "ift.jsonl", [{"prompt": "a", "completion": "b"}])
    eft = lines(tmp_path / "eft.jsonl", [{"prompt": "a", "responses": ["b", "c"], "ranks": [1, 2]}])
    judged = {"benchmark": "starter", "as_judge": "verdict@checkpoint"}
    names = told("self-rewarding", "--stages", ift=str(ift), eft={"path": str(eft)}, evaluate=[judged]).output.split()
    assert names[2:11] == [
        "warm-up/ift",
        "warm-up/baseline",
        "warm-up/baseline-checkpoint",
        "warm-up/eft",
        "warm-up/data",
        "warm-up/training",
        "warm-up/checkpoint",
        "iteration-0/evaluation",
        "iteration-1/prompts",
    ]
    assert names[-2:] == ["iteration-1/checkpoint", "iteration-1/evaluation"]


def test_what_a_dry_run_prints(told, tmp_path):
    result = told("self-rewarding", "--dry-run")
    assert result.exit_code == 0
    assert "| iteration" in " ".join(result.output.split()[:2])
    assert "At most: nothing is counted as dropped" in result.output
    assert not (tmp_path / "loop").exists()


def test_one_stage_and_then_the_end(told, tmp_path):
    result = told("self-rewarding", "--stage", PAIRS)
    assert result.exit_code == 0
    last = result.output.splitlines()[-1]
    assert last.startswith(f"{PAIRS}: 6 pairs; pairs of responses 6, pairs of judgments 0, mean score difference ")
    assert not last.endswith("(made before)")
    again = told("self-rewarding", "--stage", PAIRS).output.splitlines()
    assert all(line.endswith(" (made before)") for line in again[1:-1])
    assert again[-1] == last
    told_of = json.loads((tmp_path / "loop" / "loop.json").read_text())
    assert (told_of["loop"]["system"], told_of["loop"]["seed"]) == ("self-rewarding", 0)
    assert PAIRS in told_of["stages"]


def test_another_folder(told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert told("self-rewarding", "--stage", "pool", "--out", "elsewhere").exit_code == 0
    assert (tmp_path / "elsewhere" / "pool" / "pool.jsonl").exists()
    assert not (tmp_path / "loop").exists()


def test_errors(told, tmp_path):
    cases = [
        (("--stage", "iteration-1/paris"), {}, ConfigError, "no stage 'iteration-1/paris'", f"did you mean '{PAIRS}'?"),
        (("--stage", "iteration-9/pairs"), {}, ConfigError, "no stage 'iteration-9/pairs'", "did you mean"),
        ((), {"promts": {}}, ConfigError, "unknown key 'promts'", "did you mean 'prompts'?"),
        (("--stage", PAIRS), {"prompts": {"path": "none.jsonl"}}, DataError, "none.jsonl: No such file", "names this"),
        (("--stage", "pool"), {"prompts": {"path": None}}, ConfigError, "no prompts are named", "add `prompts"),
        (
            ("--stage", PAIRS),
            {"ask": scripted("x")},
            DataError,
            "iteration-1/candidates: nothing is left",
            "dropped: 6",
        ),
    ]
    for words, more, kind, message, hint in cases:
        result = told("self-rewarding", *words, **more)
        assert isinstance(result.exception, kind)
        assert message in result.exception.message
        assert hint in result.exception.hint
    (tmp_path / "loop" / "iteration-1" / "judgments").mkdir()
    (tmp_path / "loop" / "iteration-1" / "judgments" / "mine").write_text("")
    result = told("self-rewarding", "--stage", PAIRS)
    assert isinstance(result.exception, RecordError)


def test_an_unknown_system():
    result = CliRunner().invoke(loop_command(cli), ["self-rewardin", "--config", "x"])
    assert result.exit_code == 2
    assert "'self-rewardin' is not one of 'self-rewarding'" in result.output


def test_two_lines_and_an_exit_code(tmp_path, monkeypatch, capsys):
    config = tmp_path / "loop.yaml"
    config.write_text(json.dumps(plain(tmp_path, "self-rewarding", ask=scripted("the same"))))
    monkeypatch.setattr(sys, "argv", ["judgebench", "loop", "self-rewarding", "--config", str(config), "--quiet"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 4
    assert said.err.splitlines() == [
        "error: iteration-1/candidates: nothing is left",
        "hint: dropped: 6 fewer than two distinct responses",
    ]
    assert said.out.splitlines()[-1] == "iteration-1/prompts: 6 prompts"


def test_the_board_of_the_checkpoints(told, tmp_path, monkeypatch):
    without_training(monkeypatch)
    judged = {"benchmark": "starter", "limit": 3, "as_judge": "verdict@checkpoint"}
    path = lines(tmp_path / "b.jsonl", [{"id": str(k), "prompt": f"Q{k}?"} for k in range(3)])
    answers = {"benchmark": f"prompts:{path}", "as_policy": "chat:checkpoint", "judges": {"v": "verdict@j"}}
    more = {"models": {"j": scripted("[[A]]", "[[B]]")}, "evaluate": [judged, answers], "iterations": 2}
    result = told("self-rewarding", first=1, prompts={"number": 3}, **more)
    assert result.exception is None
    for name in ("judge", "policy"):
        assert f"self-rewarding: the checkpoints ({name})" in result.output
        folder = tmp_path / "loop" / "board" / name
        subjects = {one["subject"] for one in json.loads((folder / "board.json").read_text())["estimates"]}
        assert {"M1", "M2", "M3"} <= subjects
        assert (folder / "trajectory.md").exists()
    estimates = json.loads((tmp_path / "loop" / "iteration-2" / "evaluation" / "estimates.json").read_text())
    assert {one["evaluation"] for one in estimates} == {"judge", "policy"}
    again = told("self-rewarding", first=1, prompts={"number": 3}, **more)
    assert again.output.count("(made before)") == len(told("self-rewarding", "--stages", **more).output.split())


def test_help_names_every_system_and_loads_nothing_heavy():
    script = (
        "import sys; from judgebench.cli.main import main; sys.argv = ['judgebench', 'loop', '--help']\n"
        "try: main()\n"
        "finally: print([x for x in ('torch', 'trl', 'transformers', 'pyarrow', 'rapidfuzz') if x in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"}
    )
    assert done.stdout.splitlines()[-1] == "[]"
    for word in ("self-rewarding", "meta-rewarding", "self-taught", "rlaif", "--dry-run", "--stage NAME"):
        assert word in done.stdout
    assert isinstance(commanding.loop_command(cli), click.Command)
