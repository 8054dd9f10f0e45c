"""Completion: what a shell is offered at <tab>, and that it hears nothing else."""

import os
import shutil
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete
from own_plugins import SHORTER, report, write
from third_party import HEAD, install

from judgebench import app
from judgebench.cli.main import COMMANDS, COMPLETE, cli
from judgebench.plugin.kinds import Backend, Benchmark, Import, Judge, Measure, Policy, Report


@pytest.fixture
def offered(shell):
    """What is offered after these words, the last of which is begun."""

    def complete(*words):
        shown = ShellComplete(cli, {}, "judgebench", COMPLETE).get_completions(list(words[:-1]), words[-1])
        return [item.value for item in shown]

    return complete


def names(kind):
    return app.registry().names(kind)


def test_commands_and_options(offered):
    assert offered("") == list(COMMANDS)
    assert offered("pl") == ["plan", "plugin"]
    assert "--judge" in offered("run", "--")
    assert offered("plugin", "") == ["check", "new"]
    assert offered("data", "v") == ["verify"]
    assert offered("compare", "x", "--fail-if", "w") == ["worse"]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (("run", ""), [Benchmark]),
        (("run", "starter", "--judge", ""), [Judge]),
        (("run", "starter", "--policy", ""), [Policy, Backend]),
        (("run", "starter", "--measure", ""), [Measure]),
        (("plan", "starter", "--judge", ""), [Judge]),
        (("audit", ""), [Judge]),
        (("audit", "x", "--benchmark", ""), [Benchmark]),
        (("import", ""), [Import]),
        (("import", "table", "x", "--benchmark", ""), [Benchmark]),
        (("import", "table", "x", "--measure", ""), [Measure]),
        (("leaderboard", "x", "--format", ""), [Report]),
        (("leaderboard", "x", "--measure", ""), [Measure]),
        (("compare", "x", "--measure", ""), [Measure]),
        (("data", "list", ""), [Benchmark]),
        (("data", "fetch", ""), [Benchmark]),
    ],
)
def test_names_of_components(offered, words, kinds):
    assert sorted(offered(*words)) == sorted(name for kind in kinds for name in names(kind))


def test_names_that_begin_as_was_typed(offered):
    assert offered("run", "starter", "--judge", "verd") == ["verdict"]
    assert offered("run", "starter", "--judge", "mine=verd") == ["mine=verdict"]
    assert offered("run", "starter", "--judge", "zzz") == []


def test_kinds_and_templates(offered):
    assert offered("list", "") == [
        "backends", "policies", "judges", "benchmarks", "measures", "imports", "reports", "templates"
    ]  # fmt: skip
    assert offered("leaderboard", "x", "--template", "rlaif-table-1") == ["rlaif-table-1", "rlaif-table-14"]
    assert "markdown" not in offered("leaderboard", "x", "--template", "")
    assert offered("plugin", "new", "x", "--kind", "j") == ["judge"]


def test_run_folders_and_run_files(offered, tmp_path):
    write(tmp_path, {"runs/b/manifest.json": "", "runs/deep/a/manifest.json": "", "runs/no/record.jsonl": "",
                     ".runs/c/manifest.json": "", "weekly.yaml": "", "notes.txt": ""})  # fmt: skip
    for words in (("leaderboard", ""), ("compare", "x", ""), ("plan", "starter", "--like", "")):
        assert offered(*words) == ["runs/b", "runs/deep/a"]
    assert offered("leaderboard", "runs/d") == ["runs/deep/a"]
    assert offered("leaderboard", f"{tmp_path}/runs/b") == [f"{tmp_path}/runs/b"]
    assert offered("leaderboard", "nowhere/") == []
    assert offered("run", "we") == ["weekly.yaml"]
    assert offered("run", "ru") == ["runs/"]


def test_names_of_a_plugin_that_was_named_before(offered, tmp_path):
    write(tmp_path, {"shorter.py": SHORTER})
    assert offered("run", "starter", "--plugin", "shorter.py", "--judge", "sho") == ["shorter"]
    assert offered("--plugin", "shorter.py", "run", "starter", "--judge", "sho") == ["shorter"]
    assert offered("run", "starter", "--judge", "sho") == []
    assert offered("run", "starter", "--plugin", "nowhere.py", "--judge", "ver") == []


NOISY = """
import sys
import warnings
print("hello")
print("hello", file=sys.stderr)
warnings.warn("careful")
"""
COMMAND = (
    NOISY
    + """
import click
from judgebench import hookimpl

@hookimpl
def judgebench_commands(cli):
    @cli.command("tune")
    @click.option("--size", type=int)
    def tune(size):
        "Tune something."
"""
)


def really(words, folder, **environment):
    """What the program prints to a bash that completes the last of these words."""
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1), **environment}
    return subprocess.run(
        [sys.executable, "-m", "judgebench.cli.main"],
        env={**os.environ, "PYTHONPATH": str(folder), COMPLETE: "bash_complete", **environment},
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_shell_hears_names_and_nothing_else(tmp_path):
    install(tmp_path, "noisy", NOISY + report("loud").replace("from __future__ import annotations\n", ""))
    install(tmp_path, "broken", HEAD + "raise SystemExit(3)\n")
    install(tmp_path, "tuner", COMMAND, commands="tune")
    chosen = {"JUDGEBENCH_PLUGINS": "noisy,broken,tuner"}
    done = really("judgebench leaderboard x --format lo", tmp_path, **chosen)
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,loud\n", "")
    done = really("judgebench tune --s", tmp_path, **chosen)
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,--size\n", "")
    done = really("judgebench run --judge ver", tmp_path, JUDGEBENCH_PLUGINS="nowhere")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")  # click ends even no names with a line's end


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_what_help_says_switches_it_on_in_bash(tmp_path):
    shown = subprocess.run([sys.executable, "-m", "judgebench.cli.main", "--help"], capture_output=True, text=True)
    (line,) = [line.strip() for line in shown.stdout.splitlines() if "bash_source" in line]
    write(tmp_path, {"judgebench": f'#!/bin/sh\nexec "{sys.executable}" -m judgebench.cli.main "$@"\n'})
    (tmp_path / "judgebench").chmod(0o755)
    asks = "COMP_WORDS=(judgebench list mea)\nCOMP_CWORD=2\n_judgebench_completion judgebench\necho ${COMPREPLY[@]}"
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--norc", "-c", f"{line}\n{asks}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("measures\n", "")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(name):
    done = subprocess.run(
        [sys.executable, "-m", "judgebench.cli.main"],
        env={**os.environ, COMPLETE: f"{name}_source"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert "_judgebench_completion" in done.stdout


def test_what_a_plugin_writes_past_python_is_not_offered(tmp_path):
    loud = SHORTER + "\nimport os\nos.write(1, b'plain,loud\\n')\n"
    write(tmp_path, {"loud.py": loud})
    environment = {**os.environ, "_JUDGEBENCH_COMPLETE": "bash_complete", "COMP_CWORD": "5"}
    environment["COMP_WORDS"] = "judgebench run starter --plugin=loud.py --judge shor"
    command = [sys.executable, "-m", "judgebench.cli.main"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "plain,shorter\n"
