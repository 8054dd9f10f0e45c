"""The tutorial's package, as its reader makes it: built, installed and used. Needs what `pip install` reaches."""

import os
import shlex
import subprocess
import sys

import pytest
from pages import PAGES
from reader import Reader

(TUTORIAL,) = (page for page in PAGES if page.path.name == "first-plugin.md")


def said(folder, *command):
    environment = {**os.environ, "PYTHONPATH": str(folder / "site")}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_package_is_built_installed_and_used(folder):
    Reader(folder).read(TUTORIAL)
    (build,) = (line for line in TUTORIAL.commands if line.startswith("python -m build"))
    (install,) = (line for line in TUTORIAL.commands if line.startswith("pip install dist/"))
    said(folder, *shlex.split(build)[1:])
    said(folder, "-m", *shlex.split(install), "--quiet", "--no-deps", "--target", "site")
    listed = said(folder, "-m", "judgebench.cli.main", "list", "judges")
    assert "[judgebench-shorter 0.1.0]" in listed
    board = said(folder, "-m", "judgebench.cli.main", "run", "starter", "--judge", "shorter", "--out", "used")
    assert "judgebench-shorter 0.1.0" in board


def test_the_judge_and_its_package_are_short():
    code, *_ = (block for block in TUTORIAL.blocks if block.language == "python")
    (project,) = (block for block in TUTORIAL.blocks if block.language == "toml")
    assert len([line for line in code.text.splitlines() if line and not line.startswith("#")]) <= 15
    assert len([line for line in project.text.splitlines() if line and not line.startswith("#")]) <= 10
