"""judgebench plugin check: what breaks a rule is told, a line a check."""

import json

import pytest
from own_plugins import SHORTER, report, write
from third_party import HEAD, install

SUMMED = SHORTER.replace('name = "shorter"', 'name = "shorter"\n    summary = "the shorter answer is better"')
LEANS = SUMMED.replace("(0.5, 0.5) if", "(0.5, 0.5) if trial.order[0] and")
"""It calls equal answers a tie only where the trial's order says so."""


def test_a_component_that_breaks_a_rule_is_told_in_a_line(shell, tmp_path):
    write(tmp_path, {"leans.py": LEANS})
    done = shell("plugin", "check", "leans.py")
    assert done.code == 3
    assert done.message.endswith("failed: judge shorter")
    assert "judge shorter\n  ok           is declared as the registry asks, with a summary\n" in done.out
    failed = [line for line in done.out.splitlines() if line.startswith("  failed ")]
    assert "  failed       looks at neither a trial's order, nor authors' names, nor what is right" in failed
    assert done.out.splitlines()[-1].endswith(f", {len(failed)} failed, 2 not checked")
    write(tmp_path, {"fair.py": SUMMED})
    fair = shell("plugin", "check", "fair.py")
    assert (fair.code, fair.err) == (0, "")
    assert "package" not in fair.out  # of a lone file nothing more is to be checked


OPTIONS = """
from dataclasses import dataclass
from judgebench import Judge, ModelName, Preference, hookimpl, option

@dataclass(frozen=True)
class Fixed(Judge):
    name = "my.fixed"
    summary = "says what its option says"
    model: ModelName = option(help="is asked nothing")
    first: float = option(help="probability that the first is better")
    tags: tuple[str, ...] = option((), help="words")

    def needs(self):
        return ()

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((self.first, 1 - self.first))

@hookimpl
def judgebench_components():
    return [Fixed]
"""


def test_options_reach_the_checks(shell, tmp_path):
    write(tmp_path, {"fixed.py": OPTIONS})
    without = shell("plugin", "check", "fixed.py")
    assert without.code == 0
    assert "not checked  gives one number to each response" in without.out
    assert without.out.count("option 'first' is missing") == 1
    assert "  with its options all of it can be checked: -o my.fixed.first=VALUE\n" in without.out
    whole = shell("plugin", "check", "fixed.py", "-o", "my.fixed.first=0.25", "-o", "my.fixed.tags=a")
    assert whole.code == 0
    assert "ok           gives one number to each response" in whole.out
    bad = shell("plugin", "check", "fixed.py", "-o", "my.fixed.first=7")
    assert bad.code == 3
    assert "  failed       gives one number to each response, and probabilities sum to 1\n" in bad.out


@pytest.mark.parametrize(
    ("option", "message", "hint"),
    [
        ("first=1", "-o first=1 cannot be read", "the form is COMPONENT.OPTION=VALUE"),
        ("my.fixed.first", "-o my.fixed.first cannot be read", "the form is COMPONENT.OPTION=VALUE"),
        ("my.fixd.first=1", "there is no component 'my.fixd' here", "did you mean 'my.fixed'?"),
        ("my.fixed.frist=1", "judge 'my.fixed': unknown option 'frist'", "did you mean 'first'?"),
        ("my.fixed.first=x", "judge 'my.fixed': Expected `float`, got `str`", "see `judgebench list`"),
        ("my.fixed.tags=x", "judge 'my.fixed': option 'first' is missing", "probability that the first is better"),
    ],
)
def test_options_that_cannot_be_are_refused(shell, tmp_path, option, message, hint):
    write(tmp_path, {"fixed.py": OPTIONS})
    done = shell("plugin", "check", "fixed.py", "-o", option)
    assert done.code == 2
    assert message in done.message
    assert done.hint.startswith(hint)


def test_a_component_is_checked_by_its_name(shell, tmp_path, monkeypatch):
    write(tmp_path, {"fair.py": SUMMED})
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "./fair.py")
    done = shell("plugin", "check", "shorter")
    assert done.code == 0
    assert done.out.startswith("judge shorter\n")
    assert "package" not in done.out


