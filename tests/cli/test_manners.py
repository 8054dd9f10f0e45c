"""How the command line behaves: its exit codes, JSON in the place of tables, and no colour."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from own_plugins import report, write

FLEETING = '{"match": "", "reply": "no such model", "error": "permanent"}\n'


CODES = [
    (0, "run starter --judge longer --limit 2 --quiet", None),
    (1, "compare runs/weekly --a longer --b random --measure accuracy --margin 0.1 --fail-if {outcome}", None),
    (2, "run starter --judge longer --limit 0", "Invalid value for '--limit'"),
    (2, "run starter", "no judge is named"),
    (3, "run starter --judge longer --plugin nowhere.py", "there is no such file"),
    (4, "run pairs:nowhere.jsonl --judge longer", "nowhere.jsonl"),
    (5, "run starter --judge verdict@scripted:fleeting.jsonl --quiet", "no such model"),
    (6, "run starter --judge verdict@scripted:said.jsonl --max-calls 1 --quiet", "that is max_calls"),
    (7, "leaderboard nowhere", "nowhere is no run folder"),
    (130, "list --plugin stopped.py", "stopped: what is done is kept"),
]


@pytest.mark.parametrize(("code", "line", "message"), CODES, ids=[f"{one[0]} {one[1][:30]}" for one in CODES])
def test_exit_codes_are_what_help_says(shell, work, code, line, message):
    write(work, {"fleeting.jsonl": FLEETING, "stopped.py": "raise KeyboardInterrupt\n"})
    if "{outcome}" in line:
        decided = json.loads(shell(*line.partition(" --fail-if")[0].split(), "--json").out)
        line = line.format(outcome=decided[0]["outcome"])
    done = shell(*line.split())
    assert done.code == code, done.err
    if message is not None:
        assert message in done.message
    assert re.search(rf"\b{code} \w", " ".join(shell("--help").out.split()))


def test_a_run_that_is_stopped_says_130_and_keeps_what_is_done(tmp_path):
    slow = """
    import asyncio
    from dataclasses import dataclass
    from judgebench import Judge, Preference, hookimpl

    @dataclass(frozen=True)
    class Slow(Judge):
        name = "slow"

        async def sample(self, trial, ask):
            print("asked", flush=True)
            await asyncio.sleep(60)
            return ()

        def read(self, trial, samples):
            return Preference((1.0, 0.0))

    @hookimpl
    def judgebench_components():
        return [Slow]
    """
    write(tmp_path, {"slow.py": slow})
    words = [sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--judge", "slow", "--plugin", "slow.py"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-2:] == [
        "error: stopped: what is done is kept",
        "hint: the same command continues where it stopped",
    ]


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]])
def test_where_nobody_reads_on_the_code_is_141_and_nothing_is_said(words):
    command = [sys.executable, "-W", "error", "-m", "judgebench.cli.main", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def parsed(shell, line):
    done = shell(*line.split())
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_what_would_be_asked_is_had_as_json(shell, work):
    line = "run starter --judge verdict@scripted:said.jsonl --limit 4 --dry-run --json"
    (row,) = parsed(shell, line)["forecast"]
    assert (row["subject"], row["work"], row["jobs"], row["calls"]) == ("verdict@said", "verdicts", 8, 8)
    assert row["input_tokens"] > 0
    assert row["cost"] is None
    table = shell(*line.removesuffix(" --json").split()).out
    assert f"| {row['subject']} | {row['work']} | {row['jobs']:>6} |" in table


def test_a_plan_is_had_as_json(shell, work):
    found = parsed(shell, "plan starter --judge longer --limit 20 --like runs/weekly --sd 40 --json")
    assert found["items"] == 20
    assert [row["subject"] for row in found["forecast"]] == ["longer"]
    assert any(one["smallest"] > 0 for one in found["detectable"])
    assert parsed(shell, "plan starter --judge longer --json")["detectable"] == []


def test_boards_are_had_as_json(shell, work):
    ran = parsed(shell, "run starter --judge longer --judge random --limit 8 --quiet --out runs/weekly --json")
    assert ran == json.loads((work / "runs" / "weekly" / "board.json").read_text())
    assert (
        ran == parsed(shell, "leaderboard runs/weekly --format json") == parsed(shell, "leaderboard runs/weekly --json")
    )
    refused = shell("leaderboard", "runs/weekly", "--json", "--format", "csv")
    assert (refused.code, refused.message) == (2, "--json is given with --format csv")
    write(work, {"v.csv": "item,judge,preference,gold\n1,me,1,a\n2,me,0,b\n"})
    made = parsed(shell, "import table v.csv --benchmark pairs:said.jsonl --out runs/imported --json")
    assert {row["subject"] for row in made["estimates"]} == {"me"}


def test_an_audit_is_had_as_json(shell, work):
    line = "audit longer first --benchmark starter --limit 4 --json"
    asked = parsed(shell, f"{line} --dry-run")
    assert [(one["run"], one["items"]) for one in asked] == [
        ("runs/audit/runs/longer/starter", 4),
        ("runs/audit/runs/first/starter", 4),
    ]
    boards = parsed(shell, f"{line} --quiet")
    assert list(boards) == ["longer", "first"]
    assert {row["subject"] for row in boards["first"]["estimates"]} == {"first"}
    assert (work / "runs" / "audit" / "longer.md").exists()


def on_terminal(words, folder, **environment):
    """What a program writes to a terminal of 80 columns, and its exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "judgebench.cli.main", *words],
        stdin=slave, stdout=slave, stderr=slave, cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    ) as process:  # fmt: skip
        os.close(slave)
        written = b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            written += chunk
        os.close(master)
        return process.wait(timeout=60), written.decode()


@pytest.mark.parametrize(
    "words",
    [["run", "starter", "--judge", "longer", "--limit", "8", "--plugin", "title.py"], ["lst"], ["--help"]],
    ids=" ".join,
)
def test_no_escape_code_comes_out_with_or_without_a_terminal(tmp_path, words):
    write(tmp_path, {"title.py": report("title")})
    code, shown = on_terminal(words, tmp_path, NO_COLOR="1", FORCE_COLOR="", JUDGEBENCH_PLUGINS="")
    assert code == (2 if words == ["lst"] else 0)
    if words[0] == "run":
        assert "longer: verdicts: 100%" in shown  # the bar was there
    assert "\x1b" not in shown
    environment = {**os.environ, "NO_COLOR": "1", "JUDGEBENCH_PLUGINS": ""}
    command = [sys.executable, "-m", "judgebench.cli.main", *words]
    piped = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert "\x1b" not in piped.stdout + piped.stderr


def test_of_known_prices_a_dry_run_says_nothing_more(shell):
    line = "run starter --judge verdict@openai:m,price_in=1,price_out=2 --limit 4 --dry-run"
    assert "US $ ?" not in shell(*line.split()).out
