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
            try:
                await loop.run_in_executor(self._thread, self._write, [entry for entry, _ in batch])
            except Exception as error:  # handed on to those who wait
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)
        self._writing = None

    async def close(self) -> None:
        """Write what is pending and end the thread."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()
