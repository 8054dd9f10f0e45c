"""The cache under several processes, kills, damage and full disks."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
from drawn import broken_texts, completions, every_float, two_lines, usable
from hypothesis import HealthCheck, given, settings

from judgebench.core.errors import RecordError
from judgebench.core.request import Completion, Usage
from judgebench.store.cache import Cache
from judgebench.store.readable import whole


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(completions(every_float, broken_texts | drawn.texts))
def test_a_completion_comes_back(path: Path, completion: Completion) -> None:
    path.unlink(missing_ok=True)
    cache = Cache(path)
    assert cache.get(b"k") is None
    cache.put([(b"k", completion), (b"l", Completion("l"))])
    found = cache.get(b"k")
    assert found is not None
    assert found.text == whole(completion.text)
    assert repr((found.score, found.usage, found.finish)) == repr(
        (completion.score, completion.usage, completion.finish)
    )
    assert repr([number for _, number in found.logprobs]) == repr([number for _, number in completion.logprobs])
    cache.close()
    cache = Cache(path)
    assert repr(cache.get(b"k")) == repr(found)
    assert cache.get(b"l") == Completion("l")
    cache.close()


def test_the_first_of_two_stays(path: Path) -> None:
    one, other = Cache(path), Cache(path)
    one.put([(b"k", Completion("first"))])
    other.put([(b"k", Completion("second")), (b"l", Completion("third"))])
    for cache in (one, other):
        assert cache.get(b"k") == Completion("first")
        assert cache.get(b"l") == Completion("third")
        cache.close()


def test_a_completion_of_a_wrong_type_is_refused_and_the_others_stay(path: Path) -> None:
    cache = Cache(path)
    for odd in (Completion(None), Completion(score=np.float32(1)), Completion(usage=Usage("2"))):  # type: ignore[arg-type]
        with pytest.raises(RecordError, match="a completion cannot be stored") as caught:
            cache.put([(b"k", Completion("k")), (b"odd", odd), (b"l", Completion("l"))])
        assert two_lines(caught)
        assert cache.get(b"odd") is None
        assert (cache.get(b"k"), cache.get(b"l")) == (Completion("k"), Completion("l"))
    cache.close()


@pytest.mark.parametrize("data", [b"not a database, but a long enough text " * 50, b"short", b"\0" * 4096])
def test_a_file_of_another_kind_is_left_alone(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    with pytest.raises(RecordError, match="not a database") as caught:
        Cache(path)
    assert two_lines(caught)
    assert "JUDGEBENCH_CACHE" in caught.value.hint
    assert path.read_bytes() == data


def test_a_database_of_another_kind(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("create table completions (id integer)")
    other.close()
    with pytest.raises(RecordError, match="no such column"):
        Cache(path)


def test_an_empty_file_becomes_a_cache(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert usable(path)


def test_a_batch_is_stored_whole_or_not_at_all(path: Path) -> None:
    cache = Cache(path)
    with pytest.raises(RecordError):
        cache.put([(b"k", Completion("k")), (object(), Completion("l"))])  # type: ignore[list-item]
    assert cache.get(b"k") is None
    cache.put([(b"k", Completion("m"))])
    assert cache.get(b"k") == Completion("m")
    cache.close()


def test_a_damaged_value_is_an_error_and_no_completion(path: Path) -> None:
    cache = Cache(path)
    with sqlite3.connect(path) as other:
        for key, value in ((b"1", b'{"text":nu'), (b"2", b'{"text":null}'), (b"3", b'{"text":"\xff"}'), (b"4", b"")):
            other.execute("insert into completions values (?, ?)", (key, value))
    other.close()
    for key in (b"1", b"2", b"3", b"4"):
        with pytest.raises(RecordError, match="cannot be used") as caught:
            cache.get(key)
        assert two_lines(caught)
    cache.close()


def test_a_damaged_page_is_an_error(path: Path) -> None:
    cache = Cache(path)
    cache.put([(Cache.key(number), Completion("x" * 300)) for number in range(200)])
    cache.close()
    data = bytearray(path.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(RecordError, match="malformed") as caught:
        Cache(path).get(Cache.key(1))
    assert two_lines(caught)


@pytest.mark.parametrize("room", [0, 2000, 50_000])
def test_a_full_disk(path: Path, full_disk: Callable[[int], Any], room: int) -> None:
    cache = Cache(path)
    cache.put([(b"old", Completion("old"))])
    size = max(file.stat().st_size for file in path.parent.iterdir())
    entries = [(Cache.key(number), Completion("y" * 1000)) for number in range(200)]
    with full_disk(size + room), pytest.raises(RecordError) as caught:
        cache.put(entries)
    assert two_lines(caught)
    assert caught.value.message.startswith(f"the completion cache {path} cannot be used: ")
    assert cache.get(b"old") == Completion("old")
    assert {cache.get(key) for key, _ in entries} == {None}  # all of a batch or nothing
    cache.put(entries)
    assert {cache.get(key) for key, _ in entries} == {Completion("y" * 1000)}
    cache.close()


def test_a_disk_that_is_full_from_the_beginning(path: Path, full_disk: Callable[[int], Any]) -> None:
    with full_disk(0), pytest.raises(RecordError) as caught:
        Cache(path)
    assert two_lines(caught)
    assert usable(path)


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "c.sqlite"):
        with pytest.raises(RecordError, match="cannot be used") as caught:
            Cache(path)
        assert two_lines(caught)


def test_a_folder_without_permission(nobody: Path) -> None:
    for path in (nobody / "c.sqlite", nobody / "below" / "c.sqlite"):
        with pytest.raises(RecordError, match="cannot be used") as caught:
            Cache(path)
        assert two_lines(caught)


def test_a_closed_cache_is_an_error(path: Path) -> None:
    cache = Cache(path)
    cache.close()
    with pytest.raises(RecordError):
        cache.get(b"k")
    with pytest.raises(RecordError):
        cache.put([(b"k", Completion())])
