"""A training as data, and what carries it out in a process of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from judgebench import ConfigError, DataError, file_digest
from judgebench_loops.training import finished, process
from judgebench_loops.training.finished import Checkpoint
from judgebench_loops.training.reward_source import Reward
from judgebench_loops.training.rows import located
from judgebench_loops.training.settings import RL, Training

TRAIN, MERGE = "train", "merge"


@dataclass(frozen=True)
class Job:
    """What is trained, on which rows, and where its checkpoints go.

    `model` is a whole model: the folder of one, or OWNER/NAME. `reference` is what DPO and RL are tied to; None: the
    model as it is at the beginning, which RL always takes. `reward` is RL's.
    """

    settings: Training
    model: Path | str
    data: Path
    out: Path
    reference: str | None = None
    reward: Reward | None = None

    def __post_init__(self) -> None:
        """ConfigError for what the method cannot use, or lacks."""
        method = self.settings.method
        if (self.reward is not None) != (method in RL):
            told = "needs a reward" if method in RL else "has no use for a reward"
            raise ConfigError(f"training by {method} {told}", f"{' and '.join(RL)} learn from a reward")
        if self.reference is not None and method != "dpo":
            raise ConfigError(f"training by {method} takes no other reference", "leave `reference` out")


@dataclass(frozen=True)
class Merge:
    """A checkpoint that becomes a model folder of its own; `base` is the model that its training began with."""

    checkpoint: Path
    base: str
    out: Path


def as_json(task: Job | Merge) -> bytes:
    """A job or a merge as JSON, the same in every process."""
    kind = TRAIN if isinstance(task, Job) else MERGE
    return msgspec.json.encode({"task": kind, "of": task}, enc_hook=str, order="deterministic")


def from_json(text: bytes) -> Job | Merge:
    """What `as_json` wrote. DataError for another text."""
    try:
        found = msgspec.json.decode(text)
        told = found["of"]
        if found["task"] == MERGE:
            return Merge(Path(told["checkpoint"]), told["base"], Path(told["out"]))
        settings = msgspec.convert(told["settings"], type=Training)
        reward = None if told["reward"] is None else msgspec.convert(told["reward"], type=Reward)
        return Job(settings, told["model"], Path(told["data"]), Path(told["out"]), told["reference"], reward)
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise DataError(f"this is no job: {error}", "judgebench_loops.training.job writes them") from None


def identity(job: Job) -> Mapping[str, Any]:
    """What makes a training the one that it is: its settings, and the digests of its rows and models.

    Where they lie is no part of it. DataError for a model's folder that is not whole, and where there are no rows.
    """
    told: dict[str, Any] = msgspec.json.decode(as_json(job))["of"]
    reward = told["reward"] and {**told["reward"], "model": _content(told["reward"]["model"])}
    return {
        "settings": told["settings"],
        "rows": file_digest(located(job.data)),
        "model": _content(told["model"]),
        "reference": _content(told["reference"]),
        "reward": reward,
    }


def run(job: Job, log: Path) -> tuple[Checkpoint, ...]:
    """Train, and return the checkpoints in the order of their steps; the last is where the training ended.

    It happens in a process of its own, whose output is appended to `log`. One that was cut off at any moment is
    continued from its last whole checkpoint; one that has ended is not done again. The process ends with this one,
    however that ends.

    Errors of the training are raised here, with the log's place in the hint; ConfigError where `out` holds another
    training.
    """
    if not finished.is_same(job.out, identity(job)):
        raise ConfigError(f"{job.out} holds another training", "choose another folder, or remove it")
    if (found := finished.checkpoints(job.out)) is None:
        process.carry_out(as_json(job), job.out, log)
        found = finished.checkpoints(job.out)
    if found is None:
        raise DataError(f"the training in {job.out} ended without a mark", f"see {log}")
    return found


def merged(checkpoint: Path, base: Path | str, out: Path, log: Path) -> Path:
    """A checkpoint as a whole model folder in the base's precision: an adapter is merged into its base.

    The folder has the base's tokenizer and chat template, and appears when it is whole. One that was made of the same
    checkpoint before is returned at once; ConfigError where anything else stands in its place. As `run`: in a process
    of its own, with errors from there.
    """
    process.carry_out(as_json(Merge(checkpoint, str(base), out)), out.parent, log)
    return out


def _content(model: str | None) -> str | None:
    """The digest of a model's folder; a name on the hub as it is."""
    if model is None or not Path(model).is_dir():
        return model
    from judgebench_hf import folder

    return folder.digest(Path(model))
