"""Coroutines from checks, which are plain functions."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from judgebench.engine.blocking import blocking
from judgebench.testing.asking import Asking
from judgebench.testing.check import NotConforming

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds that a check waits for what should come at once."""


def outcome(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, whether or not an event loop is running here."""
    found: list[T] = []

    async def kept() -> None:
        found.append(await work)

    blocking(kept())
    return found[0]


async def cancelled(work: Coroutine[Any, Any, Any], ask: Asking) -> None:
    """NotConforming unless the work, cancelled while `ask` waits, ends with the cancellation and leaves no task."""
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(work)
    waits = asyncio.ensure_future(ask.waiting.wait())
    await asyncio.wait({task, waits}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    waits.cancel()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done or not task.cancelled():
        raise NotConforming(f"it swallows the cancellation of a call, and {_ended(task)}", "CancelledError passes")
    await asyncio.sleep(0)
    if left := asyncio.all_tasks() - before - {waits}:
        raise NotConforming(f"{len(left)} task(s) of its own go on after it was cancelled", "it ends what it began")


def _ended(task: "asyncio.Task[Any]") -> str:
    if not task.done():
        return "goes on"
    error = task.exception()
    return "returns" if error is None else f"raises {type(error).__name__}"
