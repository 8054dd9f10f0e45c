"""Digests of files: computed once, trusted by path, size and time of change."""

import hashlib
import os

import pytest

from judgebench import cache_folder, file_digest, remember_digest


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "weights"
    path.write_bytes(b"one")
    return path


def said_nothing(line):
    raise AssertionError(line)


def test_a_digest_is_that_of_the_content(file):
    assert file_digest(file, said_nothing) == hashlib.sha256(b"one").hexdigest()


def test_it_is_not_computed_again_while_the_file_is_as_it_was(file):
    remember_digest(file, "noted")
    assert file_digest(file) == "noted"
    os.utime(file, ns=(1, 1))
    assert file_digest(file) == hashlib.sha256(b"one").hexdigest()


def test_another_content_has_another_digest(file):
    before = file_digest(file)
    file.write_bytes(b"other")
    assert file_digest(file) != before


def test_a_file_that_changes_while_it_is_read_is_read_again(file, monkeypatch):
    monkeypatch.setattr("judgebench.plugin.digests.SLOW", 3)

    def change(line):
        if file.read_bytes() == b"one":
            other = file.with_name("other")
            other.write_bytes(b"another one")
            os.replace(other, file)

    assert file_digest(file, change) == hashlib.sha256(b"another one").hexdigest()
    assert file_digest(file) == hashlib.sha256(b"another one").hexdigest()


def test_a_large_file_is_worth_a_line(file, monkeypatch):
    monkeypatch.setattr("judgebench.plugin.digests.SLOW", 3)
    said = []
    file_digest(file, said.append)
    file_digest(file, said.append)
    assert said == [f"hashing {file.parent.name}/weights (once)"]


def test_a_cache_that_cannot_be_written_only_costs_time(file, tmp_path, monkeypatch):
    (tmp_path / "no-folder").touch()
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "no-folder"))
    assert file_digest(file) == file_digest(file) == hashlib.sha256(b"one").hexdigest()


def test_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("JUDGEBENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "judgebench"
