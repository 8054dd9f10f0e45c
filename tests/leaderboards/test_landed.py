"""Every board that landed: its README is the rendering of its board.json, and its run file still plans."""

import json
from pathlib import Path

import msgspec
import pytest

from judgebench import Leaderboard
from judgebench.components.reports.json import COMPONENT as Json
from judgebench.components.reports.markdown import COMPONENT as Markdown

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


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.parent.name)
def test_a_board_names_no_machine(path):
    for file in path.parent.iterdir():
        assert not [word for word in ("/root", "/home", "/tmp", "http") if word in file.read_text()]
