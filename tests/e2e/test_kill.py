"""kill -9 at random points: nothing that was answered is asked again, and the board is the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from judgebench.testing.loopback import serve

CONCURRENCY = 8


def command(url: str, folder: Path) -> list[str]:
    model = f"openai:m,base_url={url},concurrency={CONCURRENCY}"
    return [
        *(sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--out", str(folder / "run"), "--quiet"),
        *("--cache", str(folder / "cache.sqlite"), "--seed", "3"),
        *("--policy", f"p={model}", "--judge", f"lp=logprob@{model}", "--judge", f"v=verdict@{model}"),
    ]


@pytest.mark.parametrize(
    ("kills", "keep_record"),
    [
        pytest.param(5, True, id="record kept"),
        pytest.param(20, True, id="record kept, twenty kills", marks=pytest.mark.slow),
        pytest.param(20, False, id="record lost, cache kept, twenty kills", marks=pytest.mark.slow),
    ],
)
def test_kills(tmp_path, kills, keep_record):
    dice = random.Random(11)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    log = tmp_path / "calls"
    with serve(delay=0.02) as server:
        subprocess.run(command(server.url, whole), check=True, capture_output=True)
        answered_by_one_run = server.stats()["requests"]
    with serve(delay=0.02, calls=log, port=int(server.url.rsplit(":", 1)[1].split("/")[0])) as server:
        progress = 0
        for _ in range(kills):
            process = subprocess.Popen(
                command(server.url, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            goal = progress + dice.randrange(1, 2 * (answered_by_one_run - progress) // kills + 2)
            deadline = time.monotonic() + 20
            while server.stats()["requests"] < goal and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
            time.sleep(dice.random() * 0.03)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            progress = server.stats()["requests"]
            if not keep_record:
                (killed / "run" / "record.jsonl").unlink(missing_ok=True)
        subprocess.run(command(server.url, killed), check=True, capture_output=True)
        repeated = server.stats()["requests"] - answered_by_one_run
    assert 0 <= repeated <= CONCURRENCY * kills
    digests = [digest for digest, _ in server.calls()]
    assert len(set(digests)) == answered_by_one_run  # every call was made, and those twice were in flight at a kill
    assert len(digests) - len(set(digests)) == repeated
    for name in ("board.json", "board.md"):
        assert (killed / "run" / name).read_bytes() == (whole / "run" / name).read_bytes()
