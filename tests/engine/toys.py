"""Small components for engine tests: real classes, no mocks."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from judgebench import (
    Backend,
    Benchmark,
    Chat,
    Completion,
    Item,
    Judge,
    ModelName,
    NextToken,
    Preference,
    Response,
    Text,
    Usage,
    VerdictError,
    hookimpl,
    option,
)
from judgebench.app import registry
from judgebench.discovery.registry import Origin

CALLS: Counter[str] = Counter()
OPEN: list[str] = []
FLYING = {"now": 0, "most": 0}


class Script:
    """What the next calls of toy models do: a list of exceptions or None (answer)."""

    acts: ClassVar[list[BaseException | None]] = []


@dataclass(frozen=True)
class ToyBackend(Backend):
    name = "toy"
    can = frozenset({Chat, Text, NextToken})
    model: str = option(help="a name")
    concurrency: int = option(4, help="slots", identity=False)
    price: float | None = option(None, help="price", identity=False)
    pause: float = option(0.0, help="seconds a call", identity=False)
    rpm: float | None = option(None, help="calls a minute", identity=False)

    @property
    def slots(self):
        return self.concurrency

    @property
    def prices(self):
        return None if self.price is None else (self.price, self.price)

    @property
    def requests_per_minute(self):
        return self.rpm

    @asynccontextmanager
    async def open(self, secret):
        OPEN.append(self.model)
        try:
            yield self
        finally:
            OPEN.remove(self.model)

    async def complete(self, request):
        CALLS[self.model] += 1
        FLYING["now"] += 1
        FLYING["most"] = max(FLYING["most"], FLYING["now"])
        try:
            await asyncio.sleep(self.pause)
            if Script.acts and (act := Script.acts.pop(0)) is not None:
                raise act
        finally:
            FLYING["now"] -= 1
        shown = request.prompt if isinstance(request, Text) else request.messages[-1].content
        seed = request.sampling.seed if isinstance(request, Chat) else None
        number = int(hashlib.sha256(f"{self.model}{shown}{seed}".encode()).hexdigest(), 16)
        if isinstance(request, NextToken):
            return Completion(logprobs=(("A", -0.1 - number % 7), ("B", -0.1 - number % 5)), usage=Usage(10, 1))
        return Completion(f"{self.model} says {number % 1000} [[{'ABC'[number % 3]}]]", "stop", Usage(10, 5))


@dataclass(frozen=True)
class ToyBenchmark(Benchmark):
    name = "toy-bench"
    measures = ("win-rate", "accuracy", "position-consistency", "miss-rate", "average-length")
    size: int = option(12, help="items")
    version: int = option(0, help="another value makes other items", identity=False)

    def items(self) -> Sequence[Item]:
        return [
            Item(
                f"i{n:03d}",
                (f"question {n}" + "!" * self.version,),
                responses=(Response((f"good {n}",), "good"), Response((f"bad {n}",), "bad")),
                gold=Preference((1.0, 0.0)),
                baseline=Response((f"base {n}",), "baseline"),
                stratum="even" if n % 2 == 0 else "odd",
            )
            for n in range(self.size)
        ]


@dataclass(frozen=True)
class Longer(Judge):
    name = "chatty"

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        first, second = (response.length for response in trial.responses)
        if first == second:
            raise VerdictError("equal lengths")
        return Preference((1.0, 0.0) if first > second else (0.0, 1.0))


@dataclass(frozen=True)
class Faulty(Judge):
    name = "faulty"
    model: ModelName = option(help="a model")

    async def sample(self, trial, ask):
        await ask(self.model, Chat(trial.item.conversation()))
        raise KeyError("oops")

    def read(self, trial, samples):
        raise AssertionError


@dataclass(frozen=True)
class Broken(Judge):
    name = "broken"
    probs: str = option(help="a tuple in Python")

    async def sample(self, trial, ask):
        return ()

    def read(self, trial, samples):
        return Preference(eval(self.probs))


class ToyPlugin:
    @hookimpl
    def judgebench_components(self):
        return [ToyBackend, ToyBenchmark, Longer, Faulty, Broken]


def known():
    """The registry with the toys in it."""
    found = registry()
    found.add(ToyPlugin(), Origin("toys", "toys", "1.0"))
    assert not found.broken
    CALLS.clear()
    FLYING.update(now=0, most=0)
    Script.acts = []
    return found
