"""The record against kills, torn and damaged files, full disks and other processes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawn import content, two_lines, verdict

from judgebench.core.errors import RecordError
from judgebench.core.item import Item, Response
from judgebench.store.lines import AnswerLine, ItemLine, Line, encode
from judgebench.store.record import FILE, Content, Record, read

THREE: list[Line] = [ItemLine(Item("i", ("why?",))), verdict("i", "no\nnewline"), verdict("i", "ü", repeat=1)]


def write(folder: Path, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(data)
    return folder / FILE


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    with Record(tmp_path / "new" / "run") as record:
        assert record.content == Content()
        record.append(THREE[:2])
        record.append([])
        record.append(THREE[2:])
    assert (tmp_path / "new/run" / FILE).read_bytes() == b"".join(map(encode, THREE))
    assert read(tmp_path / "new/run") == content(THREE)
    with Record(tmp_path / "new/run") as record:
        assert record.content == content(THREE)


def test_a_kill_at_any_byte_loses_the_last_line_alone(tmp_path: Path) -> None:
    whole = b"".join(map(encode, THREE))
    kept = len(whole) - len(encode(THREE[2]))
    for cut in range(kept, len(whole)):
        path = write(tmp_path, whole[:cut])
        assert read(tmp_path) == content(THREE[:2])
        assert path.read_bytes() == whole[:cut]  # a reader leaves a torn line to its writer
        record = Record(tmp_path)
        assert path.read_bytes() == whole[:kept]
        assert record.content == content(THREE[:2])
        record.append(THREE[2:])
        os.close(record._file)
        assert path.read_bytes() == whole
    assert read(write(tmp_path, whole).parent) == content(THREE)


def test_a_kill_at_any_byte_of_the_first_line_leaves_an_empty_record(tmp_path: Path) -> None:
    line = encode(THREE[0])
    for cut in range(len(line)):
        path = write(tmp_path, line[:cut])
        with Record(tmp_path) as record:
            assert record.content == Content()
        assert path.read_bytes() == b""


def test_a_flipped_bit_in_a_middle_line_is_named(tmp_path: Path) -> None:
    first, middle, last = map(encode, THREE)
    for place in range(len(middle)):
        damaged = bytearray(middle)
        damaged[place] ^= 1 << place % 8
        path = write(tmp_path, data := first + damaged + last)
        for opened in (read, Record):
            with pytest.raises(RecordError) as caught:
                opened(tmp_path)
            assert caught.value.message == f"{path}, line 2, is damaged"
        assert path.read_bytes() == data


def test_damage_to_a_last_line_that_ends_is_an_error_too(tmp_path: Path) -> None:
    first, last = encode(THREE[0]), encode(THREE[1])
    for place in range(0, len(last) - 1, 5):
        damaged = bytearray(last)
        damaged[place] ^= 1
        path = write(tmp_path, data := first + damaged)
        for opened in (read, Record):
            with pytest.raises(RecordError, match=r"record\.jsonl, line 2, is damaged"):
                opened(tmp_path)
        assert path.read_bytes() == data


@pytest.mark.parametrize(
    "data", [b"my notes, without a newline", b'{"id": 1}', b"\0" * 40, b"\n", b"a\nb\n", b"\x1f\x8b"], ids=repr
)
@pytest.mark.parametrize("before", [b"", encode(THREE[0])])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, before: bytes, data: bytes) -> None:
    path = write(tmp_path, before + data)
    for opened in (read, Record):
        with pytest.raises(RecordError, match=rf"record\.jsonl, line {1 + bool(before)}, is ") as caught:
            opened(tmp_path)
        assert two_lines(caught)
    assert path.read_bytes() == before + data


def test_an_empty_file_is_an_empty_record(tmp_path: Path) -> None:
    write(tmp_path, b"")
    assert read(tmp_path) == Content()
    with Record(tmp_path) as record:
        assert record.content == Content()


def test_a_folder_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="holds no record") as caught:
        read(tmp_path / "none")
    assert two_lines(caught)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    for opened in (read, Record):
        for folder in (tmp_path / "run", tmp_path / "run" / "below"):
            with pytest.raises(RecordError) as caught:
                opened(folder)
            assert two_lines(caught)
            named = folder if opened is Record else folder / FILE
            assert caught.value.message in {f"{named}: File exists", f"{named}: Not a directory"}


def test_a_record_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    for opened in (read, Record):
        with pytest.raises(RecordError, match="Is a directory"):
            opened(tmp_path)


def test_a_folder_without_permission(nobody: Path) -> None:
    for folder in (nobody, nobody / "below"):
        with pytest.raises(RecordError, match="Permission denied") as caught:
            Record(folder)
        assert two_lines(caught)


@pytest.mark.parametrize("room", [0, 1, 100, 5000])
def test_a_full_disk_leaves_the_record_as_it_was(tmp_path: Path, full_disk: Callable[[int], Any], room: int) -> None:
    path = tmp_path / FILE
    with Record(tmp_path) as record:
        record.append(THREE)
        before = path.read_bytes()
        with full_disk(len(before) + room), pytest.raises(RecordError) as caught:
            record.append([verdict("j"), verdict("k", "x" * 10_000)])
        assert two_lines(caught)
        assert caught.value.message == "the record cannot be written: File too large"
        assert path.read_bytes() == before
        record.append([verdict("j")])
    assert path.read_bytes() == before + encode(verdict("j"))


def test_a_device_without_room(tmp_path: Path) -> None:
    with Record(tmp_path) as record:
        kept = os.dup(record._file)
        full = os.open("/dev/full", os.O_RDWR)
        os.dup2(full, record._file)
        with pytest.raises(RecordError, match="No space left on device") as caught:
            record.append(THREE)
        assert two_lines(caught)
        os.dup2(kept, record._file)
        os.close(kept)
        os.close(full)
        record.append(THREE)
    assert read(tmp_path) == content(THREE)


def test_a_disk_that_fails_at_the_end(tmp_path: Path) -> None:
    def leave(error: Exception | None) -> None:
        with Record(tmp_path) as record:
            reading, writing = os.pipe()
            os.dup2(writing, record._file)  # a pipe cannot be synced
            os.close(reading)
            os.close(writing)
            if error is not None:
                raise error

    with pytest.raises(RecordError, match="cannot be synced"):
        leave(None)
    with pytest.raises(ZeroDivisionError):  # the first error is the one to show
        leave(ZeroDivisionError())


def test_one_line_that_cannot_be_written_does_not_lose_the_others(tmp_path: Path) -> None:
    bad = AnswerLine("p", "i", Response((None,), "p"))  # type: ignore[arg-type]
    with Record(tmp_path) as record:
        with pytest.raises(RecordError, match="answer of 'p' to item 'i'"):
            record.append([THREE[0], bad, THREE[1]])
        record.append(THREE[2:])
    assert read(tmp_path) == content(THREE)
