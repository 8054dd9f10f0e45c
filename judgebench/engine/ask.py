"""The one door to models: cache, equal calls in flight, seeds, budget, usage. Lines carry the calls."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace

from judgebench.core.errors import BackendError, BudgetError
from judgebench.core.events import CallDone, Event
from judgebench.core.item import Sample
from judgebench.core.request import Chat, Completion, Request, Text, Usage
from judgebench.engine.entrant import Model
from judgebench.engine.line import Line, Sleep
from judgebench.engine.select import draw
from judgebench.plugin.as_asked import as_asked
from judgebench.plugin.kinds import Secret
from judgebench.store.cache import Cache
from judgebench.store.commit import GroupCommit


class Stopped(Exception):
    """A call that is not made because the run is ending; the run's own error says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a call is tried again, and what a run may spend (None: no bound)."""

    retries: int = 5
    max_calls: int | None = None
    max_cost: float | None = None


class Door:
    """All calls of a run go through here."""

    def __init__(
        self,
        *,
        seed: int,
        limits: Limits,
        secret: Secret,
        cache: Cache | None,
        emit: Callable[[Event], None],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._seed, self._limits, self._secret, self._emit, self._sleep = seed, limits, secret, emit, sleep
        self._jitter = random.Random(seed)
        self._cache = cache
        self._commit = None if cache is None else GroupCommit(cache.put)
        self._lines: dict[str, tuple[Line, AsyncExitStack]] = {}
        self._flying: dict[bytes, asyncio.Future[Completion]] = {}
        self._calls = self._answered = self._in_flight = 0
        self._cost = 0.0
        self._stopped = asyncio.Event()

    async def open(self, models: tuple[Model, ...]) -> None:
        """Open these models, after releasing every other one."""
        wanted = {model.name: model for model in models}
        for name in [name for name in self._lines if name not in wanted]:
            await self._lines.pop(name)[1].aclose()
        for name, model in wanted.items():
            if name not in self._lines:
                stack = AsyncExitStack()
                session = await stack.enter_async_context(model.backend.open(self._secret))
                line = Line(model, session, self._limits.retries, self._emit, self._pause, self._jitter)
                self._lines[name] = (line, stack)

    def holds(self, models: tuple[Model, ...]) -> bool:
        """Are these models open, all of them, and is there one."""
        return bool(models) and all(model.name in self._lines for model in models)

    async def close(self) -> None:
        """Release all models and write what is pending."""
        try:
            await self.open(())
        finally:
            if self._commit is not None:
                await self._commit.close()

    def stop(self) -> None:
        """No further call is made, and no pause is waited for: the run ends once what is in flight has come."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Is the run ending."""
        return self._stopped.is_set()

    async def _pause(self, seconds: float) -> None:
        """Sleep, or until the run ends."""
        waits = {asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._stopped.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def at(self, item: str, repeat: int) -> "Asker":
        """The `ask` of one job: it tells the item and the repeat apart from all others."""
        return Asker(self, item, repeat)

    async def ask(self, name: str, request: Request, item: str, repeat: int, number: int) -> Sample:
        """One sample: from the cache, from an equal call in flight, or bought."""
        line = self._lines[name][0]
        if isinstance(request, Chat | Text) and request.sampling.temperature > 0 and request.sampling.seed is None:
            seed = int(draw(self._seed, "sampling", item, repeat, number) * 2**31)
            request = replace(request, sampling=replace(request.sampling, seed=seed))
        if isinstance(request, Chat) and request.schema is not None and not line.model.backend.guides:
            request = replace(request, schema=None)
        key = Cache.key(line.model.identity, type(request).__name__, as_asked(request), repeat, number)
        if self._cache is not None and (stored := self._cache.get(key)) is not None:
            self._emit(CallDone(name, stored.usage, True, 0.0))
            return Sample(name, stored)
        if (flying := self._flying.get(key)) is not None:
            return Sample(name, await asyncio.shield(flying))

        async def keep(completion: Completion) -> None:  # what was paid for is on disk before its slot is free
            if self._commit is not None:
                await self._commit.put((key, completion))

        with self._announced(key) as bought:
            completion = await line.call(request, self._charged, keep)
            bought.set_result(completion)
        self._count(line.model, completion.usage)
        return Sample(name, completion)

    @contextmanager
    def _announced(self, key: bytes) -> Iterator["asyncio.Future[Completion]"]:
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._flying[key] = future
        try:
            yield future
        except BaseException as error:
            shown = error if isinstance(error, Exception) else BackendError("the call was cancelled")
            future.set_exception(shown)
            future.exception()  # seen: nobody may be waiting for it
            raise
        finally:
            del self._flying[key]

    @contextmanager
    def _charged(self) -> Iterator[None]:
        """Count a try while it lasts; refuse it when the run ends or would go beyond its budget."""
        if self.stopped:
            raise Stopped
        limits = self._limits
        if limits.max_calls is not None and self._calls >= limits.max_calls:
            raise BudgetError(f"{self._calls} calls are made: that is max_calls", "raise it, or run again to continue")
        expected = self._cost * (1 + self._in_flight / max(self._answered, 1))
        if limits.max_cost is not None and expected >= limits.max_cost:
            raise BudgetError(
                f"${self._cost:.4f} is spent and {self._in_flight} calls are in flight: that is max_cost",
                "it holds for one command: raise it, or run again to continue",
            )
        self._calls += 1
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def _count(self, model: Model, usage: Usage) -> None:
        cost = cost_of(model, usage)
        self._answered += 1
        self._cost += cost or 0.0
        self._emit(CallDone(model.name, usage, False, cost))


@dataclass(frozen=True, slots=True)
class Asker:
    """`ask` as components see it."""

    door: Door
    item: str
    repeat: int

    async def __call__(self, model: str, request: Request, draw: int = 0) -> Sample:
        """The sample for a request; see `judgebench.plugin.kinds.Ask`."""
        return await self.door.ask(model, request, self.item, self.repeat, draw)


def cost_of(model: Model, usage: Usage) -> float | None:
    """US dollars for a usage, None where the model's prices are not known."""
    if (prices := model.backend.prices) is None:
        return None
    return (usage.input_tokens * prices[0] + usage.output_tokens * prices[1]) / 1e6
