"""Checkpoints of a training that was cut off: the whole ones, and what is put aside."""

import json
import shutil
import zipfile
from pathlib import Path

from judgebench_hf import folder

from judgebench import DataError
from judgebench_loops.training.finished import place

STATE = "trainer_state.json"
_OPTIMIZER = ("optimizer.pt", "scheduler.pt")
_CHANCE = "rng_state.pth"
_TORN = "torn-"


def steps(out: Path) -> list[int]:
    """The steps at which checkpoints stand in a folder, whole or not, in their order."""
    ends = (path.name.removeprefix("checkpoint-") for path in out.glob("checkpoint-*") if path.is_dir())
    return sorted(int(end) for end in ends if end.isdecimal())


def last_whole(out: Path) -> Path | None:
    """The last checkpoint that a training can go on from; later ones that are torn are put aside as `torn-*`.

    None where there is none.
    """
    for step in reversed(steps(out)):
        path = place(out, step)
        if is_whole(path, step):
            return path
        aside = path.with_name(_TORN + path.name)
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
    return None


def is_whole(path: Path, step: int) -> bool:
    """Was everything written that a training goes on from? transformers writes the trainer's state last."""
    try:
        state = json.loads((path / STATE).read_text(encoding="utf-8"))
        folder.digest(path)
    except (OSError, ValueError, DataError):
        return False
    files = [path / name for name in (*_OPTIMIZER, _CHANCE)]
    return bool(state.get("global_step") == step) and all(file.is_file() and zipfile.is_zipfile(file) for file in files)


def tidy(out: Path, keep_optimizer: bool) -> None:
    """Remove what a training that has ended needs no more: what is torn, and the optimizer's states."""
    for path in out.glob(f"{_TORN}*"):
        shutil.rmtree(path, ignore_errors=True)
    if not keep_optimizer:
        for step in steps(out):
            for name in _OPTIMIZER:
                (place(out, step) / name).unlink(missing_ok=True)
