"""judgebench plugin new: what is written keeps every rule at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from judgebench.core.errors import ConfigError
from judgebench.plugin.kinds import KINDS
from judgebench.scaffold.package import LONGEST, files, named

ROOT = Path(__file__).parents[2]


def tool(*words, cwd):
    """A tool of development, as a user calls it: what it says where it fails."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else f"{words}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", ["own", "a" * LONGEST])
def test_what_is_written_is_formatted_and_free_of_faults(shell, tmp_path, name):
    for kind in KINDS:
        done = shell("plugin", "new", name, "--kind", kind, "--out", kind)
        assert done.code == 0, done.err
    config = ("--config", str(ROOT / "pyproject.toml"))
    for folder, more in ((tmp_path, ()), *((path, config) for path in sorted(tmp_path.glob("*/*")))):
        assert tool("ruff", "check", "--no-cache", *more, ".", cwd=folder) == ""
        assert tool("ruff", "format", "--no-cache", "--check", *more, ".", cwd=folder) == ""


def next_lines(shell, kind, name="own"):
    """The commands that `plugin new` ends with, as words."""
    import shlex

    return [shlex.split(line) for line in shell("plugin", "new", name, "--kind", kind).out.splitlines()]


SOONER = {"judge", "benchmark", "import"}
"""Kinds that are tried in every test run; the slow tests try all."""
TRIED = [pytest.param(kind, marks=() if kind in SOONER else pytest.mark.slow) for kind in KINDS]


@pytest.mark.parametrize("kind", TRIED)
def test_what_is_written_passes_the_checks_and_works(shell, tmp_path, kind):
    install, check, use = next_lines(shell, kind)
    assert install == ["pip", "install", "-e", "judgebench-own[test]"]
    checked = shell(*check[1:], "--json")
    assert checked.code == 0, checked.out
    found = json.loads(checked.out)
    assert found["failed"] == 0
    assert found["ok"] >= 11  # two lines that could not fail are gone
    reasons = {one["detail"] for group in found["groups"] for one in group["outcomes"] if one["state"] == "not checked"}
    unreadable = {"no file that it can read: give paths=[...]"} if kind == "import" else set()  # its own test has one
    assert reasons <= {"it asks nobody", "it needs no secret", "it has no presets"} | unreadable
    if kind == "report":
        assert shell("run", "starter", "--judge", "longer", "--limit", 4, "--quiet", "--out", "RUN").code == 0
    used = shell(*use[1:], "--plugin", "judgebench-own")
    assert used.code == 0, used.err
    assert ("longer" if kind == "report" else "own") in used.out


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_typed_and_passes_its_own_tests(shell, tmp_path, kind):
    shell("plugin", "new", "own", "--kind", kind)
    folder = tmp_path / "judgebench-own"
    assert tool("mypy", "--strict", "src", "tests", cwd=folder) == ""
    assert tool("pytest", "-q", "-W", "error", cwd=folder) == ""


def test_a_package_of_each_kind_can_be_loaded_together(shell, tmp_path):
    for kind in KINDS:
        assert shell("plugin", "new", f"my-{kind}", "--kind", kind, "--out", "all").code == 0
    options = [word for kind in KINDS for word in ("--plugin", f"all/judgebench-my-{kind}")]
    listed = json.loads(shell("list", "--json", *options).out)
    assert [one["components"] for one in listed["plugins"][1:]] == [[f"{kind} my-{kind}"] for kind in KINDS]
    assert listed["broken"] == []


@pytest.mark.parametrize(
    ("text", "name", "module", "cls"),
    [
        ("brevity", "brevity", "judgebench_brevity", "Brevity"),
        ("My_Judge", "my-judge", "judgebench_my_judge", "MyJudge"),
        ("judgebench-brevity", "brevity", "judgebench_brevity", "Brevity"),
        (" a.b--c ", "a-b-c", "judgebench_a_b_c", "ABC"),
        ("gpt4", "gpt4", "judgebench_gpt4", "Gpt4"),
        ("judge", "judge", "judgebench_judge", "MyJudge"),
        ("none", "none", "judgebench_none", "MyNone"),
        ("path", "path", "judgebench_path", "MyPath"),
    ],
)
def test_names_follow_from_what_a_user_writes(text, name, module, cls):
    found = named(text)
    assert (found.name, found.module, found.cls) == (name, module, cls)
    assert found.distribution == f"judgebench-{name}"


@pytest.mark.parametrize(
    "text", ["", "-", "4you", "my/judge", "../x", "jüdge", "a=b", "a:b", "a'b", "x" * (LONGEST + 1)]
)
def test_odd_names_are_refused(text):
    with pytest.raises(ConfigError) as caught:
        named(text)
    assert caught.value.hint


def test_nothing_is_overwritten_and_nothing_is_left_half_written(shell, tmp_path):
    assert shell("plugin", "new", "own", "--kind", "judge").code == 0
    before = sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    again = shell("plugin", "new", "own", "--kind", "judge")
    assert (again.code, again.message) == (2, "judgebench-own is there already")
    assert sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()) == before
    (tmp_path / "file").touch()
    refused = shell("plugin", "new", "own", "--kind", "judge", "--out", "file")
    assert (refused.code, refused.message) == (2, "file: File exists")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_name_that_is_taken_is_refused_before_anything_is_written(shell, tmp_path):
    refused = shell("plugin", "new", "verdict", "--kind", "judge")
    assert refused.code == 2
    assert refused.message.startswith("there is a judge 'verdict' already (judgebench ")
    assert list(tmp_path.iterdir()) == []
    assert shell("plugin", "new", "verdict", "--kind", "report").code == 0


def test_kinds_are_those_that_there_are():
    from judgebench.cli.plugin import KINDS as OFFERED
    from judgebench.scaffold.package import KINDS as WRITTEN

    assert set(OFFERED) == set(WRITTEN) == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), [("check", "judge"), ("meta", "policy"), ("mapping", "import")])
def test_a_name_that_a_template_takes_itself_is_given_another_class(name, kind):
    made = named(name)
    assert made.cls == f"My{name.capitalize()}"
    for text in files(made, kind).values():
        assert f"class {name.capitalize()}(" not in text
