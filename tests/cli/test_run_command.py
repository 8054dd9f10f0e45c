"""The commands as a user types them: where a signal, a terminal or a full disk matters, in processes of their own."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from shell import in_process

from judgebench.testing.loopback import serve


def judgebench(*arguments, cwd, env=None, check=None):
    """The command in this process."""
    done = in_process(*arguments, cwd=cwd, JUDGEBENCH_CACHE=str(cwd / "cache"), **(env or {}))
    if check is not None:
        assert done.returncode == check, done.stderr
    return done


def two_lines(process, code, message, hint=""):
    """A clear error: two lines on stderr, no traceback, the exit code of its kind."""
    assert process.returncode == code, process.stderr
    lines = process.stderr.strip().splitlines()[-2:]
    assert lines[0].startswith("error: "), process.stderr
    assert message in lines[0]
    assert lines[1].startswith("hint: ")
    assert hint in lines[1]
    assert "Traceback" not in process.stderr


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.jsonl"
    path.write_text(json.dumps({"match": "", "reply": "[[A]]", "logprobs": {"A": -0.2, "B": -2.0}}) + "\n")
    return path


def test_a_run_prints_its_board_and_publishes_it(tmp_path, rules):
    done = judgebench(
        *("run", "starter", "--judge", f"lp=logprob@scripted:{rules}", "--limit", 6, "--out", "r"),
        cwd=tmp_path,
        check=0,
    )
    assert "## accuracy" in done.stdout
    assert "lp: verdicts: 12/12" in done.stderr
    assert (tmp_path / "r/board.md").read_text() == done.stdout
    board = json.loads((tmp_path / "r/board.json").read_text())
    assert board["schema"] == 1
    for form, name in (("markdown", "board.md"), ("json", "board.json")):
        again = judgebench("leaderboard", "r", "--format", form, cwd=tmp_path, check=0)
        assert again.stdout == (tmp_path / "r" / name).read_text()
    judgebench("leaderboard", "r", "--format", "csv", "--out", "published", cwd=tmp_path, check=0)
    assert sorted(path.name for path in (tmp_path / "published").iterdir()) == ["README.md", "board.csv", "board.json"]


def test_a_run_file_with_flags_over_it(tmp_path, rules):
    (tmp_path / "run.yaml").write_text(
        f"""
benchmark: starter
limit: 4
models:
  strong: {{backend: scripted, path: {rules}}}
policies:
  p: {{policy: chat, model: strong, max_tokens: 20}}
judges:
  lp: {{judge: logprob, model: strong, order: both}}
  v: {{judge: verdict, model: strong, order: seeded, limit: 2}}
