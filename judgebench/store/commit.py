"""Group commit: many small writes become few large ones, off the event loop, before any counts as done."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Hands entries to `write` in batches, from one thread; `put` returns when its entry is written.

    While a batch is being written the next one gathers, so a slow disk makes larger batches and
    never more than one writer. An error of `write` is raised by every `put` of its batch.
    """

    def __init__(self, write: Callable[[list[T]], None]) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(1)
        self._pending: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, entry: T) -> None:
        """Write an entry; returns once it is handed to the operating system."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._pending.append((entry, done))
        if self._writing is None:
            self._writing = loop.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending = self._pending, []
            failed = None
            try:
                await loop.run_in_executor(self._thread, self._write, [entry for entry, _ in batch])
            except Exception as error:  # handed on to those who wait
                failed = error
            for _, done in batch:
                if done.done():  # cancelled: nobody waits, the entry is written all the same
                    continue
                if failed is None:
                    done.set_result(None)
                else:
                    done.set_exception(failed)
        self._writing = None

    async def close(self) -> None:
        """Write what is pending and end the thread. Cancelled, it still outlasts the batch that is being written."""
        try:
            while self._writing is not None:
                await asyncio.shield(self._writing)
        finally:
            self._thread.shutdown()
