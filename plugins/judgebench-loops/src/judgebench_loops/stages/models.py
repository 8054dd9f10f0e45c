"""Which model a stage begins with: the seed model, or what an earlier training made."""

import json
from dataclasses import dataclass
from pathlib import Path

from judgebench_loops.named_files import weights
from judgebench_loops.stage import Done, Stage
from judgebench_loops.whole import publish
from judgebench_loops.workshop import SEED_STAGE, Workshop

MODEL = "model.json"


@dataclass(frozen=True)
class Start:
    """A model by the stage that brings it."""

    stage: str

    def model(self, root: Path) -> str:
        """Its folder, or its name on a hub."""
        found: str = json.loads((root / self.stage / MODEL).read_text(encoding="utf-8"))["model"]
        return found if self.stage == SEED_STAGE else str(root / self.stage / found)


SEED_MODEL = Start(SEED_STAGE)


def seed(shop: Workshop) -> Stage:
    """The seed model: nothing is made of it, and what tells it from others is noted."""
    model = shop.loop.model

    def work(folder: Path) -> Done:
        publish(folder / MODEL, json.dumps({"model": model}) + "\n")
        return Done(made=weights(model), rows=1, unit="model")

    return Stage(SEED_STAGE, work, {"model": weights(model)})
