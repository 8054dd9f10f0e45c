"""A published file is there whole, or as it was."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawn import program

from judgebench.core.errors import RecordError
from judgebench.store.atomic import publish


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "board.md"
    for text in ("first\n", "ünï\u2028\r\n\0\n", ""):
        publish(path, text)
        assert path.read_bytes() == text.encode()
        assert path.stat().st_mode & 0o777 == 0o644
        assert list(path.parent.iterdir()) == [path]


def test_a_broken_text_is_written_with_a_mark(tmp_path: Path) -> None:
    publish(tmp_path / "f", "a\ud800b \ud83d\ude00")
    assert (tmp_path / "f").read_text(encoding="utf-8") == "a\ufffdb 😀"


@pytest.mark.parametrize("room", [0, 10, 9000])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, full_disk: Callable[[int], Any], room: int) -> None:
    path = tmp_path / "board.md"
    publish(path, "old")
    with full_disk(room), pytest.raises(RecordError) as caught:
        publish(path, "new" * 10_000)
    assert caught.value.message == f"{path} cannot be written: File too large"
    assert caught.value.hint
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "board.md", tmp_path / "file" / "below" / "board.md", tmp_path / "folder"):
        with pytest.raises(RecordError, match="cannot be written: "):
            publish(path, "text")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_folder_without_permission(nobody: Path) -> None:
    with pytest.raises(RecordError, match="cannot be written: Permission denied"):
        publish(nobody / "board.md", "text")


def test_a_reader_sees_one_text_or_the_other(tmp_path: Path) -> None:
    path, texts = tmp_path / "board.md", {"a" * 200_000, "b" * 200_000}
    publish(path, "a" * 200_000)
    code = (
        "import sys; from pathlib import Path; from judgebench.store.atomic import publish\n"
        "print(flush=True)\n"
        "while True:\n    for c in 'ba': publish(Path(sys.argv[1]), c * 200_000)"
    )
    with program("-c", code, str(path)) as (_, output):
        output.readline()
        seen = {path.read_text() for _ in range(100)}
        before = path.stat().st_ino
        for _ in range(1000):
            if path.stat().st_ino != before:
                break
            time.sleep(0.01)
        else:
            pytest.fail("the file is not replaced")
    assert seen <= texts
    assert path.read_text() in texts
