"""What a watched folder shows: which checkpoints are complete, and which are new."""

import os
import time

import pytest

from judgebench import ConfigError
from judgebench.engine.spec import from_mapping
from judgebench.engine.watch import NOTHING, Patience, check, look


def spec(**policies):
    return from_mapping({"benchmark": "b", "policies": policies}, "test")


@pytest.fixture
def ckpts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ckpts" / "step-1" / "part").mkdir(parents=True)
    (tmp_path / "ckpts" / "step-1" / "part" / "weights").write_text("w")
    (tmp_path / "ckpts" / "step-2").mkdir()
    return tmp_path / "ckpts"


def test_a_checkpoint_counts_once_nothing_in_it_has_changed(ckpts):
    now = time.time()
    there = look(spec(a="hf:ckpts/step-*"))
    assert list(there.paths) == ["ckpts/step-1"]  # an empty folder is no checkpoint yet
    assert Patience(60).settled(there, now, 0).paths == {}
    assert not Patience(60).settled(there, now, 0).complete
    assert list(Patience(60).settled(there, now + 60.1, 0).paths) == ["ckpts/step-1"]
    assert Patience(60).settled(there, now + 60.1, 0).complete


def test_a_clock_that_is_ahead_delays_a_checkpoint_and_does_not_hide_it(ckpts):
    os.utime(ckpts / "step-1" / "part" / "weights", (time.time() + 3600,) * 2)
    patience = Patience(60)
    there = look(spec(a="hf:ckpts/step-*"))
    assert patience.settled(there, time.time(), 100).paths == {}
    assert patience.settled(there, time.time(), 159).paths == {}
    assert list(patience.settled(there, time.time(), 160).paths) == ["ckpts/step-1"]
    (ckpts / "step-1" / "more").write_text("w")
    os.utime(ckpts / "step-1" / "more", (time.time() + 7200,) * 2)
    assert patience.settled(look(spec(a="hf:ckpts/step-*")), time.time(), 161).paths == {}


def test_what_cannot_be_looked_at_is_not_there(ckpts):
    (ckpts / "step-3").symlink_to("step-3")
    assert list(look(spec(a="hf:ckpts/step-*")).paths) == ["ckpts/step-1"]


def test_a_copy_that_keeps_times_is_as_new_as_it_is(ckpts):
    os.utime(ckpts / "step-1" / "part" / "weights", (1, 1))
    assert Patience(60).settled(look(spec(a="hf:ckpts/step-*")), time.time(), 0).paths == {}


def test_what_is_new_is_told_from_what_was_seen_and_what_is_gone(ckpts):
    wanted = spec(a="hf:ckpts/step-*", b="recorded:out/*.json")
    first = look(wanted)
    assert first.adds_to(NOTHING)
    assert not first.complete
    assert not first.adds_to(first)
    (ckpts / "step-2" / "weights").write_text("w")
    second = look(wanted)
    assert second.adds_to(first)
    assert not first.adds_to(second)
    os.utime(ckpts / "step-2" / "weights", (time.time() + 5,) * 2)
    assert look(wanted).adds_to(second)


def test_a_single_file_is_a_checkpoint_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "step-1.jsonl").write_text("{}")
    assert list(look(spec(a="recorded:step-*.jsonl")).paths) == ["step-1.jsonl"]


@pytest.mark.usefixtures("ckpts")
def test_a_folder_that_no_pattern_looks_into_is_refused(tmp_path):
    check(spec(a="hf:ckpts/step-*"), tmp_path / "ckpts")
    check(spec(a="hf:ckpts/*/final"), tmp_path)
    check(spec(a="hf:ckpts/*/final"), tmp_path / "ckpts" / "run1")
    for policies in ({"a": "hf:ckpts/step-1"}, {"a": "hf:other/step-*"}):
        with pytest.raises(ConfigError, match="no policy and no judge is a pattern in"):
            check(spec(**policies), tmp_path / "ckpts")
