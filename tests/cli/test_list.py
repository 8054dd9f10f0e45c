"""judgebench list, on what ships."""

import dataclasses
import json
import re

import pytest
from click.testing import CliRunner
from own_plugins import report
from third_party import install, judge

from judgebench import __version__, app
from judgebench.cli.list import command
from judgebench.core.errors import ConfigError


def listed(*kinds):
    done = CliRunner().invoke(command, kinds)
    if done.exception:
        raise done.exception
    return done.output


def test_every_component_stands_under_its_kind_with_origin_and_all_its_options():
    text = listed()
    known = app.registry()
    for (kind, name), cls in known.classes.items():
        plural = "policies" if kind == "policy" else f"{kind}s"
        section = re.search(rf"(?ms)^{plural}(?: \(.*?\))?$(.*?)(?=^\w|\Z)", text).group(1)
        entry = re.search(rf"(?ms)^  {name} (.*?)(?=^  \S|\Z)", section).group(1)
        assert f"[{known.origins[cls]}]" in entry
        assert cls.summary in entry
        for field in dataclasses.fields(cls):
            assert re.search(rf"(?m)^      {field.name}: .+  {re.escape(field.metadata['help'])}$", entry)


def test_what_ships_has_the_version_of_the_package():
    assert f"reasons, then ends with [[A]], [[B]] or [[C]] (tie)  [judgebench {__version__}]\n" in listed("judges")


def test_options_show_types_and_defaults():
    text = listed("policies")
    assert re.search(r"^      model: ModelName \(required\) ", text, re.MULTILINE)
    assert re.search(r"^      temperature: float \| None = None ", text, re.MULTILINE)
    assert re.search(r"^      top_p: float = 1\.0 ", text, re.MULTILINE)
    assert re.search(r"^      strip_reasoning: tuple\[str, \.\.\.\] = \('think',\) ", text, re.MULTILINE)
    assert "max_tokens_field: Literal['max_tokens', 'max_completion_tokens'] = 'max_tokens'  " in listed("backends")


def test_words_to_choose_from_are_shown_whole():
    assert "version: Literal['auto', 'v0.1', 'v2.0'] = 'auto'  " in listed("measures")


def test_kinds_are_named_in_plural_or_singular():
    assert listed("judge") == listed("judges")
    assert listed("policy", "report").startswith("policies\n")
    assert "\njudges" not in listed("measures")


def test_an_unknown_kind_is_an_error_with_the_nearest():
    with pytest.raises(ConfigError, match="no kind 'benchmark s'") as caught:
        listed("benchmark s")
    assert caught.value.hint == "did you mean 'benchmarks'?"


def test_nothing_is_set_aside_and_nothing_clashes():
    assert "set aside" not in listed()
    assert "clash" not in listed()


def test_the_state_of_a_component_is_told(monkeypatch):
    known = app.registry()
    monkeypatch.setattr(known.classes["backend", "scripted"], "status", "untested on the moon")
    monkeypatch.setattr(app, "registry", lambda plugins: known)
    assert "no network  (untested on the moon)  [judgebench" in listed("backends")


def as_json(shell, *words):
    done = shell("list", "--json", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_as_json_it_says_all_that_there_is(shell):
    found = as_json(shell)
    known = app.registry()
    assert {(one["kind"], one["name"]) for one in found["components"]} == set(known.classes)
    for one in found["components"]:
        cls = known.classes[one["kind"], one["name"]]
        assert [option["name"] for option in one["options"]] == [field.name for field in dataclasses.fields(cls)]
        assert (one["version"], one["summary"], one["status"]) == (__version__, cls.summary, cls.status)
        assert set(one["presets"]) == set(cls.presets)
    (builtin,) = found["plugins"]
    assert builtin["milliseconds"] > 0
    assert builtin["place"].endswith("judgebench/components/__init__.py")
    assert len(builtin["components"]) == len(known.classes)
    assert found["broken"] == found["clashes"] == []


def test_as_json_options_have_type_default_and_help(shell):
    policies = {one["name"]: one for one in as_json(shell, "policies")["components"]}
    options = {option["name"]: option for option in policies["chat"]["options"]}
    assert options["model"] == {
        "name": "model", "type": "ModelName", "required": True, "default": None, "help": options["model"]["help"]
    }  # fmt: skip
    assert [options["top_p"][key] for key in ("type", "required", "default")] == ["float", False, 1.0]
    assert options["strip_reasoning"]["default"] == ["think"]


def test_as_json_kinds_can_be_chosen(shell):
    assert {one["kind"] for one in as_json(shell, "judge", "measures")["components"]} == {"judge", "measure"}
    assert all("table" in one["name"] or one["kind"] == "report" for one in as_json(shell, "templates")["components"])


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Installed: one that works, two that clash, one that is broken."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, "works", report("title"))
    install(folder, "first", judge("mine"))
    install(folder, "second", judge("mine"))
    install(folder, "broken", "def f():\n    return 1 / 0\n\nf()\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "works,first,second,broken")
    return folder


def test_plugins_are_told_with_their_time_and_place(shell, site, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "works,first,second,broken")
    short, long = shell("list", "imports").out, shell("list", "imports", "--verbose").out
    assert "\nplugins\n" not in short
    line = re.search(r"(?m)^  works +\d+ ms  1 component  (.+)  \[works 1\.0\]$", long)
    assert line[1] == str(site / "works.py")
    aside = long.partition("\nset aside\n")[2]
    assert aside.startswith(
        "  broken                         [broken 1.0] ZeroDivisionError: division by zero\n"
        f'      File "{site / "broken.py"}", line 2, in f\n'
    )
    assert "line 2" not in short
    assert long.endswith("\nclash: judge 'mine' is claimed by first [first 1.0] and second [second 1.0]\n")


def test_as_json_what_is_broken_and_what_clashes_is_there(shell, site, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "works,first,second,broken")
    found = as_json(shell, "imports")
    (broken,) = found["broken"]
    assert broken["reason"] == "ZeroDivisionError: division by zero"
    assert broken["trace"].startswith("Traceback")
    (clash,) = found["clashes"]
    assert (clash["kind"], clash["name"]) == ("judge", "mine")
    assert [one["distribution"] for one in clash["claimed_by"]] == ["first", "second"]


def test_tracebacks_of_plugins_that_were_set_aside_are_shown_on_wish(shell, site, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "broken")
    assert shell("list", "imports").err == ""
    monkeypatch.setenv("JUDGEBENCH_TRACE", "1")
    shown = shell("list", "imports").err
    assert shown.startswith("set aside: broken [broken 1.0]\nTraceback")
    assert "return 1 / 0" in shown
