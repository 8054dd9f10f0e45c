"""Every board that landed: its README is the rendering of its board.json, and its run file still plans."""

import json
from pathlib import Path

import msgspec
import pytest

from judgebench import Leaderboard
from judgebench.components.reports.json import COMPONENT as Json
from judgebench.components.reports.markdown import COMPONENT as Markdown
from judgebench.components.reports.svg import COMPONENT as Svg
from judgebench.components.reports.trajectory import COMPONENT as Trajectory

ROOT = Path(__file__).parents[2]
BOARDS = sorted((ROOT / "leaderboards").glob("*/board.json"))


def test_there_are_boards():
    assert BOARDS


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.parent.name)
def test_the_readme_is_the_boards_rendering(path):
    values = json.loads(path.read_text())
    assert values.pop("schema") == 1
    board = msgspec.convert(values, Leaderboard)
    assert Markdown().render(board) == (path.parent / "README.md").read_text()
    assert Json().render(board) == path.read_text()
    if board.series:
        assert Trajectory().render(board) == (path.parent / "trajectory.md").read_text()
        assert Svg().render(board) == (path.parent / "trajectory.svg").read_text()


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.parent.name)
def test_a_board_names_no_machine(path):
    for file in path.parent.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")  # the name of a format, not an address
        assert not [word for word in ("/root", "/home", "/tmp", "http") if word in text]
