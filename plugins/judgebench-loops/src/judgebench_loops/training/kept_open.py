"""Backends that stay open from one run to the next, in a thread of their own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from judgebench import Backend, Completion, Request, Secret, Session

KEPT = {"hf": "hf-kept", "hf-reward": "hf-reward-kept"}
"""What the backends are called that stay open: a run's models have one name each."""


class KeptOpen:
    """Sessions by backend, opened when they are first asked for and released together."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kept-open", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._sessions: dict[str, Session] = {}

    async def session(self, key: str, backend: Backend, secret: Secret) -> Session:
        """The session of this key, as every event loop can use it; errors of opening are raised here."""
        if key not in self._sessions:
            await self._there(self._opened(key, backend, secret))
        return Passing(self._loop, self._sessions[key])

    def close(self) -> None:
        """Release all of them."""
        asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _opened(self, key: str, backend: Backend, secret: Secret) -> None:
        self._sessions[key] = await self._stack.enter_async_context(backend.open(secret))

    async def _there(self, work: Coroutine[Any, Any, None]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


@dataclass(frozen=True, slots=True)
class Passing:
    """Passes requests on to a session in another event loop."""

    loop: asyncio.AbstractEventLoop
    session: Session

    async def complete(self, request: Request) -> Completion:
        """The session's own answer, or its error."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.session.complete(request), self.loop))


def kept_backend(name: str, held: KeptOpen) -> type[Backend]:
    """The backend `name` under its name in `KEPT`: opening it a second time finds it open."""
    from judgebench_hf.backend import HuggingFace
    from judgebench_hf.reward import HuggingFaceReward

    plain: Any = HuggingFace if name == "hf" else HuggingFaceReward

    class Kept(plain):  # type: ignore[misc]  # which of the two it is, is known at run time alone
        """Stays open when a run has ended."""

        summary = "a model in this process that stays loaded from run to run"

        @asynccontextmanager
        async def open(self, secret: Secret) -> AsyncIterator[Session]:
            """The session that is open already, or a new one that stays so."""
            yield await held.session(repr(self), plain(**vars(self)), secret)

    Kept.name = KEPT[name]
    return dataclass(frozen=True)(Kept)
