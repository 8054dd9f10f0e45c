"""Which model a stage begins with: the seed model, or what an earlier training made."""

import json
from dataclasses import dataclass
from pathlib import Path

from judgebench_loops.stage import Done, Stage, digest_of, publish
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


def weights(model: str | Path) -> str:
    """What tells one model from another: the digest of a folder's weights; a hub's name stands for itself."""
    folder = Path(model)
    if not folder.is_dir():
        return digest_of(str(model))
    if any((folder / name).exists() for name in ("config.json", "adapter_config.json")):
        try:
            from judgebench_hf.folder import digest
        except ImportError:  # asked by another backend: names and sizes tell what is likely to change
            pass
        else:
            return digest(folder)
    return digest_of(sorted((file.name, file.stat().st_size) for file in folder.iterdir() if file.is_file()))
