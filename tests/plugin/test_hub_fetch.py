"""What the hub gives, and how it is said when it does not; a hub on loopback, and the hub's own library."""

import errno
import os

import pytest
from loopback_hub import NEW, OLD, serve_hub, turn_to

from judgebench import ConfigError, DataError, DataFile
from judgebench.plugin.hub import fetch

FILE = ("owner/set", "deep/rows.json")
SECRET = "hf_secretsecretsecret"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serve_hub() as hub:
        turn_to(hub.url, tmp_path / "cache", monkeypatch)
        hub.files[NEW, "owner/set/deep/rows.json"] = b"new"
        hub.files[OLD, "owner/set/deep/rows.json"] = b"old"
        yield hub


def refused(*arguments):
    with pytest.raises(DataError) as caught:
        fetch(*arguments)
    assert "\n" not in caught.value.message + caught.value.hint
    assert caught.value.hint
    return caught.value


def test_the_newest_is_fetched_and_its_revision_told(hub):
    path, revision = fetch(*FILE)
    assert (path.read_bytes(), revision) == (b"new", NEW)


def test_a_revision_is_fetched_where_it_is_asked_for(hub):
    path, revision = fetch(*FILE, OLD)
    assert (path.read_bytes(), revision) == (b"old", OLD)


def test_what_was_fetched_is_there_without_the_hub(hub):
    fetch(*FILE)
    hub.broken["owner/set"] = "down"
    assert fetch(*FILE)[1] == NEW


@pytest.mark.parametrize(
    ("why", "message", "hint"),
    [
        ("gated", "access to it is restricted (403)", "HF_TOKEN"),
        ("forbidden", "access to it is restricted (403)", "HF_TOKEN"),
        ("hidden", "the hub shows no dataset owner/set (401)", "HF_TOKEN"),
        ("down", "the hub answered 503", "try again"),
    ],
)
def test_a_hub_that_refuses_is_an_error_that_says_so(why, message, hint, hub):
    hub.broken["owner/set"] = why
    error = refused(*FILE)
    assert error.message == f"owner/set/deep/rows.json could not be fetched: {message}"
    assert hint in error.hint


def test_a_file_or_a_revision_that_is_not_there(hub):
    assert refused("owner/set", "other.json").message.endswith("revision 'main' has no such file")
    assert refused(*FILE, "v9").message.endswith("owner/set has no revision 'v9'")


def test_a_hub_that_nobody_answers_for(hub, tmp_path, monkeypatch):
    turn_to("http://127.0.0.1:9", tmp_path / "cache", monkeypatch)
    error = refused(*FILE)
    assert "the hub cannot be reached (ConnectError)" in error.message
    assert "network" in error.hint


def test_a_full_disk(hub, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    error = refused(*FILE)
    assert error.message.endswith("no space is left for the hub's cache")
    assert "HF_HOME" in error.hint


def test_a_token_is_sent_and_never_shown(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", SECRET)
    hub.broken["owner/set"] = "gated"
    assert SECRET not in repr(refused(*FILE).args) + refused(*FILE).hint
    assert hub.tokens == {f"Bearer {SECRET}"}


def test_a_token_that_cannot_be_sent_is_not_shown_either(hub, monkeypatch):
    monkeypatch.setattr("huggingface_hub.utils._headers.get_token", lambda: f"{SECRET}\x00")
    error = refused(*FILE)
    assert "header" in error.message
    assert SECRET not in error.message


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        ("owner/set", "../rows.json"),
        ("owner/set", "/etc/rows.json"),
        ("owner/set", "deep//rows.json"),
        ("owner/set", "deep/..\\rows.json"),
        ("owner/set", ""),
        ("../set", "rows.json"),
        ("set", "rows.json"),
        ("owner/set/more", "rows.json"),
    ],
)
def test_a_name_that_leaves_its_dataset_is_no_file_of_it(repo, name):
    with pytest.raises(ConfigError, match="is no file of a dataset"):
        DataFile(repo, name)


def test_a_file_has_its_place_in_a_mirror():
    assert DataFile(*FILE).path == "owner/set/deep/rows.json"
