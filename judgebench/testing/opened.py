"""A backend's session, asked from synchronous tests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from judgebench.core.request import Completion, Request
from judgebench.plugin.kinds import Session


def no_secret(name: str) -> None:
    """Finds no secret: what a backend without a key is opened with."""
    return


@dataclass
class Opened:
    """An opened session, and the runner of the event loop in which it was opened."""

    session: Session
    runner: asyncio.Runner

    def ask(self, request: Request) -> Completion:
        """The answer to one request."""
        return self.runner.run(self.session.complete(request))

    def ask_all(self, requests: Sequence[Request]) -> list[Completion]:
        """The answers to requests that are asked at once, in their order."""

        async def together() -> list[Completion]:
            return await asyncio.gather(*map(self.session.complete, requests))

        return self.runner.run(together())
