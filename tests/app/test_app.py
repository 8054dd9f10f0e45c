"""Runs from Python: as on the command line, with classes of one's own, inside a running loop."""

import asyncio
import json
from dataclasses import dataclass

import pytest

import judgebench
from judgebench import Chat, ConfigError, Judge, PluginError, Preference
from judgebench.core.events import JobDone


@dataclass(frozen=True)
class First(Judge):
    name = "always-a"

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((1.0, 0.0))


@dataclass(frozen=True)
class Verdict(Judge):
    """Its name is taken."""

    name = "verdict"

    def needs(self):
        return (Chat,)

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference((0.5, 0.5))


@pytest.fixture
def spec(tmp_path):
    return {"benchmark": "starter", "limit": 4, "judges": {"f": "always-a"}, "out": str(tmp_path / "run")}


def test_a_run_with_a_judge_of_ones_own(spec, tmp_path):
    events = []
    board = judgebench.run(spec, [First], [events.append])
    assert {row.subject for row in board.estimates} == {"f"}
    assert sum(isinstance(event, JobDone) for event in events) == 8
    assert json.loads((tmp_path / "run" / "board.json").read_text())["title"] == "starter"
    assert judgebench.run(spec, [First]) == board


def test_it_works_where_a_loop_is_running(spec):
    async def cell():
        return judgebench.run(spec, [First])

    assert asyncio.run(cell()) == judgebench.run(spec, [First])


def test_an_observer_that_raises_is_named_and_what_was_done_is_kept(spec):
    def watch(event):
        if isinstance(event, JobDone) and event.item.endswith("3"):
            raise ValueError("no room")

    with pytest.raises(PluginError, match="an observer raised ValueError at a JobDone: no room"):
        judgebench.run({**spec, "limit": 64}, [First], [watch])
    assert judgebench.run({**spec, "limit": 64}, [First]).estimates


def test_errors_are_those_of_the_command_line(spec):
    with pytest.raises(ConfigError, match="there is no judge 'always-a'"):
        judgebench.run(spec)
    with pytest.raises(PluginError, match="judge 'verdict' is there already"):
        judgebench.run(spec, [Verdict])
    with pytest.raises(PluginError, match="is not a component class"):
        judgebench.run(spec, [int])
