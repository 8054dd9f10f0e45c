"""Boards and decisions from Python: read from run folders, shown in a notebook and as text."""

import subprocess
import sys

import msgspec
import pytest

import judgebench
from judgebench import Board, ConfigError, Decision, RecordError, app

RULES = {"backend": "scripted", "replies": ["It is the first. [[A]]", "It is the second. [[B]]"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "one"
    judges = {"v": {"judge": "verdict", "model": "m"}, "longer": "longer"}
    judgebench.run({"benchmark": "starter", "limit": 6, "models": {"m": RULES}, "judges": judges, "out": str(folder)})
    return folder


def test_a_board_shows_itself(folder):
    board = judgebench.leaderboard(folder)
    assert isinstance(board, Board)
    assert str(board) == board._repr_markdown_() == (folder / "board.md").read_text()
    assert str(board).startswith("# starter\n")
    assert "| subject" in str(board)
    assert "| v " in str(board)


def test_folders_are_one_or_several_texts_or_paths(folder):
    known = app.registry()
    boards = [judgebench.leaderboard(given) for given in (folder, str(folder), [folder], [str(folder)])]
    assert boards == [app.leaderboard([folder], known)] * 4


def test_how_intervals_are_made_is_said_by_name(folder):
    few = judgebench.leaderboard(folder, measures=["accuracy"], confidence=0.8, replicates=200, interval="percentile")
    assert {(row.measure, row.confidence) for row in few.estimates} == {("accuracy", 0.8)}
    with pytest.raises(TypeError, match="confidnce"):
        judgebench.leaderboard(folder, confidnce=0.8)


def test_a_run_file_by_its_path(folder, tmp_path):
    path = tmp_path / "run.yaml"
    spec = {"benchmark": "starter", "limit": 6, "judges": {"longer": "longer"}, "out": str(tmp_path / "run")}
    path.write_bytes(msgspec.yaml.encode(spec))
    board = judgebench.run(path)
    assert board == judgebench.run(str(path)) == judgebench.run(spec)
    (longer,) = [row for row in board.estimates if row.measure == "accuracy"]
    theirs = [row for row in judgebench.leaderboard(folder).estimates if row.measure == "accuracy"]
    assert longer.value in {row.value for row in theirs if row.subject == "longer"}
    assert judgebench.forecast(path)[0].calls == 0
    assert len(judgebench.collect(str(path)).judgments) == 12
    with pytest.raises(ConfigError, match="No such file"):
        judgebench.run(tmp_path / "none.yaml")


def test_decisions_in_words_are_those_of_the_command_line(folder):
    decisions = judgebench.compare(folder, a="v", b="longer", replicates=500)
    assert all(isinstance(one, Decision) for one in decisions)
    words = ["compare", str(folder), "--a", "v", "--b", "longer", "--replicates", "500"]
    done = subprocess.run([sys.executable, "-m", "judgebench.cli.main", *words], capture_output=True, text=True)
    assert done.stdout == "\n\n".join(map(str, decisions)) + "\n"
    assert "starter, accuracy: " in done.stdout
    with pytest.raises(ConfigError):
        judgebench.compare(folder, a="v", b="nobody")


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(RecordError):
        judgebench.leaderboard(tmp_path / "none")
