import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hf_kit import chat, user
from judgebench_hf.backend import HuggingFace
from judgebench_hf.session import opened as session_of
from judgebench_hf.work import Row

from judgebench import Chat, Completion, PermanentError, Sampling, Session, Text
from judgebench.testing.opened import Opened

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]


class Endless:
    """Work that goes on until nobody waits for it, row by row, and counts what it computes."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.computed: list[list[str]] = []

    def read(self, request: Any, stopped: Callable[[], bool]) -> Row:
        return Row(request, tuple(range(len(request.prompt))), 1, stopped)

    def most(self, rows: Sequence[Row]) -> int:
        return len(rows)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        self.computed.append([row.request.prompt for row in rows])
        self.begun.set()
        while any(row.request.prompt.startswith("endless") and not row.stopped() for row in rows):
            time.sleep(0.002)
        return [Completion(row.request.prompt) for row in rows]


def in_session(work: Any, ask: Callable[[Session], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        async with session_of(lambda: {Text: work}, HuggingFace(model="none", **options)) as session:
            await ask(session)

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_cancelled_request_stops_and_the_others_go_on() -> None:
    work = Endless()

    async def ask(session: Session) -> None:
        long = asyncio.create_task(session.complete(Text("endless")))
        await asyncio.to_thread(work.begun.wait)
        waits = [asyncio.create_task(session.complete(Text(text))) for text in ("endless too", "short")]
        await asyncio.sleep(0.01)
        waits[0].cancel()  # before it is begun: it is never computed
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        assert (await waits[1]).text == "short"

    in_session(work, ask)
    assert work.computed == [["endless"], ["short"]]


def test_closing_stops_what_is_in_flight_and_answers_nothing_with_it() -> None:
    work = Endless()
    found: list[BaseException] = []

    async def ask(session: Session) -> None:
        waits = [asyncio.create_task(session.complete(Text(text))) for text in ("endless", "b", "c")]
        await asyncio.to_thread(work.begun.wait)
        waits.append(asyncio.create_task(session.complete(Text("d"))))
        await asyncio.sleep(0)
        await session.close()  # type: ignore[attr-defined]
        found.extend(await asyncio.gather(*waits, return_exceptions=True))  # type: ignore[arg-type]
        with pytest.raises(PermanentError, match="closed"):
            await session.complete(Text("e"))

    in_session(work, ask, batch=1)
    assert len(found) == 4
    assert all(isinstance(error, PermanentError) for error in found)
    assert work.computed == [["endless"]]


def test_rows_are_computed_longest_first_and_so_many_at_once() -> None:
    work = Endless()

    async def ask(session: Session) -> None:
        await asyncio.gather(*(session.complete(Text("x" * n)) for n in (3, 9, 1, 7, 5, 8, 2)))

    in_session(work, ask, batch=3)
    assert [[len(text) for text in batch] for batch in work.computed] == [[9, 8, 7], [5, 3, 2], [1]]


def test_a_cancelled_answer_of_a_real_model_stops_within_a_token(opened: Open, tiny: Path) -> None:
    model = opened(tiny)
    requests = [chat(f"tell me of fox {n}", max_tokens=400) for n in range(8)]
    answers = model.ask_all([*requests])
    longest, request = max(zip(answers, requests, strict=True), key=lambda pair: pair[0].usage.output_tokens)
    assert longest.usage.output_tokens > 200

    async def cancelled() -> None:
        long = asyncio.create_task(model.session.complete(request))
        await asyncio.sleep(0.1)
        long.cancel()
        begun = time.monotonic()
        await model.session.complete(chat("A", max_tokens=1))
        after = time.monotonic() - begun
        begun = time.monotonic()
        await model.session.complete(request)
        assert after < (time.monotonic() - begun) / 3

    model.runner.run(cancelled())


def test_an_unreadable_request_is_refused_and_the_next_one_answered(opened: Open, tiny: Path) -> None:
    with pytest.raises(PermanentError, match="cannot answer dict"):
        opened(tiny).ask({})  # type: ignore[arg-type]
    assert opened(tiny).ask(chat("A", max_tokens=1)).usage.output_tokens == 1


def test_many_requests_each_get_their_own_answer(opened: Open, tiny: Path) -> None:
    asked = [Chat(user(f"fox {n}"), Sampling(max_tokens=2)) for n in range(40)]
    answers = opened(tiny, batch=2).ask_all([*asked])
    assert [answer.usage.input_tokens for answer in answers] == [
        opened(tiny).ask(request).usage.input_tokens for request in asked
    ]
