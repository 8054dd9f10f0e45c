"""Backends without a model."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from judgebench import Backend, Chat, Completion, NextToken, PermanentError, Request, Secret, Session, Usage, option
from judgebench.testing import Answering

_NUMBERS = itertools.count()
_TASKS: set["asyncio.Task[None]"] = set()


@dataclass(frozen=True)
class Good(Backend):
    """Answers by the request's digest, with a key that it must have."""

    name = "good"
    summary = "a good backend"
    can = frozenset({Chat, NextToken})

    model: str = option("m", help="nothing")

    @property
    def secrets(self) -> tuple[str, ...]:
        return ("GOOD_API_KEY",)

    @property
    def slots(self) -> int:
        return 4

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        if (key := secret("GOOD_API_KEY")) is None:
            raise PermanentError("there is no GOOD_API_KEY", "set it")
        yield Opened(self, key)

    async def answer(self, request: Request) -> Completion:
        if type(request) not in self.can:
            raise PermanentError(f"{self.name} cannot answer a {type(request).__name__}")
        await asyncio.sleep(0)
        return await Answering().complete(request)


class Opened:
    """A session that keeps its key to itself."""

    def __init__(self, backend: Good, key: str) -> None:
        self.backend, self.key = backend, key

    async def complete(self, request: Request) -> Completion:
        return await self.backend.answer(request)


@dataclass(frozen=True)
class Unsorted(Good):
    """The unlikeliest token comes first."""

    name = "unsorted"

    async def answer(self, request: Request) -> Completion:
        found = await super().answer(request)
        return replace(found, logprobs=found.logprobs[::-1])


@dataclass(frozen=True)
class BadUsage(Good):
    """Counts no tokens."""

    name = "bad-usage"

    async def answer(self, request: Request) -> Completion:
        return replace(await super().answer(request), usage=Usage(-1, 0))


@dataclass(frozen=True)
class Boasting(Good):
    """Answers what it cannot."""

    name = "boasting"

    async def answer(self, request: Request) -> Completion:
        return Completion("?") if type(request) not in self.can else await super().answer(request)


@dataclass(frozen=True)
class Drawing(Good):
    """Answers the same request otherwise each time."""

    name = "drawing"

    async def answer(self, request: Request) -> Completion:
        found = await super().answer(request)
        return replace(found, text=f"{found.text} {next(_NUMBERS)}")


class Busy(Opened):
    """Fails where two requests meet."""

    waiting = 0

    async def complete(self, request: Request) -> Completion:
        if self.waiting:
            return Completion(finish="busy")  # type: ignore[arg-type]
        self.waiting += 1
        try:
            return await super().complete(request)
        finally:
            self.waiting -= 1


@dataclass(frozen=True)
class Alone(Good):
    """Cannot answer two requests at once."""

    name = "alone"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        async with super().open(secret) as session:
            assert isinstance(session, Opened)
            yield Busy(self, session.key)


class Fragile(Opened):
    """Is lost once a call was cancelled."""

    lost = False

    async def complete(self, request: Request) -> Completion:
        if self.lost:
            raise PermanentError("the connection is lost")
        try:
            return await super().complete(request)
        except asyncio.CancelledError:
            self.lost = True
            raise


@dataclass(frozen=True)
class Breaking(Good):
    """Does not survive a cancelled call."""

    name = "breaking"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        async with super().open(secret) as session:
            assert isinstance(session, Opened)
            yield Fragile(self, session.key)


@dataclass(frozen=True)
class Leaving(Good):
    """Leaves a task behind."""

    name = "leaving"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        async with super().open(secret) as session:
            _TASKS.add(asyncio.ensure_future(asyncio.sleep(3600)))
            yield session


@dataclass(frozen=True)
class Trusting(Good):
    """Takes it that the key is there."""

    name = "trusting"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        key = secret("GOOD_API_KEY")
        yield Opened(self, key.strip())  # type: ignore[union-attr]


class Told(Opened):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"Told({self.key})"


@dataclass(frozen=True)
class Telling(Good):
    """Its session shows the key."""

    name = "telling"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        async with super().open(secret) as session:
            assert isinstance(session, Opened)
            yield Told(self, session.key)


class Quoting(Opened):
    """Says its key where it fails."""

    async def complete(self, request: Request) -> Completion:
        try:
            return await super().complete(request)
        except PermanentError as error:
            raise PermanentError(f"{error}, key {self.key}") from None


@dataclass(frozen=True)
class TellingErrors(Good):
    """Its errors quote the key."""

    name = "telling-errors"

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        async with super().open(secret) as session:
            assert isinstance(session, Opened)
            yield Quoting(self, session.key)


CAN, MANY = "answers what it says it can", "answers many requests at once"
SURVIVES = "answers on after a cancelled call"
KEEPS = "keeps the secret that it is opened with"
GOOD = (Good,)
BROKEN = (
    (CAN, Unsorted, (MANY,)),
    (CAN, BadUsage, (MANY, SURVIVES)),
    ("refuses what it cannot", Boasting, ()),
    ("answers equal greedy requests alike", Drawing, ()),
    (MANY, Alone, ()),
    (SURVIVES, Breaking, ()),
    ("leaves nothing behind when it is closed", Leaving, ()),
    ("says that a secret is missing", Trusting, ()),
    (KEEPS, Telling, ()),
    (KEEPS, TellingErrors, ()),
)
