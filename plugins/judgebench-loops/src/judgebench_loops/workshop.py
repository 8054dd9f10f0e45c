"""What every stage is made with: the loop, its folder, and how models are asked."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench_loops.asking import Asking
from judgebench_loops.definition import Iteration, Loop, plain
from judgebench_loops.named_files import contents
from judgebench_loops.options import CURRENT, Entry
from judgebench_loops.stage import digest_of

SEED_STAGE = "seed"


@dataclass(frozen=True)
class Workshop:
    """A loop at work in its folder."""

    loop: Loop
    asking: Asking

    @property
    def root(self) -> Path:
        """The loop's folder."""
        return self.loop.out

    def backend(self, model: Path | str) -> Entry:
        """The entry of a model by which judgebench asks a checkpoint, as `ask` says."""
        return backend_of(self.loop, model)

    def current(self, model: Path | str) -> Asking:
        """Asks with this checkpoint as the model `current`."""
        return self.asking.to(self.backend(model))

    def rng(self, stage: str) -> random.Random:
        """The chance of one stage: the loop's seed and the stage's name decide."""
        return random.Random(digest_of([self.loop.seed, stage]))

    def card(self, iteration: Iteration, facts: Mapping[str, Any]) -> dict[str, str]:
        """Facts for the card of a training set."""
        about = {
            "system": self.loop.system,
            "iteration": iteration.number,
            "seed": self.loop.seed,
            "seed model": self.loop.model,
        }
        return {key: f"{value}" for key, value in {**about, **facts}.items()}

    def says(self, *parts: Any, **more: Any) -> dict[str, Any]:
        """What a stage's digest holds of the configuration: parts of it, how models are asked, the seed.

        With it goes what lies in the files and models that these name.
        """
        told = [plain(part) if hasattr(part, "__dataclass_fields__") else part for part in parts]
        said = {"seed": self.loop.seed, "ask": self.loop.ask, "parts": told, **more}
        return {**said, "contents": contents(self.loop.ask, told, more)}


def backend_of(loop: Loop, model: Path | str) -> Entry:
    """The entry of a model by which judgebench asks a checkpoint of this loop."""
    if loop.ask.get("backend") == "scripted":  # it is no model's: what it says stands in its options
        return dict(loop.ask)
    return {"backend": "hf", **loop.ask, "model": str(model)}


def named(iteration: Iteration | int, step: str) -> str:
    """The name of a stage of an iteration."""
    number = iteration if isinstance(iteration, int) else iteration.number
    return f"iteration-{number}/{step}"


def of_model(entry: Any, models: Mapping[str, Any]) -> dict[str, Any]:
    """The further models that an entry may name: for the digest of a stage that asks them."""
    said = repr(entry)
    return {name: value for name, value in models.items() if name in said and name != CURRENT}
