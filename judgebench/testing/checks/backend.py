"""What every backend does once it is opened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from judgebench.core.errors import JudgebenchError
from judgebench.core.request import Completion, Request
from judgebench.plugin.kinds import Backend, Session
from judgebench.testing import examples
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.checks.privacy import MARKER
from judgebench.testing.completed import well_formed
from judgebench.testing.opened import no_secret
from judgebench.testing.rule import Rule
from judgebench.testing.running import PATIENCE, outcome
from judgebench.testing.subject import Subject

MOST = 16
"""Requests that are asked at once, at most."""


def answers_what_it_can(subject: Subject[Backend]) -> None:
    """A request of each class of `can` gets a well-formed answer."""

    async def ask(session: Session) -> None:
        for request in _asked(subject):
            well_formed(request, await session.complete(request))

    _opened(subject, ask)


def refuses_what_it_cannot(subject: Subject[Backend]) -> None:
    """A request of another class is an error of the tree, not an answer."""
    others = [cls for cls in examples.requests() if cls not in subject.built.can]

    async def ask(session: Session) -> None:
        for cls in others:
            try:
                answer = await session.complete(examples.requests()[cls][0])
            except JudgebenchError:
                continue
            except Exception as error:
                seen = f"{type(error).__name__}: {error} for a {cls.__name__}, which it cannot"
                raise NotConforming(seen, "a RequestError or PermanentError") from error
            raise NotConforming(f"it answers a {cls.__name__}, which it cannot: {answer}", "a PermanentError")

    _opened(subject, ask)


def repeats_greedy_answers(subject: Subject[Backend]) -> None:
    """Equal requests without a draw get equal answers, one after the other.

    A backend that has an option or property `deterministic` says by it whether that is promised.
    """
    if not getattr(subject.built, "deterministic", True):
        raise NotChecked("it is not deterministic as it is built: give deterministic=True")

    async def ask(session: Session) -> None:
        for cls in subject.built.can:
            request = next((one for one in _asked(subject) if isinstance(one, cls)), None)
            if request is None:
                continue
            first, again = await session.complete(request), await session.complete(request)
            if _said(first) != _said(again):
                seen = f"two equal {cls.__name__} got {_said(first)} and {_said(again)}"
                raise NotConforming(seen, "equal answers to equal greedy requests")

    _opened(subject, ask)


def answers_many_at_once(subject: Subject[Backend]) -> None:
    """More requests than it has slots, all in flight at once, each get their own well-formed answer."""
    slots = subject.built.slots
    if not isinstance(slots, int) or slots < 1:
        raise NotConforming(f"slots is {slots!r}", "a number from 1 on")

    async def ask(session: Session) -> None:
        given = _asked(subject)
        many = [given[k % len(given)] for k in range(max(len(given), min(2 * slots, MOST)))]
        for request, answer in zip(many, await asyncio.gather(*map(session.complete, many)), strict=True):
            well_formed(request, answer)

    _opened(subject, ask)


def survives_a_cancellation(subject: Subject[Backend]) -> None:
    """After a call in flight was cancelled, the session answers as before."""

    async def ask(session: Session) -> None:
        request = _asked(subject)[0]
        await session.complete(request)
        for pauses in (1, 5):
            task = asyncio.ensure_future(session.complete(request))
            for _ in range(pauses):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=PATIENCE)
            if not task.done():
                raise NotConforming("a cancelled call goes on", "CancelledError passes")
            if not task.cancelled() and (error := task.exception()) is not None:
                seen = f"a cancelled call raises {type(error).__name__}: {error}"
                raise NotConforming(seen, "CancelledError passes") from error
        try:
            answer = await asyncio.wait_for(session.complete(request), 6 * PATIENCE)
        except Exception as error:
            seen = f"after a cancellation: {type(error).__name__}: {error}"
            raise NotConforming(seen, "the session answers as before") from error
        well_formed(request, answer)

    _opened(subject, ask)


def leaves_nothing_behind(subject: Subject[Backend]) -> None:
    """Once it is closed, no task of it goes on."""

    async def work() -> None:
        before = asyncio.all_tasks()
        async with _session(subject) as session:
            await session.complete(_asked(subject)[0])
        for _ in range(3):  # a task that was cancelled ends in the loop's next rounds
            await asyncio.sleep(0)
        if left := asyncio.all_tasks() - before:
            raise NotConforming(f"{len(left)} task(s) go on after it is closed: {left}", "open() ends what it began")

    outcome(work())


def says_what_secret_is_missing(subject: Subject[Backend]) -> None:
    """Without the secrets that it names, opening or asking it is an error of the tree."""
    backend = subject.built
    if not backend.secrets:
        raise NotChecked("it needs no secret")

    async def work() -> None:
        async with backend.open(no_secret) as session:
            await session.complete(_asked(subject)[0])

    try:
        outcome(work())
    except JudgebenchError:
        return
    except Exception as error:
        raise NotConforming(f"without its secret: {type(error).__name__}: {error}", "a PermanentError") from error
    raise NotConforming(f"it answers without {', '.join(backend.secrets)}, which it says it needs", "a PermanentError")


def tells_no_secret(subject: Subject[Backend]) -> None:
    """The secret that it is opened with shows neither in its texts nor in its errors."""
    backend = subject.built
    said: dict[str, str] = {}

    async def work() -> None:
        async with backend.open(lambda name: MARKER) as session:
            others: list[Request] = [first for first, *_ in examples.requests().values()]
            for request in (*_asked(subject), *others):
                try:
                    await session.complete(request)
                except Exception as error:
                    said[f"its error about a {type(request).__name__}"] = _chain(error)
            said["the session's repr()"], said["the session's str()"] = repr(session), str(session)

    try:
        outcome(work())
    except Exception as error:
        said["its error"] = _chain(error)
    for where, text in {**said, "repr()": repr(backend), "str()": str(backend)}.items():
        if MARKER in text:
            raise NotConforming(f"{where} holds the secret that it was opened with", "secrets appear nowhere")


def _chain(error: BaseException | None) -> str:
    """An error with its hint, and those that it comes of where they are shown."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error), str(getattr(error, "hint", ""))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(texts)


