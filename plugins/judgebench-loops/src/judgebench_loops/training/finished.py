"""What a folder of a training says of it: which one it is, and, once it has ended, its checkpoints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import DataError
from judgebench_loops.whole import publish

JOB, DONE, LOG = "job.json", "done.json", "log.jsonl"
"""Which training it is; the mark that it has ended, written last; what was logged at each step."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint: the optimizer step after which it was saved, and its folder."""

    step: int
    folder: Path


def is_same(out: Path, identity: Mapping[str, Any]) -> bool:
    """Is this the training of the folder, or is the folder not yet of any."""
    found = read(out / JOB)
    return found is None or found == identity


def begin(out: Path, identity: Mapping[str, Any]) -> None:
    """Say which training this folder is of."""
    out.mkdir(parents=True, exist_ok=True)
    write(out / JOB, identity)


def end(out: Path, steps: list[int], facts: Mapping[str, Any]) -> None:
    """Mark a training as ended, with what is to be said of it."""
    write(out / DONE, {"checkpoints": steps, **facts})


def checkpoints(out: Path) -> tuple[Checkpoint, ...] | None:
    """The checkpoints of a training that has ended; None where it has not."""
    found = facts(out)
    return None if found is None else tuple(Checkpoint(step, place(out, step)) for step in found["checkpoints"])


def facts(out: Path) -> Mapping[str, Any] | None:
    """What is said of a training that has ended; None before.

    `rows` that it took, `dropped` by reason and how many were `cut`, optimizer `steps`, `seconds` of the process that
    ended it, and where a judge or a function gave RL its rewards how many responses `missed` theirs.
    """
    found: Mapping[str, Any] | None = read(out / DONE)
    return found


def place(out: Path, step: int) -> Path:
    """Where transformers saves the checkpoint of a step."""
    return out / f"checkpoint-{step}"


def write(path: Path, value: Mapping[str, Any]) -> None:
    """A file of JSON that appears whole or not at all."""
    publish(path, json.dumps(value, indent=1) + "\n")


def read(path: Path) -> Any:
    """A file of JSON; None where there is none. DataError for one that cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}", "remove the folder, and train again") from None
