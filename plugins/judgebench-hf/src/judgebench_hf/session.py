"""Requests to a loaded model, from asyncio: they queue, and one thread that owns the model computes them in batches."""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial

from judgebench import Completion, JudgebenchError, PermanentError, Request, RequestError
from judgebench_hf import memory, switches
from judgebench_hf.batches import Batches, Outcome
from judgebench_hf.loading import libraries
from judgebench_hf.options import Transformers
from judgebench_hf.quiet import quiet
from judgebench_hf.work import Row, Work, Works

GATHER = 0.005
"""Seconds between the first request of a round and its start: those that are asked together come within it."""


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A request that waits. Its future is never marked as running, so that it can be cancelled until it is done."""

    request: Request
    future: "Future[Completion]" = field(default_factory=Future)

    def settle(self, outcome: Outcome) -> None:
        """Hand the outcome over, unless nobody waits any more."""
        with suppress(InvalidStateError):
            if isinstance(outcome, Completion):
                self.future.set_result(outcome)
            else:
                self.future.set_exception(outcome)


class ModelSession:
    """An opened model. A cancelled request stops within one token; so does everything when the session is closed."""

    def __init__(self, load: Callable[[], Works], options: Transformers) -> None:
        self._load, self._options = load, options
        self._queue: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=options.name, daemon=True)

    async def start(self) -> None:
        """Load the model; errors of loading are raised here."""
        self._thread.start()
        await asyncio.wrap_future(self._ready)

    async def complete(self, request: Request) -> Completion:
        """Answer one request. RequestError when it does not fit into the context or is refused."""
        if self._closing.is_set():
            raise _closed()
        ticket = Ticket(request)
        self._queue.put(ticket)
        if self._closing.is_set():  # meanwhile, perhaps after the last look into the queue
            ticket.settle(_closed())
        return await asyncio.wrap_future(ticket.future)

    async def close(self) -> None:
        """Stop what is in flight and release the model."""
        self._closing.set()
        self._queue.put(None)
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            self._own_the_model()
        except BaseException as error:  # of loading; whatever a request raises is its own
            with suppress(InvalidStateError):
                self._ready.set_exception(error)
        finally:
            self._closing.set()
            for ticket in self._waiting():
                ticket.settle(_closed())

    def _own_the_model(self) -> None:
        libraries()
        import torch

        try:
            with quiet(), switches.threads(self._options.threads), torch.inference_mode():
                works = self._load()
                self._ready.set_result(None)
                self._serve(works)
        finally:
            works = {}
            memory.release()

    def _serve(self, works: Works) -> None:
        plain: Callable[[], AbstractContextManager[None]] = nullcontext
        batches = Batches(self._options.rows, switches.deterministic if self._options.deterministic else plain)
        while tickets := self._round():
            try:
                for work, rows in self._read(works, tickets):
                    self._compute(work, rows, batches)
            except BaseException as error:
                for ticket in tickets:
                    ticket.settle(PermanentError(f"the model's thread has ended: {type(error).__name__}: {error}"))
                raise

    def _compute(self, work: Work, rows: Sequence[tuple[Ticket, Row]], batches: Batches) -> None:
        """Batch after batch, the longest rows first: what the first batch has memory for, the others have too."""
        waiting = sorted(rows, key=lambda pair: -len(pair[1].ids))
        while waiting := self._wanted(waiting):
            now = waiting[: batches.first(work, [row for _, row in waiting])]
            outcomes = batches.outcomes(work, [row for _, row in now])
            self._wanted(now)  # one that was stopped is no answer
            for (ticket, _), outcome in zip(now, outcomes, strict=True):
                ticket.settle(outcome)
            waiting = waiting[len(now) :]

    def _read(self, works: Works, tickets: Sequence[Ticket]) -> list[tuple[Work, list[tuple[Ticket, Row]]]]:
        """The requests of a round as rows, by kind of work; what cannot be read is settled at once."""
        found: dict[int, tuple[Work, list[tuple[Ticket, Row]]]] = {}
        for ticket in tickets:
            work = works.get(type(ticket.request))
            if work is None:
                name = type(ticket.request).__name__
                ticket.settle(PermanentError(f"{self._options.name} cannot answer {name}", "use another backend"))
                continue
            try:
                row = work.read(ticket.request, partial(self._stopped, ticket))
            except JudgebenchError as error:
                ticket.settle(error)
            except Exception as error:
                ticket.settle(RequestError(f"the request cannot be read: {type(error).__name__}: {error}"))
            else:
                found.setdefault(id(work), (work, []))[1].append((ticket, row))
        return list(found.values())

    def _wanted(self, rows: Sequence[tuple[Ticket, Row]]) -> list[tuple[Ticket, Row]]:
        """Those that somebody waits for; once the session is closing, nobody does."""
        for ticket, row in rows:
            if row.stopped():
                ticket.settle(_closed())
        return [(ticket, row) for ticket, row in rows if not row.stopped()]

    def _stopped(self, ticket: Ticket) -> bool:
        return self._closing.is_set() or ticket.future.cancelled()

    def _round(self) -> list[Ticket]:
        """What waits, once there is something; nothing when the session is closed."""
        first = self._queue.get()
        time.sleep(GATHER)
        tickets = [ticket for ticket in (first, *self._waiting()) if ticket is not None]
        if self._closing.is_set():
            for ticket in tickets:
                ticket.settle(_closed())
            return []
        return tickets

    def _waiting(self) -> list[Ticket]:
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._queue.get_nowait())
        return [ticket for ticket in found if ticket is not None]


def _closed() -> PermanentError:
    return PermanentError("the model is closed")


@asynccontextmanager
async def opened(load: Callable[[], Works], options: Transformers) -> AsyncIterator[ModelSession]:
    """A session while the block runs; `load` is called in the thread that owns the model."""
    session = ModelSession(load, options)
    try:
        await session.start()
        yield session
    finally:
        await session.close()
