"""A pytest plugin for the tests of plugins.

    pytest_plugins = ["judgebench.testing.fixtures"]

in the outermost conftest.py, or `-p judgebench.testing.fixtures`, brings

- `loopback`: `loopback(delay=..., replies=...)` starts an OpenAI-compatible server, which ends with the module;
- `asking`: an `Asking`, which answers for the models of a judge or policy, and remembers what it was asked;
- `opened`: `opened(backend)` opens a backend for synchronous tests, once in a module for equal backends.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack

import pytest

from judgebench.plugin.kinds import Backend, Secret
from judgebench.testing.asking import Asking
from judgebench.testing.loopback import Server, serve
from judgebench.testing.opened import Opened, no_secret


@pytest.fixture(scope="module")
def loopback() -> Iterator[Callable[..., Server]]:
    """Starts servers by `serve`'s arguments; they end with the module."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serve(**settings))


@pytest.fixture
def asking() -> Asking:
    """An `ask` that answers every request, chosen by its digest."""
    return Asking()


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[..., Opened]]:
    """Opens backends, `opened(backend, secret=no_secret)`; equal ones are opened once, and closed with the module."""
    with asyncio.Runner() as runner:
        stack, known = AsyncExitStack(), list[tuple[Backend, Secret, Opened]]()

        def get(backend: Backend, secret: Secret = no_secret) -> Opened:
            for other, theirs, there in known:
                if other == backend and theirs is secret:
                    return there
            made = Opened(runner.run(stack.enter_async_context(backend.open(secret))), runner)
            known.append((backend, secret, made))
            return made

        yield get
        runner.run(stack.aclose())
