"""A mirror of the hub: what is in it, and that every kill leaves it whole."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys

import pytest

from judgebench import DataError
from judgebench.engine.mirror import FILE, Difference, Fetched, differences, held, place, recorded, state

NAME = "owner/set/deep/rows.json"
KILLED = """
import os, pathlib, signal, sys
from judgebench.engine.mirror import place, recorded
mirror, source, what, after = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
real, calls = getattr(os, what), [0]
def killed(*arguments):
    calls[0] += 1
    if calls[0] == after:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
setattr(os, what, killed)
place(mirror, sys.argv[5], source, "new", recorded(mirror))
"""


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def fetched(mirror, name, data, revision="r1"):
    source = put(mirror.parent / "source", data)
    return place(mirror, name, source, revision, recorded(mirror))


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "mirror"
    fetched(folder, NAME, b"rows")
    fetched(folder, "owner/set/other.json", b"other")
    return folder


def test_a_file_is_recorded_with_revision_digest_and_size(mirror):
    assert (mirror / NAME).read_bytes() == b"rows"
    was = Fetched("r1", hashlib.sha256(b"rows").hexdigest(), 4)
    assert recorded(mirror)[NAME] == was
    text = (mirror / FILE).read_text()
    assert json.loads(text)["files"][NAME] == {"revision": "r1", "sha256": was.sha256, "bytes": 4}
    assert text.endswith("}\n")


def test_a_mirror_as_it_was_fetched_has_no_difference(mirror):
    assert differences(mirror) == (2, [])


@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize("bit", [0, 7])
def test_one_flipped_bit_is_found(place, bit, mirror):
    data = bytearray(b"rows")
    data[place] ^= 1 << bit
    (mirror / NAME).write_bytes(data)
    assert differences(mirror) == (1, [Difference(NAME, "changed")])
    assert state(mirror, NAME, recorded(mirror)) == "changed"


@pytest.mark.parametrize("data", [b"", b"row", b"rows "])
def test_another_length_is_found(data, mirror):
    (mirror / NAME).write_bytes(data)
    assert state(mirror, NAME, recorded(mirror)) == "changed"


def test_what_is_missing_and_what_was_never_fetched_is_found(mirror):
    (mirror / NAME).unlink()
    put(mirror / "owner/set/mine.csv", b"x")
    put(mirror / "datasets/owner/set/too.csv", b"x")
    assert differences(mirror) == (
        1,
        [
            Difference(NAME, "absent"),
            Difference("datasets/owner/set/too.csv", "unrecorded"),
            Difference("owner/set/mine.csv", "unrecorded"),
        ],
    )
    assert state(mirror, "owner/set/mine.csv", recorded(mirror)) == "unrecorded"


def test_what_no_benchmark_could_read_is_nobodys_data(mirror):
    for name in ("README.md", "owner/notes.txt", "owner/set/.cache/x", ".git/a/b", "datasets/owner/notes.txt"):
        put(mirror / name, b"x")
    assert differences(mirror) == (2, [])


def test_a_file_under_datasets_is_found_there_and_stays_there(tmp_path):
    mirror = tmp_path / "mirror"
    path = put(mirror / "datasets" / NAME, b"rows")
    fetched(mirror, NAME, b"rows")
    assert not (mirror / NAME).exists()
    assert differences(mirror) == (1, [])
    path.unlink()
    assert differences(mirror) == (0, [Difference(NAME, "absent")])


def test_a_second_copy_that_is_never_read_is_named(mirror):
    put(mirror / "datasets" / NAME, b"rows")
    assert differences(mirror) == (2, [Difference(f"datasets/{NAME}", "unrecorded")])


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_into_which_nothing_was_fetched_cannot_be_verified(make, tmp_path):
    if make:
        put(tmp_path / "mirror" / NAME, b"rows")
    with pytest.raises(DataError, match=r"holds no judgebench-data\.json") as caught:
        differences(tmp_path / "mirror")
    assert "data fetch" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"files": {}, "schema": 2}',
        '{"files": {"a": {"revision": "r", "sha256": "s"}}, "schema": 1}',
        '{"files": {}, "schema": 1, "more": 1}',
        "\xff",
    ],
)
def test_a_damaged_record_is_an_error(text, mirror):
    (mirror / FILE).write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match="is damaged"):
        differences(mirror)


def test_a_file_of_the_users_own_is_not_written_over(mirror):
    put(mirror / "owner/set/mine.csv", b"mine")
    before = recorded(mirror)
    with pytest.raises(DataError, match=r"mine\.csv is there, was not fetched, and is not the hub's"):
        fetched(mirror, "owner/set/mine.csv", b"the hub's")
    assert (mirror / "owner/set/mine.csv").read_bytes() == b"mine"
    assert recorded(mirror) == before
    assert not list(mirror.rglob("*.part"))


def test_a_file_that_is_the_hubs_already_is_recorded(mirror):
    put(mirror / "owner/set/mine.csv", b"the hub's")
    fetched(mirror, "owner/set/mine.csv", b"the hub's")
    assert differences(mirror) == (3, [])


def test_one_revision_has_one_content(mirror):
    with pytest.raises(DataError, match="at revision r1 is not what was recorded") as caught:
        fetched(mirror, NAME, b"rows, damaged")
    assert "HF_HOME" in caught.value.hint
    fetched(mirror, NAME, b"newer rows", "r2")
    assert (mirror / NAME).read_bytes() == b"newer rows"


@pytest.mark.parametrize(("what", "after"), [("fsync", 1), ("fsync", 2), ("replace", 1), ("replace", 2)])
@pytest.mark.parametrize("old", [False, True])
def test_a_kill_leaves_no_half_file_and_nothing_wrong_in_the_record(what, after, old, tmp_path):
    mirror = tmp_path / "mirror"
    fetched(mirror, "owner/set/other.json", b"other")
    if old:
        fetched(mirror, NAME, b"old rows", "old")
    source = put(tmp_path / "source", b"new rows")
    command = [sys.executable, "-c", KILLED, mirror, source, what, str(after), NAME]
    assert subprocess.run(command).returncode == -9
    assert (mirror / NAME).read_bytes() == b"old rows" if old else not (mirror / NAME).exists()
    known = recorded(mirror)
    assert state(mirror, "owner/set/other.json", known) == "present"
    if (what, after) == ("replace", 2):  # recorded, and not yet in its place
        assert state(mirror, NAME, known) == ("changed" if old else "absent")
    else:
        assert state(mirror, NAME, known) == ("present" if old else "absent")
    place(mirror, NAME, source, "new", known)
    assert (mirror / NAME).read_bytes() == b"new rows"
    assert differences(mirror) == (2, [])
    assert not list(mirror.rglob("*.part"))


def test_a_full_disk_is_an_error_and_what_is_there_stays(mirror, monkeypatch):
    def full(_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    for name in (NAME, "owner/set/new.json"):
        with pytest.raises(DataError, match=f"{name} cannot be written: No space left") as caught:
            fetched(mirror, name, b"more", "r2")
        assert "make room" in caught.value.hint
    assert differences(mirror) == (2, [])
    assert not list(mirror.rglob("*.part"))


def test_a_file_in_the_place_of_a_folder_is_an_error(mirror):
    put(mirror / "owner/blocked", b"x")
    with pytest.raises(DataError, match="cannot be written"):
        fetched(mirror, "owner/blocked/rows.json", b"x")


def test_one_process_at_a_time_fetches_into_a_mirror(tmp_path):
    with held(tmp_path / "mirror"), pytest.raises(DataError, match="another process"), held(tmp_path / "mirror"):
        raise AssertionError("two at a time")
    with held(tmp_path / "mirror"):
        pass
    with (tmp_path / "mirror/.judgebench-data.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back


def test_a_mirror_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"), held(tmp_path / "file/mirror"):
        pass
