"""The child process of a training: killed and ended at any moment, continued, and quoted where it fails."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loops_training_kit import difference, job

from judgebench import JudgebenchError

pytestmark = pytest.mark.torch
pytest.importorskip("trl", reason="needs torch, transformers and trl")

PARENT = """
import sys
from pathlib import Path
from judgebench_loops.training.job import from_json, run
job = from_json(Path(sys.argv[1]).read_bytes())
run(job, Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a chat template."""
    from hf_kit import tiny_model

    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


def started(one: Any, folder: Path, log: Path) -> "subprocess.Popen[bytes]":
    """A process that trains as a loop does."""
    from judgebench_loops.training.job import as_json

    path = folder / "job.json"
    path.write_bytes(as_json(one))
    return subprocess.Popen([sys.executable, "-c", PARENT, str(path), str(log)], stderr=subprocess.DEVNULL)


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_left(out: Path) -> bool:
    """Does no process train in the folder."""
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_killed_ended_and_continued(tiny: Path, tmp_path: Path) -> None:
    """SIGTERM, then SIGKILL, sent to the process that waits: its child ends with it. Then it ends as one left alone."""
    from judgebench_loops.training import finished
    from judgebench_loops.training.job import merged, run

    more = {"count": 8, "batch": 4, "epochs": 20.0, "save_every": 4, "scheduler": "cosine", "lora_rank": 4}
    one, log = job(tmp_path / "cut", tiny, "dpo", **more), tmp_path / "logs" / "train.log"
    for step, by in ((4, signal.SIGTERM), (12, signal.SIGKILL)):
        parent = started(one, tmp_path, log)
        until(lambda step=step: (one.out / f"checkpoint-{step}").is_dir())  # type: ignore[misc]
        os.kill(parent.pid, by)
        assert parent.wait(30) in (-signal.SIGKILL, 128 + signal.SIGTERM)
        until(lambda: is_left(one.out))
        assert finished.checkpoints(one.out) is None
    found = run(one, log)
    assert [checkpoint.step for checkpoint in found] == list(range(4, 41, 4))
    assert list(one.out.glob(".*task.json")) == []
    whole = run(job(tmp_path / "whole", tiny, "dpo", **more), tmp_path / "whole.log")
    for a, b in zip(found, whole, strict=True):
        assert difference(a.folder, b.folder) == 0.0
    began = time.monotonic()
    assert run(one, log) == found
    assert time.monotonic() - began < 2  # it is done
    out = merged(found[-1].folder, tiny, tmp_path / "merged", log)
    assert (out / "model.safetensors").is_file()


def test_a_training_that_fails_says_why(tiny: Path, tmp_path: Path) -> None:
    from judgebench_loops.training.job import run

    log = tmp_path / "train.log"
    with pytest.raises(JudgebenchError, match="all 4 rows are too long") as raised:
        run(job(tmp_path, tiny, "sft", max_length=3), log)
    assert "max_length" in raised.value.hint
    assert str(log) in raised.value.hint