@pytest.mark.slow
def test_what_ships_is_checked_by_its_name(shell):
    assert shell("plugin", "check", "longer").code == 0


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        ("lnoger", "there is no plugin, component or path 'lnoger'", "did you mean 'longer'?"),
        ("zzzzz", "there is no plugin, component or path 'zzzzz'", "name an installed plugin, a component, or a path"),
        ("./zzzzz", "./zzzzz: there is no such file or folder", "name a .py file, a package folder or a module"),
        ("broken.py", "broken.py, line 1: NameError: name 'x' is not defined", "mend it"),
    ],
)
def test_what_is_not_there_cannot_be_checked(shell, tmp_path, target, message, hint):
    write(tmp_path, {"broken.py": "x\n"})
    done = shell("plugin", "check", target)
    assert done.code == 3
    assert done.message == message
    assert done.hint.startswith(hint)


def test_an_installed_plugin_is_checked_by_entry_point_and_distribution(shell, tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    install(site, "judgebench-mine", report("mine"), entry="title = judgebench_mine")
    install(site, "stuck", "raise ValueError('no engine')")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "title,stuck")
    for name in ("title", "judgebench.mine"):
        done = shell("plugin", "check", name, "--json")
        found = json.loads(done.out)
        assert (done.code, found["plugin"], found["failed"]) == (0, name, 0)
        assert [(group["kind"], group["name"]) for group in found["groups"]] == [("report", "mine")]
    done = shell("plugin", "check", "stuck")
    assert (done.code, done.message) == (3, "stuck was set aside: ValueError: no engine")


PYPROJECT = '[project]\nname = "judgebench-mine"\nversion = "{}"\n[project.entry-points.judgebench]\nmine = "mine"\n'


@pytest.mark.parametrize(("stated", "code"), [("1.0", 0), ("1.1", 3)])
def test_the_versions_of_a_package_must_agree(shell, tmp_path, stated, code):
    write(
        tmp_path / "own",
        {"pyproject.toml": PYPROJECT.format(stated), "mine.py": report("mine") + '\n__version__ = "1.0"\n'},
    )
    done = shell("plugin", "check", "own")
    assert done.code == code
    if code:
        assert "pyproject.toml says 1.1, mine.py says 1.0" in done.out
        assert done.message == "1 check failed: package own"
    else:
        assert "ok           has one version in pyproject.toml and __version__" in done.out


def test_without_hypothesis_it_says_what_to_install(shell, tmp_path, monkeypatch):
    from judgebench.testing import suites

    monkeypatch.setattr(suites, "find_spec", lambda name: None)
    write(tmp_path, {"fair.py": SUMMED})
    done = shell("plugin", "check", "fair.py")
    assert (done.code, done.hint) == (3, "pip install 'judgebench[testing]'")


def test_a_hook_that_there_is_not_is_told(shell, tmp_path):
    source = HEAD + "@hookimpl\ndef judgebench_comands(cli): pass\n"
    write(tmp_path, {"typo.py": source})
    done = shell("plugin", "check", "typo.py")
    assert done.code == 3
    assert done.message == "typo.py: unknown hook 'judgebench_comands': did you mean 'judgebench_commands'?"


def test_the_same_file_by_another_spelling_is_checked(shell, tmp_path, monkeypatch):
    write(tmp_path, {"fair.py": SUMMED})
    whole = shell("plugin", "check", "fair.py").out
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "./fair.py")
    assert shell("plugin", "check", "fair.py").out == whole
    monkeypatch.delenv("JUDGEBENCH_PLUGINS")
    assert shell("--plugin", "./fair.py", "plugin", "check", "fair.py").out == whole


def test_a_plugin_without_a_component_is_no_success(shell, tmp_path):
    empty = "from judgebench import hookimpl\n\n@hookimpl\ndef judgebench_secret(name):\n    return None\n"
    write(tmp_path, {"empty.py": empty})
    done = shell("plugin", "check", "empty.py")
    assert done.code == 3
    assert "there is nothing to check" in done.message


TWO = """
from dataclasses import dataclass
from judgebench import Judge, Policy, Preference, Response, hookimpl, option

@dataclass(frozen=True)
class Judging(Judge):
    name = "same"
    summary = "a judge"
    words: int = option(3, help="how many")

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((0.5, 0.5))

@dataclass(frozen=True)
class Answering(Policy):
    name = "same"
    summary = "a policy"
    times: int = option(1, help="how often")

    async def respond(self, item, ask):
        return Response(tuple("Yes. " * self.times for _ in item.turns), "same")

@hookimpl
def judgebench_components():
    return [Judging, Answering]
"""


def test_options_of_two_components_of_one_name(shell, tmp_path):
    write(tmp_path, {"two.py": TWO})
    done = shell("plugin", "check", "two.py", "-o", "same.words=5", "-o", "same.times=2")
    assert (done.code, done.err) == (0, "")
    assert "judge same\n" in done.out
    assert "policy same\n" in done.out
