"""Model classes of lm-evaluation-harness small enough to be worked out by hand."""

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

LETTERS = 128
"""Characters that the toy knows: those of ASCII."""


def log_probability(context: str, continuation: str) -> float:
    """Nats, character by character: (1 + how often it stands before) / (LETTERS + characters before)."""
    total = 0.0
    for letter in continuation:
        total += math.log((1 + context.count(letter)) / (LETTERS + len(context)))
        context += letter
    return total


class Toy(LM):
    """Counts letters, and adds two numbers; where the first is divisible by `blind`, it adds one too many."""

    def __init__(self, blind: int = 3, **rest: Any) -> None:
        super().__init__()
        self.blind = blind
        self.calls: list[tuple[str, list[tuple[Any, ...]]]] = []

    def loglikelihood(self, requests: Sequence[Any], **rest: Any) -> list[tuple[float, bool]]:
        self._note("loglikelihood", requests)
        return [(log_probability(*request.args), False) for request in requests]

    def loglikelihood_rolling(self, requests: Sequence[Any], **rest: Any) -> list[float]:
        return [log_probability("", request.args[0]) for request in requests]

    def generate_until(self, requests: Sequence[Any], **rest: Any) -> list[str]:
        self._note("generate_until", requests)
        return [self._answer(*request.args) for request in requests]

    def _note(self, method: str, requests: Sequence[Any]) -> None:
        """What was asked, in memory and in the file that JUDGEBENCH_TOY_LOG names."""
        self.calls.append((method, [request.args for request in requests]))
        if log := os.environ.get("JUDGEBENCH_TOY_LOG"):
            with Path(log).open("a") as file:
                file.writelines(f"{method}\n" for _ in requests)

    def _answer(self, context: str, settings: dict[str, Any]) -> str:
        if "boom" in context:
            raise RuntimeError("the toy is broken\nin two lines")
        a, b = re.findall(r"(\d+) \+ (\d+)", context)[-1]
        text = f" {int(a) + int(b) + (int(a) % self.blind == 0)}\nQ: 1 + 1"
        for stop in settings["until"]:
            text = text.partition(stop)[0]
        return text

    def apply_chat_template(self, chat_history: Sequence[dict[str, str]], add_generation_prompt: bool = True) -> str:
        turns = "".join(f"<{turn['role']}>{turn['content']}<end>" for turn in chat_history)
        return turns + "<assistant>" * add_generation_prompt

    @property
    def tokenizer_name(self) -> str:
        return "toy"


class Silent(LM):
    """Generates alone, without a chat template, as classes for some services do."""

    def __init__(self, batch_size: int, device: str) -> None:
        super().__init__()

    def loglikelihood(self, requests: Sequence[Any], **rest: Any) -> list[tuple[float, bool]]:
        raise NotImplementedError("no log-probabilities from this service")

    def loglikelihood_rolling(self, requests: Sequence[Any], **rest: Any) -> list[float]:
        raise NotImplementedError

    def generate_until(self, requests: Sequence[Any], **rest: Any) -> list[str]:
        return ["yes" for _ in requests]


register_model("judgebench-toy")(Toy)
register_model("judgebench-silent")(Silent)
