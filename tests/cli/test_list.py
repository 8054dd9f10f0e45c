"""judgebench list, on what ships."""

import dataclasses
import re

import pytest
from click.testing import CliRunner

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
    monkeypatch.setattr(app, "registry", lambda: known)
    assert "no network  (untested on the moon)  [judgebench" in listed("backends")
