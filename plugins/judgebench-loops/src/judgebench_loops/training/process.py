"""A child process that carries out one job, and ends with this one."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from judgebench import JudgebenchError

MODULE = "judgebench_loops.training"
TASK = "task.json"
PATIENCE = 10.0
"""Seconds that the child has to end by itself."""
_QUIET = {
    "GOMP_SPINCOUNT": "1000",  # idle OpenMP threads that wait awake make two of them slower where a core is wanted
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
}


class Ended(SystemExit):
    """SIGTERM came while the child was at work."""


def carry_out(task: bytes, folder: Path, log: Path) -> None:
    """Do what `task` says (a job as JSON) in a child process whose output is appended to `log`.

    Whatever ends this process ends the child: it listens at a pipe that is closed then. JudgebenchError with the
    child's own words where it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    written = folder / f".{os.getpid()}-{TASK}"
    written.write_bytes(task)
    start = log.stat().st_size if log.exists() else 0
    command = [sys.executable, "-m", MODULE, str(written), "--with-parent"]
    try:
        with log.open("ab") as out, _told_of_sigterm():
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=_environment())
            try:
                code = child.wait()
            finally:
                _end(child)
    finally:
        written.unlink(missing_ok=True)
    if code:
        raise _failure(code, log, start)


def _environment() -> dict[str, str]:
    """This process's own, with what is not set in it."""
    own = dict(os.environ)
    quiet = {name: value for name, value in _QUIET.items() if name not in own}
    if "OMP_WAIT_POLICY" in own:
        quiet.pop("GOMP_SPINCOUNT", None)
    return own | quiet


def _end(child: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        if child.stdin is not None:
            child.stdin.close()
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _told_of_sigterm() -> Iterator[None]:
    """SIGTERM raises `Ended` while the block runs: by itself it would end Python without a word."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(number: int, frame: FrameType | None) -> NoReturn:
        raise Ended(128 + number)

    before = signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _failure(code: int, log: Path, start: int) -> JudgebenchError:
    """The last words of a child that failed: `error:` and `hint:` where it knew what was wrong."""
    with log.open("rb") as file:
        file.seek(start)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    where = f"see {log}"
    if code < 0:
        name = signal.Signals(-code).name
        hint = f"was the memory full? a smaller per_device_batch needs less; {where}"
        return JudgebenchError(f"the training was ended by {name}", hint if name == "SIGKILL" else where)
    last = lines[-1] if lines else "it said nothing"
    if last.startswith("hint: ") and len(lines) > 1 and lines[-2].startswith("error: "):
        return JudgebenchError(lines[-2].removeprefix("error: "), f"{last.removeprefix('hint: ')}; {where}")
    if last.startswith("ModuleNotFoundError"):
        where = f"pip install 'judgebench-loops[train]', PyTorch first; {where}"
    return JudgebenchError(f"the training failed: {last}", where)
