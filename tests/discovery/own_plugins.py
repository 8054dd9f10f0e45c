"""Plugins as their authors write them, without packaging: sources of files and folders."""

import sys
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from judgebench import hookimpl
from judgebench.components.reports import markdown
from judgebench.core.errors import PluginError
from judgebench.discovery.registry import load
from judgebench.discovery.selection import Selection

SHORTER = """\
from dataclasses import dataclass

from judgebench import Judge, Preference, hookimpl


@dataclass(frozen=True)
class Shorter(Judge):
    name = "shorter"

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        first, second = (response.length for response in trial.responses)
        return Preference((0.5, 0.5) if first == second else (float(first < second), float(second < first)))


@hookimpl
def judgebench_components():
    return [Shorter]
"""
"""The README's first plugin."""

REPORT = """\
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from judgebench import Leaderboard, Report, hookimpl, option


@dataclass(frozen=True)
class Title(Report):
    name = "{name}"
    summary = "the title alone"
    case: Literal["upper", "lower"] = option("upper", help="of its letters")
    times: Annotated[int, msgspec.Meta(ge=1)] = option(1, help="how often")

    def render(self, board: Leaderboard) -> str:
        return getattr(board.title, self.case)() * self.times


@hookimpl
def judgebench_components() -> list[type]:
    return [Title]
"""
"""A report whose types are texts until they are looked up in its module."""


def write(folder, files):
    """Write texts by their paths below a folder, and return the folder."""
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return folder


def report(name):
    """The source of a plugin with one report."""
    return REPORT.replace("{name}", name)


ENTRY = '[project]\nname = "judgebench-title"\nversion = "1.0"\n[project.entry-points.judgebench]\ntitle = "{}"\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Alone in a folder, without installed plugins; modules that a test imports are forgotten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUDGEBENCH_PLUGINS", "")
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@hookimpl
def judgebench_components():
    return [markdown.COMPONENT]


SHIPS = SimpleNamespace(judgebench_components=judgebench_components)
"""In the place of all that ships: one report."""


def registry(*plugins):
    return load(SHIPS, plugins, Selection(names=()))


def loaded(*plugins):
    return registry(*plugins).loaded[1:]


def refused(*plugins):
    with pytest.raises(PluginError) as caught:
        registry(*plugins)
    assert caught.value.exit_code == 3
    assert caught.value.hint
    return caught.value
