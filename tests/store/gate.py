"""A `write` that tests can hold back."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

Batches = list[list[int]]


class Gate:
    """A `write` that notes its batches, and waits at each while the gate is closed."""

    def __init__(self, fails: Callable[[list[int]], bool] = lambda batch: False) -> None:
        self.batches: Batches = []
        self.threads: set[int] = set()
        self.inside = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self._fails = fails

    def __call__(self, batch: list[int]) -> None:
        self.threads.add(threading.get_ident())
        self.inside.set()
        assert self.open.wait(10)
        self.inside.clear()
        if self._fails(batch):
            raise OSError(f"no room for {batch}")
        self.batches.append(list(batch))

    async def entered(self) -> None:
        assert await asyncio.to_thread(self.inside.wait, 10)


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 20))
