"""Runs on made-up rows that are counted and not asked: what `--dry-run` is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import Forecast
from judgebench import forecast as foreseen
from judgebench_loops.asking import planned
from judgebench_loops.definition import Loop
from judgebench_loops.options import CURRENT, SEED, Drawing, Entry
from judgebench_loops.workshop import backend_of

COUNTS = ("calls", "input_tokens", "output_tokens")
FEW = 12
"""Prompts that are walked through."""


@dataclass(frozen=True)
class Line:
    """One stage of an iteration (0: what is done once): calls and tokens, or the steps and rows of a training."""

    iteration: int
    stage: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    rows: int = 0
    steps: int = 0


class Walk:
    """Runs on made-up rows, counted and not asked."""

    def __init__(self, loop: Loop, folder: Path) -> None:
        self.folder, self._number = folder, 0
        model = backend_of(loop, loop.model)
        self.models = {**loop.models, SEED: model, CURRENT: model}

    def run(self, benchmark: str, rows: Sequence[Mapping[str, Any]], **subjects: Any) -> list[Forecast]:
        """The forecast of one run over rows."""
        self._number += 1
        path = self.folder / f"{self._number}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        said = repr(subjects)
        models = {name: model for name, model in self.models.items() if name in said}
        out = str(self.folder / f"run-{self._number}")
        return foreseen(
            {"benchmark": {"benchmark": benchmark, "path": str(path)}, "models": models, "out": out, **subjects}
        )

    def line(self, iteration: int, stage: str, found: Sequence[Forecast], scale: float) -> Line:
        """The forecasts as a line, scaled up."""
        calls, read, written = (round(scale * sum(getattr(one, name) for one in found)) for name in COUNTS)
        return Line(iteration, stage, calls, read, written)

    def answers(
        self, iteration: int, stage: str, prompts: Sequence[str], drawing: Drawing, model: str, number: float
    ) -> Line:
        """So many answers by a model, of which the prompts are examples."""
        rows = [{"id": str(k), "prompt": prompt} for k, prompt in enumerate(prompts[:FEW])]
        policy = {"policy": "chat", "model": model, "max_tokens": drawing.max_tokens}
        return self.line(iteration, stage, self.run("prompts", rows, policies={"p": policy}), number / len(rows))

    def judged(
        self,
        iteration: int,
        stage: str,
        rows: Sequence[Mapping[str, Any]],
        judge: Entry,
        number: float,
        **planning: Any,
    ) -> Line:
        """So many sets of responses by a judge, of which the rows are examples."""
        found = self.run("ranked", rows, judges={"j": planned(judge, planning)})
        return self.line(iteration, stage, found, number / len(rows))
