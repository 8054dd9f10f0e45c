"""judgebench leaderboard --out, on the run of a script."""

import pytest
from click.testing import CliRunner

from judgebench.cli.main import cli
from judgebench.core.errors import ConfigError


def invoke(*arguments):
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.jsonl").write_text('{"logprobs": {"A": -0.2, "B": -2.0}}\n')
    invoke("run", "starter", "--judge", "lp=logprob@scripted:rules.jsonl", "--limit", 2, "--out", "r", "--no-cache")
    return tmp_path / "r"


def test_a_board_replaces_a_board_of_ours(record, tmp_path):
    out = tmp_path / "boards" / "mine"
    invoke("leaderboard", record, "--out", out)
    first = (out / "README.md").read_text()
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "board.json"]
    invoke("leaderboard", record, "--out", out, "--title", "Another title")
    assert (out / "README.md").read_text() == first.replace(first.splitlines()[0], "# Another title", 1) != first


def test_a_readme_that_is_no_board_is_not_overwritten(record, tmp_path):
    out = tmp_path / "project"
    out.mkdir()
    (out / "README.md").write_text("my project")
    with pytest.raises(ConfigError, match=r"project/README\.md is there and is no board") as caught:
        invoke("leaderboard", record, "--out", out, "--format", "csv")
    assert "another folder" in caught.value.hint
    assert [path.name for path in out.iterdir()] == ["README.md"]
    assert (out / "README.md").read_text() == "my project"
