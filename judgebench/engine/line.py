"""A line to one open model: slots, pace, the first call alone, and tries again by error class."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from judgebench.core.errors import PermanentError, RequestError, TransientError
from judgebench.core.events import CallFailed, Event
from judgebench.core.request import Completion, Request
from judgebench.engine.entrant import Model
from judgebench.plugin.kinds import Session

Sleep = Callable[[float], Awaitable[None]]
Charge = Callable[[], AbstractContextManager[None]]
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds: a back-off is drawn between 0 and a bound that begins with the first, doubles, and ends with the second."""
LONGEST_WISH = 600.0
"""Seconds: a server that wants a longer pause than this gets another try after it, and is then given up."""
FAILURES_IN_A_ROW = 20
"""So many calls of one model that time out or break for good one after the other end the run: its server is gone.
A refused request says nothing about the server, and does not count."""
FAILED_PROBES = 2
"""So many first calls that fail for good end the run: one alone may be the request's own fault."""


@dataclass(slots=True)
class Line:
    """An open session with what is known of its health. Time is the event loop's; sleep and jitter are parameters."""

    model: Model
    session: Session
    retries: int
    emit: Callable[[Event], None]
    sleep: Sleep
    jitter: random.Random
    _slots: asyncio.Semaphore = field(init=False)
    _probe: asyncio.Lock = field(default_factory=asyncio.Lock)
    _alive: bool = False
    _dead: PermanentError | None = None
    _not_before: float = 0.0
    _next_turn: float = 0.0
    _failed_in_a_row: int = 0

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.model.backend.slots)

    async def call(self, request: Request, charge: Charge, keep: Callable[[Completion], Awaitable[None]]) -> Completion:
        """One completion. `charge` surrounds each try and may refuse it; `keep` is awaited before the slot is free.

        TransientError when every try failed, RequestError when this request is refused, PermanentError
        when the model cannot be asked at all: by the first call, or after many failures in a row.
        """
        if self._alive:
            return await self._try(request, charge, keep)
        async with self._probe:  # first calls go alone: a wrong key costs one request, not sixty-four
            if self._dead is not None:
                raise self._dead
            if not self._alive:
                return await self._first(request, charge, keep)
        return await self._try(request, charge, keep)

    async def _first(
        self, request: Request, charge: Charge, keep: Callable[[Completion], Awaitable[None]]
    ) -> Completion:
        try:
            completion = await self._try(request, charge, keep)
        except RequestError:
            self._alive = True
            raise
        except TransientError as error:
            if self._failed_in_a_row < FAILED_PROBES:
                raise
            message = f"model '{self.model.name}' does not answer: {error.message}"
            self._dead = PermanentError(message, error.hint)
            raise self._dead from error
        except PermanentError as error:
            self._dead = error
            raise
        self._alive = True
        return completion

    async def _try(self, request: Request, charge: Charge, keep: Callable[[Completion], Awaitable[None]]) -> Completion:
        for attempt in range(self.retries + 1):
            async with self._slots:
                await self._wait_for_turn()
                try:
                    with charge():
                        completion = await self._timed(request)
                except TransientError as error:
                    if attempt == self.retries:
                        self._given_up(error)
                        raise
                    wait = self._back_off(attempt, error)
                    self.emit(CallFailed(self.model.name, error.message, wait))
                    if error.retry_after is not None:
                        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + wait)
                except RequestError as error:
                    self.emit(CallFailed(self.model.name, error.message, None))
                    raise
                else:
                    await keep(completion)
                    self._failed_in_a_row = 0
                    return completion
            await self.sleep(wait)
        raise AssertionError("unreachable")

    async def _timed(self, request: Request) -> Completion:
        loop = asyncio.get_running_loop()
        began = loop.time()
        completion = await self.session.complete(request)
        if completion.seconds is not None:
            return completion
        return replace(completion, seconds=round(loop.time() - began, 3))

    def _given_up(self, error: TransientError) -> None:
        self.emit(CallFailed(self.model.name, error.message, None))
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= FAILURES_IN_A_ROW:
            raise PermanentError(
                f"{FAILURES_IN_A_ROW} calls of model '{self.model.name}' failed one after the other: {error.message}",
                error.hint or "run the same command again to continue once it is back",
            ) from error

    def _back_off(self, attempt: int, error: TransientError) -> float:
        """Full jitter (Brooker 2015): uniform between 0 and a bound that doubles; a server's wish is a lower bound."""
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
        return max(self.jitter.uniform(0, bound), min(error.retry_after or 0.0, LONGEST_WISH))

    async def _wait_for_turn(self) -> None:
        """Wait until the server's wish and the pace allow a call; a wish that comes meanwhile is heeded too."""
        loop = asyncio.get_running_loop()
        if rate := self.model.backend.requests_per_minute:
            turn = max(loop.time(), self._next_turn)
            self._next_turn = turn + 60.0 / rate
            if turn > loop.time():
                await self.sleep(turn - loop.time())
        while (wait := self._not_before - loop.time()) > 0:
            await self.sleep(wait)
