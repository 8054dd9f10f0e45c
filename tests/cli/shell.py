"""The command line in this process: what it prints, its exit code, and a folder to use it in."""

import contextlib
import io
import os
import shutil
import sys
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from own_plugins import write

from judgebench.cli import main


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def message(self):
        """What the error says, without `error: `."""
        return next(line.removeprefix("error: ") for line in self.err.splitlines() if line.startswith("error: "))

    @property
    def hint(self):
        """What the hint says."""
        return self.err.splitlines()[-1].removeprefix("hint: ")


def in_process(*words, cwd, **environment):
    """`judgebench` with these words in this folder, as `subprocess.run` would have it, without a process's start."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", ["judgebench", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as caught,
    ):
        main.main()
    return SimpleNamespace(returncode=caught.value.code, stdout=out.getvalue(), stderr=err.getvalue())


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """Runs `judgebench` with these words in a folder of its own, without installed plugins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "")
    monkeypatch.delenv("JUDGEBENCH_TRACE", raising=False)

    def run(*words):
        done = in_process(*words, cwd=os.getcwd())
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """The folder of a run that was recorded once."""
    folder = tmp_path_factory.mktemp("recorded") / "weekly"
    words = [
        "run",
        "starter",
        "--judge",
        "longer",
        "--judge",
        "random",
        "--limit",
        "8",
        "--quiet",
        "--out",
        str(folder),
    ]
    assert CliRunner().invoke(main.cli, words).exit_code == 0
    return folder


@pytest.fixture
def work(shell, tmp_path, recorded):
    """A folder with a recorded run, a run file, and files of a user's."""
    shutil.copytree(recorded, tmp_path / "runs" / "weekly")
    files = {
        "weekly.yaml": "benchmark: starter\njudges: {a: longer}\n",
        "said.jsonl": '{"match": "", "reply": "The first. [[A]]"}\n',
        "answers.jsonl": '{"id": "x", "response": "y"}\n',
        "data/votes.csv": "item,judge\n",
    }
    return write(tmp_path, files)
