"""--plugin: a plugin that is not installed, on every command that needs components."""

import json
import re

import click
import pytest
from own_plugins import SHORTER, report, write

from judgebench.cli.main import COMMANDS, cli

LOG = """
def log(text):
    with open("log.txt", "a") as file:
        print(text, file=file)

"""
LOGGING = LOG + SHORTER.replace("        return ()\n", "        log(trial.item.id)\n        return ()\n")
RUN = ("run", "starter", "--limit", 4, "--judge", "shorter", "--quiet", "--out", "out", "--plugin", "shorter.py")


def asked(folder):
    """How often the judge was asked so far."""
    return len((folder / "log.txt").read_text().splitlines())


def test_a_run_with_a_file_records_its_path_and_code(shell, tmp_path):
    write(tmp_path, {"shorter.py": SHORTER})
    done = shell(*RUN)
    assert done.code == 0, done.err
    assert "| shorter " in done.out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    (version,) = manifest["software"]["shorter.py"]
    code = manifest["subjects"][0]["identity"]["code"]
    assert version == f"sha256:{code[:12]}"


def test_what_a_plugin_prints_when_it_is_loaded_spoils_no_json(shell, tmp_path):
    write(tmp_path, {"shorter.py": "print('hello')\n" + SHORTER})
    done = shell(*RUN, "--json")
    assert {row["subject"] for row in json.loads(done.out)["estimates"]} == {"shorter"}
    assert "hello" in done.err


def test_verdicts_of_an_edited_file_are_not_taken_for_those_of_the_new_one(shell, tmp_path):
    write(tmp_path, {"shorter.py": LOGGING})
    assert shell(*RUN).code == 0
    first = asked(tmp_path)
    assert first == 8  # four pairs in both orders
    assert shell(*RUN).code == 0
    assert asked(tmp_path) == first
    write(tmp_path, {"shorter.py": LOGGING + "# another thought\n"})
    assert shell(*RUN).code == 0
    assert asked(tmp_path) == 2 * first
    write(tmp_path, {"shorter.py": LOGGING})
    assert shell(*RUN).code == 0
    assert asked(tmp_path) == 2 * first
    subjects = json.loads((tmp_path / "out" / "manifest.json").read_text())["subjects"]
    assert len({one["identity"]["code"] for one in subjects}) == len(subjects) == 2


ECHO = (
    LOG
    + """
from dataclasses import dataclass
from judgebench import Backend, Completion, hookimpl, option

@dataclass(frozen=True)
class Echo(Backend):
    name = "echo"
    model: str = option(help="any word")

    async def complete(self, request):
        log("once")
        return Completion("The first. [[A]]", "stop")

@hookimpl
def judgebench_components():
    return [Echo]
"""
)


def test_what_an_edited_backend_said_is_asked_again(shell, tmp_path):
    backend = ("--judge", "verdict@echo:x", "--plugin", "echo.py")
    words = ("run", "starter", "--limit", 2, *backend, "--quiet", "--out", "out")
    write(tmp_path, {"echo.py": ECHO})
    assert shell(*words).code == 0
    first = asked(tmp_path)
    assert shell(*words).code == 0
    assert asked(tmp_path) == first > 0
    write(tmp_path, {"echo.py": ECHO.replace("[[A]]", "[[B]]")})
    assert shell(*words).code == 0
    assert asked(tmp_path) == 2 * first


OBSERVER = (
    LOG
    + """
from judgebench import hookimpl

@hookimpl
def judgebench_observe(event):
    log(type(event).__name__)

@hookimpl
def judgebench_commands(cli):
    import click

    @cli.command("tune")
    @click.option("--size", type=int)
    def tune(size):
        "Tune something."
        click.echo(f"tuned {size}")
"""
)


def test_a_file_that_observes_sees_a_run(shell, tmp_path):
    write(tmp_path, {"observer.py": OBSERVER})
    done = shell("run", "starter", "--limit", 2, "--judge", "longer", "--quiet", "--plugin", "observer.py")
    assert done.code == 0, done.err
    events = (tmp_path / "log.txt").read_text().split()
    assert events[0] == "RunStarted"
    assert events[-1] == "RunFinished"


def test_commands_of_a_file_are_called_behind_the_option(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "commands", {})
    write(tmp_path, {"observer.py": OBSERVER})
    assert shell("--plugin", "observer.py", "tune", "--size", 3).out == "tuned 3\n"
    assert "Tune something." in shell("--plugin", "observer.py", "tune", "--help").out
    assert shell("--plugin", "observer.py", "tnue").hint.startswith("see")


def test_it_may_stand_before_the_command_and_be_given_again(shell, tmp_path):
    write(tmp_path, {"one.py": report("first"), "two.py": report("second")})
    listed = shell("--plugin", "one.py", "list", "reports", "--plugin", "two.py", "--plugin", "one.py")
    assert re.findall(r"\[(?:one|two)\.py sha256:", listed.out) == ["[one.py sha256:", "[two.py sha256:"]
    again = shell("list", "reports")
    assert "sha256:" not in again.out


def with_components(group=cli, path=()):
    """Every command that loads components, by its words."""
    for name in COMMANDS if group is cli else group.commands:
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from with_components(command, (*path, name))
        elif (*path, name) not in {("data", "verify"), ("plugin", "new"), ("plugin", "check")}:
            yield (*path, name)


@pytest.mark.parametrize("words", list(with_components()), ids=" ".join)
def test_every_command_that_loads_components_has_it(shell, words):
    assert "--plugin PATH" in shell(*words, "--help").out


USES = [
    ("list",),
    ("data", "list"),
    ("data", "fetch", "starter", "--data-dir", "mirror"),
    ("plan", "starter", "--judge", "longer"),
    ("audit", "longer", "--benchmark", "starter", "--dry-run"),
    ("run", "starter", "--judge", "longer", "--dry-run"),
    ("leaderboard", "out"),
    ("compare", "out"),
    ("import", "table", "x.csv", "--out", "out"),
]


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_every_such_command_refuses_one_that_is_broken(shell, tmp_path, words):
    write(tmp_path, {"broken.py": "x = 1 / 0\n"})
    done = shell(*words, "--plugin", "broken.py")
    assert done.code == 3
    assert done.err == (
        "error: broken.py, line 1: ZeroDivisionError: division by zero\n"
        "hint: mend it; JUDGEBENCH_TRACE=1 shows the traceback\n"
    )
    assert done.out == ""


def test_the_traceback_of_a_broken_file_is_shown_on_wish(shell, tmp_path, monkeypatch):
    write(tmp_path, {"broken.py": "def f():\n    return 1 / 0\n\nf()\n"})
    monkeypatch.setenv("JUDGEBENCH_TRACE", "1")
    shown = shell("list", "--plugin", "broken.py").err
    assert 'broken.py", line 2, in f\n    return 1 / 0\n' in shown
