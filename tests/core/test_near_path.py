"""The path that a user may have meant."""

import os
from pathlib import Path

import pytest

from judgebench.core.near_path import meant, near_path


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    for name in ("runs/weekly/record.jsonl", "runs/daily/record.jsonl", "judges.yaml", ".hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("runs/wekly", "runs/weekly"),
        ("run/weeklly/record.json", "runs/weekly/record.jsonl"),
        ("./runs/dayly/", "runs/daily"),
        ("judges", "judges.yaml"),
        ("jugdes.yml", "judges.yaml"),
        ("../{name}/juges.yaml", "../{name}/judges.yaml"),
        ("runs/weekly", None),
        ("hidden", None),
        ("runs/nothing-like-it", None),
        ("judges.yaml/x", None),
        ("", None),
    ],
)
def test_each_part_that_is_not_there_is_replaced_by_its_neighbour(here, typed, found):
    typed = typed.format(name=here.name)
    assert near_path(typed) == (None if found is None else Path(found.format(name=here.name)))
    assert meant(typed, "otherwise") == (f"did you mean '{near_path(typed)}'?" if found else "otherwise")


def test_an_absolute_path_stays_one(here):
    assert near_path(here / "jugdes.yaml") == here / "judges.yaml"


def test_a_folder_that_cannot_be_read_has_no_neighbours(here, monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert near_path("runs/wekly") is None
