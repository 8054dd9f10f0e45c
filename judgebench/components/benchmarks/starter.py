"""starter: 64 prompts in our own words, for a first board in minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec

from judgebench.core.item import Item, Preference, Response
from judgebench.plugin.benchmark import Benchmark

DATA = files("judgebench.components.benchmarks") / "data" / "starter.jsonl"


@dataclass(frozen=True)
class Starter(Benchmark):
    """Writing, reasoning, coding, maths, extraction, safety and two-turn prompts.

    Each has a good answer and a worse one, which is a good answer to a subtly different question
    (made as Wang et al. 2024, Self-Taught Evaluators, make rejected responses; lengths and
    formatting matched), and a plain baseline answer. Without policies the judges are measured on
    good against worse; with policies, each is compared with the baseline.
    """

    name = "starter"
    summary = "64 prompts in our own words: ready pairs with gold labels, and a plain baseline for policies"
    order = "both"
    measures = (
        "win-rate",
        "accuracy",
        "position-consistency",
        "position-consistent-accuracy",
        "position-bias",
        "miss-rate",
        "average-length",
    )

    def items(self) -> Sequence[Item]:
        """All 64 items, stratified by category."""
        rows: list[dict[str, Any]] = [msgspec.json.decode(line) for line in DATA.read_bytes().splitlines()]
        return [
            Item(
                id=row["id"],
                turns=tuple(row["prompt"]),
                responses=(Response(tuple(row["good"]), "good"), Response(tuple(row["worse"]), "worse")),
                gold=Preference((1.0, 0.0)),
                baseline=Response(tuple(row["baseline"]), "baseline"),
                stratum=row["category"],
            )
            for row in rows
        ]


COMPONENT = Starter
