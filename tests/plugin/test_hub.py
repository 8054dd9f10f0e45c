import hashlib
import os
import subprocess
import sys

import pytest

from judgebench import DataError
from judgebench.plugin.hub import hub_file

REPO, NAME, TEXT = "owner/set", "rows.json", b'[{"a": 1}]'
DIGEST = hashlib.sha256(TEXT).hexdigest()
REVISION = "0123456789abcdef0123456789abcdef01234567"
CALL = """
import sys
from judgebench import DataError
from judgebench.plugin.hub import hub_file
try:
    file = hub_file(sys.argv[1], sys.argv[2], revision=sys.argv[3] if len(sys.argv) > 3 else None)
except DataError as error:
    print("error", error.message, error.hint, sep="|")
else:
    print("found", file.path, file.source, sep="|")
"""


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def put(path, data=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("layout", ["owner/set", "datasets/owner/set"])
def test_a_mirror_is_laid_out_as_the_hub(layout, tmp_path):
    path = put(tmp_path / layout / NAME)
    found = hub_file(REPO, NAME, data_dir=str(tmp_path))
    assert found.path == path
    assert found.source == f"{REPO} (mirror) sha256:{DIGEST}"


def test_files_in_folders_of_a_set_are_found(tmp_path):
    path = put(tmp_path / "owner/set/deep/er.csv")
    assert hub_file(REPO, "deep/er.csv", data_dir=str(tmp_path)).path == path


def test_the_variable_names_a_mirror_and_data_dir_stands_before_it(tmp_path, monkeypatch):
    one, other = put(tmp_path / "one/owner/set" / NAME), put(tmp_path / "other/owner/set" / NAME)
    monkeypatch.setenv("JUDGEBENCH_DATA", str(tmp_path / "one"))
    assert hub_file(REPO, NAME).path == one
    assert hub_file(REPO, NAME, data_dir=str(tmp_path / "other")).path == other


@pytest.mark.parametrize("by_variable", [False, True])
def test_what_a_mirror_lacks_is_not_fetched(by_variable, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # importing it would be an ImportError
    (tmp_path / "owner/set" / NAME).mkdir(parents=True)  # a folder is no file
    if by_variable:
        monkeypatch.setenv("JUDGEBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"rows\.json is not there") as caught:
        hub_file(REPO, NAME, data_dir=None if by_variable else str(tmp_path))
    assert str(tmp_path) in caught.value.message
    assert "OWNER/NAME/FILE" in caught.value.hint


def ask(tmp_path, *arguments):
    """What a process of its own finds in a cache of the hub's own form, without the network."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", CALL, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().split("|")


def cached(tmp_path, revision=REVISION, data=TEXT):
    folder = tmp_path / "cache/datasets--owner--set"
    put(folder / "refs/main", revision.encode())
    return put(folder / "snapshots" / revision / NAME, data)


def test_the_hub_tells_the_revision(tmp_path):
    path = cached(tmp_path)
    assert ask(tmp_path, REPO, NAME) == ["found", str(path), f"{REPO}@{REVISION} sha256:{DIGEST}"]


def test_a_revision_can_be_asked_for(tmp_path):
    old = "f" * 40
    path = cached(tmp_path, old, b"old")
    cached(tmp_path)
    source = f"{REPO}@{old} sha256:{hashlib.sha256(b'old').hexdigest()}"
    assert ask(tmp_path, REPO, NAME, old) == ["found", str(path), source]
    assert ask(tmp_path, REPO, NAME)[2] == f"{REPO}@{REVISION} sha256:{DIGEST}"


def test_a_cache_in_a_folder_called_snapshots_is_no_riddle(tmp_path):
    cached(tmp_path / "snapshots")
    assert ask(tmp_path / "snapshots", REPO, NAME)[2] == f"{REPO}@{REVISION} sha256:{DIGEST}"


def test_what_the_hub_cannot_give_is_an_error_in_two_lines(tmp_path):
    cached(tmp_path)
    for arguments in ((REPO, "other.json"), ("owner/none", NAME), (REPO, NAME, "e" * 40)):
        kind, message, hint = ask(tmp_path, *arguments)
        assert kind == "error"
        assert message.startswith(f"{arguments[0]}/{arguments[1]} could not be fetched: ")
        assert "\n" not in message
        assert "--data-dir" in hint