out: runs/weekly
seed: 7
"""
    )
    dry = judgebench("run", "run.yaml", "--dry-run", cwd=tmp_path, check=0)
    assert "14 calls" in dry.stdout  # 4 answers, 8 and 2 verdicts
    assert not (tmp_path / "runs").exists()
    done = judgebench("run", "run.yaml", "--limit", 3, cwd=tmp_path, check=0)
    assert "win-rate, judged by lp" in done.stdout
    assert (tmp_path / "runs/weekly/record.jsonl").exists()


def test_nothing_heavy_is_written_about_secrets(tmp_path):
    with serve(key="sk-verysecretkey") as server:
        done = judgebench(
            *("run", "starter", "--limit", 2, "--out", "r"),
            *("--judge", f"lp=logprob@openai:m,base_url={server.url},key=OPENAI_API_KEY"),
            cwd=tmp_path,
            env={"OPENAI_API_KEY": "sk-verysecretkey"},
            check=0,
        )
    text = (
        done.stdout
        + done.stderr
        + "".join(path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    )
    assert "verysecret" not in text


BAD = {
    "unknown option": (("run", "starter", "--polcy", "x"), 2, "No such option", ""),
    "unknown command": (("rum",), 2, "No such command 'rum'", ""),
    "unknown benchmark": (("run", "startr", "--judge", "verdict@scripted:x"), 2, "no benchmark 'startr'", "'starter'"),
    "unknown judge": (("run", "starter", "--judge", "verdct@scripted:x"), 2, "no judge 'verdct'", "'verdict'"),
    "no judge": (("run", "starter"), 2, "no judge is named", "--judge"),
    "unknown component option": (("run", "starter", "--judge", "verdict@scripted:x,max_token=3"), 2, "max_token", ""),
    "unknown measure": (
        ("run", "starter", "--judge", "verdict@openai:m", "--measure", "winrate"),
        2,
        "winrate",
        "win-rate",
    ),
    "missing run file": (("run", "none.yaml"), 2, "none.yaml", ""),
    "missing data": (
        ("run", "pairs:none.jsonl", "--judge", "verdict@openai:m,base_url=http://127.0.0.1:9/v1"),
        4,
        "none.jsonl",
        "",
    ),
    "missing run": (("leaderboard", "nowhere"), 7, "nowhere", "run"),
    "unknown report": (("leaderboard", "nowhere", "--format", "markdwn"), 2, "markdwn", "markdown"),
    "missing key": (("run", "starter", "--judge", "verdict@openai:m"), 2, "OPENAI_API_KEY", "export"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_two_lines(case, tmp_path):
    arguments, code, message, hint = BAD[case]
    two_lines(judgebench(*arguments, cwd=tmp_path, env={"OPENAI_API_KEY": ""}), code, message, hint)
    assert not list(tmp_path.glob("runs/*/record.jsonl"))


def test_malformed_yaml_and_jsonl_name_the_line(tmp_path):
    (tmp_path / "bad.yaml").write_text("benchmark: starter\njudges: [\n")
    two_lines(judgebench("run", "bad.yaml", cwd=tmp_path), 2, "bad.yaml, line 3")
    (tmp_path / "bad.jsonl").write_text('{"prompt": "q", "response_a": "x", "response_b": "y"}\n{"prompt": \n')
    bad = judgebench(
        "run", "pairs:bad.jsonl", "--judge", "verdict@openai:m,base_url=http://127.0.0.1:9/v1", cwd=tmp_path
    )
    two_lines(bad, 4, "bad.jsonl, line 2")


def test_a_dead_server_ends_the_run_soon(tmp_path):
    spec = "lp=logprob@openai:m,base_url=http://127.0.0.1:9/v1"
    dead = judgebench("run", "starter", "--judge", spec, "--retries", 1, cwd=tmp_path)
    two_lines(dead, 5, "does not answer", "running")


def test_a_wrong_key_costs_one_request(tmp_path):
    with serve(key="right") as server:
        spec = f"lp=logprob@openai:m,base_url={server.url},key=OPENAI_API_KEY"
        wrong = judgebench("run", "starter", "--judge", spec, cwd=tmp_path, env={"OPENAI_API_KEY": "wrong"})
        two_lines(wrong, 5, "refuses access", "OPENAI_API_KEY")
        assert server.stats()["requests"] == 1


def test_nonsense_is_a_miss_that_the_board_counts(tmp_path):
    with serve(replies=["I would rather talk about the weather."]) as server:
        spec = f"v=verdict@openai:m,base_url={server.url}"
        done = judgebench("run", "starter", "--judge", spec, "--limit", 3, "--out", "r", cwd=tmp_path, check=0)
        again = judgebench("run", "starter", "--judge", spec, "--limit", 3, "--out", "r", cwd=tmp_path, check=0)
        assert server.stats()["requests"] == 6
    assert "6 verdicts of v are missing: no verdict" in done.stdout
    assert again.stdout == done.stdout
    assert "## accuracy" not in done.stdout


def test_a_full_disk_keeps_what_was_paid_for(tmp_path):
    with serve() as server:
        spec = f"lp=logprob@openai:m,base_url={server.url},concurrency=2"
        run = ("run", "starter", "--judge", spec, "--out", "r")
        limited = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000));"
            "sys.argv[0] = 'judgebench'; from judgebench.cli.main import main; main()"
        )
        env = {**os.environ, "JUDGEBENCH_CACHE": str(tmp_path / "cache")}
        full = subprocess.run(
            [sys.executable, "-c", limited, *run], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        two_lines(full, 7, "", "")
        bought = server.stats()["requests"]
        assert 0 < bought < 128
        judgebench(*run, cwd=tmp_path, check=0)
        assert server.stats()["requests"] <= 128 + 2  # what was in flight when the disk was full


IN_BACKGROUND = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
"""As a script's `&` starts a command: Ctrl-C is ignored from the beginning."""


@pytest.mark.parametrize(("sign", "by"), [(signal.SIGINT, []), (signal.SIGTERM, []), (signal.SIGTERM, IN_BACKGROUND)])
def test_an_interrupt_stops_cleanly_and_the_same_command_continues(tmp_path, sign, by):
    with serve(delay=0.05) as server:
        spec = f"lp=logprob@openai:m,base_url={server.url},concurrency=4"
        run = [sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--judge", spec, "--out", "r"]
        env = {**os.environ, "JUDGEBENCH_CACHE": str(tmp_path / "cache")}
        process = subprocess.Popen([*by, *run], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while server.stats()["requests"] < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(sign)
        _, shown = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "stopped" in shown
        assert "Traceback" not in shown
        judgebench(*run[3:], cwd=tmp_path, check=0)
        assert server.stats()["requests"] <= 128 + 4


def test_progress_on_a_terminal_is_a_bar(tmp_path, rules):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    run = [
        sys.executable,
        "-m",
        "judgebench.cli.main",
        "run",
        "starter",
        "--judge",
        f"lp=logprob@scripted:{rules}",
        "--no-cache",
    ]
    process = subprocess.Popen([*run, "--limit", "3"], cwd=tmp_path, stderr=slave, stdout=subprocess.DEVNULL)
    process.wait(timeout=60)
    os.close(slave)
    shown = os.read(master, 100_000).decode()
    os.close(master)
    assert "lp: verdicts" in shown
    assert "6/6" in shown
