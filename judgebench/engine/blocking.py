"""A run's coroutine from plain code, whether or not an event loop is running there."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def _running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def blocking(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, in a thread of its own where this one has a running loop."""
    if not _running():
        asyncio.run(work)
        return
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    async def noted() -> None:
        running.append((asyncio.get_running_loop(), asyncio.current_task()))
        await work

    with ThreadPoolExecutor(1, thread_name_prefix="judgebench") as one:
        done = one.submit(asyncio.run, noted())
        try:
            done.result()
        except KeyboardInterrupt:  # stops the run, not only the wait for it
            for loop, task in running:
                if task is not None:
                    loop.call_soon_threadsafe(task.cancel)
            raise
