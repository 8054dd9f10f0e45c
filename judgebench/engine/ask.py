"""The one door to models: cache, slots, probe, retry by error class, budget, usage."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace

from judgebench.core.errors import BackendError, BudgetError, PermanentError, RequestError, TransientError
from judgebench.core.events import CallDone, CallFailed, Event
from judgebench.core.item import Sample
from judgebench.core.request import Chat, Completion, Request, Text, Usage
from judgebench.engine.resolve import Model
from judgebench.engine.select import draw
from judgebench.plugin.kinds import Secret, Session
from judgebench.store.cache import Cache
from judgebench.store.commit import GroupCommit

Sleep = Callable[[float], Awaitable[None]]
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds: a back-off is drawn between 0 and a bound that begins with the first, doubles, and ends with the second."""
LONGEST_WISH = 600.0
"""Seconds: a server that wants a longer pause than this gets another try after it, and is then given up."""
FAILURES_IN_A_ROW = 20
"""So many calls of one model that fail for good one after the other end the run: nothing would be left but misses."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a call is tried again, and what a run may spend (None: no bound)."""

    retries: int = 5
    max_calls: int | None = None
    max_cost: float | None = None


@dataclass(slots=True)
class _Line:
    """An open model: its session, its free slots, and what is known of its health."""

    model: Model
    session: Session
    closing: AsyncExitStack
    slots: asyncio.Semaphore
    probe: asyncio.Lock = field(default_factory=asyncio.Lock)
    alive: bool = False
    dead: PermanentError | None = None
    not_before: float = 0.0
    failed_in_a_row: int = 0


class Door:
    """All calls of a run go through here. Time is the event loop's; `sleep` and the seed are parameters."""

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
        self._lines: dict[str, _Line] = {}
        self._flying: dict[bytes, asyncio.Future[Completion]] = {}
        self._calls, self._cost = 0, 0.0
        self._stopped = False

    async def open(self, models: tuple[Model, ...]) -> None:
        """Open these models and release every other one, before the first is loaded."""
        wanted = {model.name: model for model in models}
        for name in [name for name in self._lines if name not in wanted]:
            await self._lines.pop(name).closing.aclose()
        for name, model in wanted.items():
            if name not in self._lines:
                stack = AsyncExitStack()
                session = await stack.enter_async_context(model.backend.open(self._secret))
                self._lines[name] = _Line(model, session, stack, asyncio.Semaphore(model.backend.slots))

    async def close(self) -> None:
        """Release all models and write what is pending."""
        await self.open(())
        if self._commit is not None:
            await self._commit.close()

    def stop(self) -> None:
        """No further call is made: the run is ending, and its answers could not be kept."""
        self._stopped = True

    def at(self, item: str, repeat: int) -> "Asker":
        """The `ask` of one job: it tells the item and the repeat apart from all others."""
        return Asker(self, item, repeat)

    async def ask(self, name: str, request: Request, item: str, repeat: int, number: int) -> Sample:
        """One sample: from the cache, from an equal call in flight, or bought."""
        line = self._lines[name]
        if isinstance(request, Chat | Text) and request.sampling.temperature > 0 and request.sampling.seed is None:
            seed = int(draw(self._seed, "sampling", item, repeat, number) * 2**31)
            request = replace(request, sampling=replace(request.sampling, seed=seed))
        key = Cache.key(line.model.identity, type(request).__name__, request, repeat, number)
        if self._cache is not None and (stored := self._cache.get(key)) is not None:
            self._emit(CallDone(name, stored.usage, True, 0.0))
            return Sample(name, stored)
        if (flying := self._flying.get(key)) is not None:
            return Sample(name, await asyncio.shield(flying))
        with self._announced(key) as bought:
            completion = await self._call(line, request, key)
            bought.set_result(completion)
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

    async def _call(self, line: _Line, request: Request, key: bytes) -> Completion:
        if line.alive:
            return await self._try(line, request, key)
        async with line.probe:  # the first call goes alone: a wrong key costs one request, not sixty-four
            if line.dead is not None:
                raise line.dead
            if not line.alive:
                return await self._probe(line, request, key)
        return await self._try(line, request, key)

    async def _probe(self, line: _Line, request: Request, key: bytes) -> Completion:
        try:
            completion = await self._try(line, request, key)
        except RequestError:
            line.alive = True
            raise
        except TransientError as error:
            message = f"model '{line.model.name}' does not answer: {error.message}"
            line.dead = PermanentError(message, error.hint)
            raise line.dead from error
        except PermanentError as error:
            line.dead = error
            raise
        line.alive = True
        return completion

    async def _try(self, line: _Line, request: Request, key: bytes) -> Completion:
        for attempt in range(self._limits.retries + 1):
            async with line.slots:
                await self._wait_for_turn(line)
                self._charge()
                try:
                    completion = await line.session.complete(request)
                except TransientError as error:
                    if attempt == self._limits.retries:
                        self._given_up(line, error)
                        raise
                    wait = self._back_off(attempt, error)
                    self._emit(CallFailed(line.model.name, error.message, wait))
                    if error.retry_after is not None:
                        line.not_before = asyncio.get_running_loop().time() + wait
                except RequestError as error:
                    self._given_up(line, error)
                    raise
                else:
                    if self._commit is not None:  # the slot is held until what was paid for is on disk
                        await self._commit.put((key, completion))
                    line.failed_in_a_row = 0
                    self._count(line.model, completion.usage)
                    return completion
            await self._sleep(wait)
        raise AssertionError("unreachable")

    def _given_up(self, line: _Line, error: BackendError) -> None:
        self._emit(CallFailed(line.model.name, error.message, None))
        line.failed_in_a_row += 1
        if line.failed_in_a_row >= FAILURES_IN_A_ROW:
            raise PermanentError(
                f"{FAILURES_IN_A_ROW} calls of model '{line.model.name}' failed one after the other: {error.message}",
                error.hint or "run the same command again to continue once it is back",
            ) from error

    def _back_off(self, attempt: int, error: TransientError) -> float:
        """Full jitter (Brooker 2015): uniform between 0 and a bound that doubles; a server's wish is a lower bound."""
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
        return max(self._jitter.uniform(0, bound), min(error.retry_after or 0.0, LONGEST_WISH))

    async def _wait_for_turn(self, line: _Line) -> None:
        now = asyncio.get_running_loop().time()
        start = max(now, line.not_before)
        if rate := line.model.backend.requests_per_minute:
            line.not_before = start + 60.0 / rate
        if start > now:
            await self._sleep(start - now)

    def _charge(self) -> None:
        if self._stopped:
            raise asyncio.CancelledError
        limits = self._limits
        if limits.max_calls is not None and self._calls >= limits.max_calls:
            raise BudgetError(f"{self._calls} calls are made: that is max_calls", "raise it and run again to continue")
        if limits.max_cost is not None and self._cost >= limits.max_cost:
            raise BudgetError(f"${self._cost:.4f} is spent: that is max_cost", "raise it and run again to continue")
        self._calls += 1

    def _count(self, model: Model, usage: Usage) -> None:
        cost = cost_of(model, usage)
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
