"""The entry point: what it loads, and how it says that something is wrong."""

import os
import resource
import subprocess
import sys

import pytest

HEAVY = "aiohttp datasets jinja2 msgspec numpy pandas pluggy pyarrow scipy tabulate torch tqdm yaml"
LOADED = """
import sys
from judgebench.cli.main import main
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def judgebench(*args, **environment):
    command = [sys.executable, "-W", "error", "-m", "judgebench.cli.main", *map(str, args)]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("flags", [["--help"], ["-h"], ["--version"], [], ["run", "--help"], ["list", "--help"]])
def test_help_loads_nothing_heavy(flags, record_property):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-W", "error", "-c", LOADED, *flags], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    record_property("cpu_seconds", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    loaded = set(done.stderr.split())
    assert {"judgebench", "click"} <= loaded
    assert loaded.isdisjoint(HEAVY.split())


def test_the_public_door_costs_nothing_until_it_is_used():
    code = "import judgebench, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert set(done.stdout.split()).isdisjoint([*HEAVY.split(), "click", "dataclasses"])


def test_help_names_every_command_and_version_the_version():
    from judgebench import __version__

    shown = judgebench("--help")
    assert shown.returncode == 0
    for word in ("run", "leaderboard", "list"):
        assert f"\n  {word} " in shown.stdout
    version = judgebench("--version")
    assert (version.returncode, version.stdout) == (0, f"judgebench, version {__version__}\n")


@pytest.mark.parametrize(
    ("args", "code", "error", "hint"),
    [
        (["rnu"], 2, "No such command 'rnu'", "did you mean 'run'?"),
        (["wxyz"], 2, "No such command 'wxyz'", "see `judgebench --help`"),
        (["--bogus"], 2, "No such option", "see `judgebench --help`"),
        (["run"], 2, "Missing argument", "see `judgebench run --help`"),
        (["run", "starter", "--limit", "0"], 2, "Invalid value for '--limit'", "see `judgebench run --help`"),
        (["list", "jugdes"], 2, "there is no kind 'jugdes'", "did you mean 'judges'?"),
        (["run", "nowhere.yaml"], 2, "nowhere.yaml: No such file", "name a run file (YAML) or a benchmark"),
        (["run", "starter"], 2, "no judge is named", "add `--judge logprob@BACKEND:MODEL`"),
        (["leaderboard", "/nowhere"], 7, "/nowhere", ""),
    ],
)
def test_errors_are_two_lines_and_an_exit_code(shell, args, code, error, hint):
    done = shell(*args)
    assert done.code == code
    lines = done.err.splitlines()
    assert len(lines) == 2, done.err
    assert lines[0].startswith("error: ")
    assert error in lines[0]
    assert lines[1].startswith(f"hint: {hint}")
    assert done.out == ""


def test_no_argument_shows_the_help_and_fails():
    done = judgebench()
    assert done.returncode == 2
    assert done.stdout == judgebench("--help").stdout


def test_a_traceback_is_shown_on_wish_alone():
    assert "Traceback" not in judgebench("list", "x").stderr
    shown = judgebench("list", "x", JUDGEBENCH_TRACE="1").stderr
    assert shown.startswith("Traceback")
    assert "error: there is no kind 'x'\nhint: " in shown


def test_a_closed_pipe_is_no_traceback():
    command = [sys.executable, "-W", "error", "-m", "judgebench.cli.main", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
