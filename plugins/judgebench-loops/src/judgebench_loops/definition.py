"""What a loop is, once its configuration was read: its parts, its iterations, and how its checkpoints are measured."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import msgspec

from judgebench_loops.options import (
    Candidates,
    Choosing,
    Eft,
    Entry,
    MetaJudging,
    Pairs,
    Prompts,
    Rlaif,
    SelfTaught,
    System,
)
from judgebench_loops.training.settings import Training

SECTIONS: Mapping[str, type[Any]] = {
    "prompts": Prompts,
    "candidates": Candidates,
    "pairs": Pairs,
    "meta": MetaJudging,
    "self_taught": SelfTaught,
    "rlaif": Rlaif,
    "choose": Choosing,
}
"""Parts that an iteration may set otherwise."""
METHODS: Mapping[str, str] = {"sft": "sft", "dpo": "dpo", "reward": "reward", "rl": "rloo"}
"""The trainings of a loop, and the method of each where nothing else is said."""


@dataclass(frozen=True)
class Iteration:
    """One iteration with everything that holds in it."""

    number: int
    start: Literal["previous", "seed"]
    reference: Literal["start", "seed"]
    judge: Entry
    scores: Entry | None
    train: Mapping[str, Training]
    prompts: Prompts
    candidates: Candidates
    pairs: Pairs
    meta: MetaJudging
    self_taught: SelfTaught
    rlaif: Rlaif
    choose: Choosing


@dataclass(frozen=True)
class Evaluation:
    """How every checkpoint is measured: a run file whose model `checkpoint` stands for each of them in turn.

    `as_policy` is the policy's entry, `as_judge` the judge's; what else the run has (`judges`, `policies`, `models`)
    is the same for all.
    """

    name: str
    run: Mapping[str, Any]
    as_policy: Entry | None
    as_judge: Entry | None


@dataclass(frozen=True)
class Loop:
    """A loop that was checked."""

    system: System
    out: Path
    seed: int
    model: str
    ask: Mapping[str, Any]
    models: Mapping[str, Entry]
    first: int
    ift: Path | None
    eft: Eft
    before: Iteration
    iterations: tuple[Iteration, ...]
    evaluations: tuple[Evaluation, ...]

    @property
    def warms_up(self) -> bool:
        """Is there supervised fine-tuning before the first iteration."""
        return self.ift is not None or self.eft.path is not None


def plain(section: Any) -> dict[str, Any]:
    """The options of a part as JSON has them, for a stage's digest."""
    return {one.name: msgspec.to_builtins(getattr(section, one.name)) for one in fields(section)}
