"""An `ask` for tests of judges and policies: it remembers what it was asked, fails when told to, and can wait."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from judgebench.core.item import Sample
from judgebench.core.request import Chat, Completion, Request, Text
from judgebench.plugin.kinds import Backend, Session
from judgebench.testing.answering import REPLIES, Answering
from judgebench.testing.opened import no_secret


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of `ask`."""

    model: str
    request: Request
    draw: int


class Asking:
    """An `Ask` over a session or a backend, without cache, retry and budget; calls are numbered from 1.

        ask = Asking(replies=["It is right. [[A]]"], fails={2: RequestError("too long")})
        samples = asyncio.run(judge.sample(trial, ask))
        assert ask.asked[0].model == "m"

    Args:
        over: a session, or a backend, which is opened for each call; None: `Answering(replies)`.
        replies: texts for Chat and Text, chosen by the request's digest, where `over` is None.
        fails: what is raised instead of an answer, by the number of the call; 0: by every other call.
        waits: numbers of calls that never end, unless they are cancelled; `waiting` is set when one begins.
    """

    def __init__(
        self,
        over: Backend | Session | None = None,
        *,
        replies: Sequence[str] = REPLIES,
        fails: Mapping[int, BaseException] | None = None,
        waits: Collection[int] = (),
    ) -> None:
        self.over: Backend | Session = Answering(replies) if over is None else over
        self.fails = dict(fails or {})
        self.waits = frozenset(waits)
        self.asked: list[Asked] = []
        self.waiting = asyncio.Event()

    async def __call__(self, model: str, request: Request, draw: int = 0) -> Sample:
        """The sample for a request; a drawn text without a seed gets one from `draw`, as in a run."""
        self.asked.append(Asked(model, request, draw))
        number = len(self.asked)
        if number in self.waits:
            self.waiting.set()
            await asyncio.Event().wait()
        if (error := self.fails.get(number, self.fails.get(0))) is not None:
            raise error
        if isinstance(request, Chat | Text) and request.sampling.temperature > 0 and request.sampling.seed is None:
            request = replace(request, sampling=replace(request.sampling, seed=draw))
        return Sample(model, await self._answer(request))

    async def _answer(self, request: Request) -> Completion:
        if not isinstance(self.over, Backend):
            return await self.over.complete(request)
        async with self.over.open(no_secret) as session:
            return await session.complete(request)