def _asked(subject: Subject[Backend]) -> list[Request]:
    """What it is asked: the requests that were given, else some of each class that it says it can answer."""
    can, known = subject.built.can, examples.requests()
    if not can or not can <= set(known):
        raise NotConforming(f"can is {can!r}", f"some of {', '.join(cls.__name__ for cls in known)}")
    return list(subject.given.requests) or [request for cls in known if cls in can for request in known[cls]]


@asynccontextmanager
async def _session(subject: Subject[Backend]) -> AsyncIterator[Session]:
    secret = subject.given.secret or (lambda name: MARKER)
    async with subject.built.open(secret) as session:
        yield session


def _opened(subject: Subject[Backend], ask: Callable[[Session], Coroutine[Any, Any, None]]) -> None:
    async def work() -> None:
        async with _session(subject) as session:
            await ask(session)

    outcome(work())


def _said(answer: Completion) -> tuple[Any, ...]:
    """What of an answer is not its time."""
    return answer.text, answer.finish, answer.usage, answer.logprobs, answer.score


RULES = (
    Rule("answers what it says it can", answers_what_it_can),
    Rule("refuses what it cannot", refuses_what_it_cannot, lambda cls: not cls.can >= set(examples.requests())),
    Rule("answers equal greedy requests alike", repeats_greedy_answers),
    Rule("answers many requests at once", answers_many_at_once),
    Rule("answers on after a cancelled call", survives_a_cancellation),
    Rule("leaves nothing behind when it is closed", leaves_nothing_behind),
    Rule("says that a secret is missing", says_what_secret_is_missing),
    Rule("keeps the secret that it is opened with", tells_no_secret),
)
