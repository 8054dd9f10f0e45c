"""`judgebench run --watch` as a process: checkpoints appear while it runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from judgebench.components.benchmarks.starter import COMPONENT as Starter

ITEMS = Starter().items()
COMMAND = [
    *(sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--limit", "4", "--out", "run"),
    *("--policy", "recorded:out/step-*.jsonl", "--judge", "v=verdict@scripted:rules.jsonl"),
]


def answers(folder: Path, step: int) -> None:
    rows = [{"id": item.id, "prompt": item.turns[0], "response": ["w" * step] * len(item.turns)} for item in ITEMS]
    draft = folder / f".{step}"
    draft.write_text("".join(json.dumps(row) + "\n" for row in rows))
    draft.rename(folder / f"step-{step}.jsonl")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "rules.jsonl").write_text('{"reply": "[[A]]"}\n')
    return tmp_path


def watching(folder, *more, settle="0.3"):
    command = [*COMMAND, "--watch", "out", "--settle", settle, *more]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(found, process):
    deadline = time.monotonic() + 60
    while not found():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def policies(folder):
    path = folder / "run" / "board.json"
    rows = json.loads(path.read_text())["estimates"] if path.exists() else []
    return {row["subject"] for row in rows if row["measure"] == "average-length"}


def test_each_checkpoint_is_measured_as_it_appears(folder):
    process = watching(folder, "--idle", "0.05")
    answers(folder / "out", 9)
    until(lambda: policies(folder) == {"step-9"}, process)
    answers(folder / "out", 10)
    until(lambda: policies(folder) == {"step-9", "step-10"}, process)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert printed == (folder / "run" / "board.md").read_text()
    assert "no new checkpoint within 0.05 minutes: done" in said
    assert json.loads((folder / "run" / "board.json").read_text())["series"] == [
        {"name": "step-*", "kind": "policy", "subjects": ["step-9", "step-10"]}
    ]
    assert "step-10" in (folder / "run" / "trajectory.md").read_text()
    assert "<svg" in (folder / "run" / "trajectory.svg").read_text()


@pytest.mark.parametrize("mended", [True, False])
def test_a_checkpoint_that_is_damaged_is_told_and_the_others_are_measured(folder, mended):
    (folder / "out" / "step-2.jsonl").write_text("{")
    answers(folder / "out", 1)
    process = watching(folder, "--idle", "0.05")
    until(lambda: policies(folder) == {"step-1"}, process)
    answers(folder / "out", 2 if mended else 3)
    until(lambda: policies(folder) == {"step-1", "step-2" if mended else "step-3"}, process)
    printed, said = process.communicate(timeout=60)
    assert printed == (folder / "run" / "board.md").read_text()
    assert said.count("error: out/step-2.jsonl, line 1") == 1
    assert process.returncode == (0 if mended else 4)
    assert ("error: 1 of the checkpoints could not be read: out/step-2.jsonl" in said) == (not mended)


def test_the_bounds_of_a_command_hold_for_all_its_rounds(folder):
    answers(folder / "out", 1)
    process = watching(folder, "--max-calls", "13", "--idle", "0.05")
    until(lambda: policies(folder) == {"step-1"}, process)  # 8 calls
    answers(folder / "out", 2)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "that is max_calls" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_that_is_stopped_says_so_in_two_lines(folder, number):
    process = watching(folder)
    assert "watching out" in process.stderr.readline()
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip().splitlines() == [
        "error: stopped: what is done is kept",
        "hint: the same command continues where it stopped",
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--watch", "elsewhere"], "no policy and no judge is a pattern in elsewhere"),
        (["--dry-run"], "--dry-run looks once"),
        (["--idle", "0"], "no checkpoint has come within 0 minutes"),
        (["--measure", "nonsense"], "there is no measure 'nonsense'"),
    ],
)
def test_what_cannot_be_watched_is_refused(folder, more, message):
    if "nonsense" in more:
        answers(folder / "out", 1)
    process = watching(folder, *more)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert message in said.splitlines()[-2]
    assert said.splitlines()[-1].startswith("hint: ")
