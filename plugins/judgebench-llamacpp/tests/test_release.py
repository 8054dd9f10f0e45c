import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from judgebench_llamacpp.backend import LlamaCpp
from llamacpp_kit import chat

from judgebench.testing.opened import Opened, no_secret

pytestmark = pytest.mark.model
Open = Callable[..., Opened]


def test_a_cancelled_request_frees_its_slot(opened: Open) -> None:
    model = opened(deterministic=True)

    async def cancelled() -> str:
        long = asyncio.create_task(model.session.complete(chat("Tell me a long story.", max_tokens=4000)))
        await asyncio.sleep(0.3)
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        return (await asyncio.wait_for(model.session.complete(chat("Hello!", max_tokens=2)), 20)).text

    assert model.runner.run(cancelled())


def test_closing_releases_the_model_and_leaves_others_alone(opened: Open, model: str) -> None:
    async def held() -> tuple[int, int]:
        async with LlamaCpp(model=model, n_ctx=8192).open(no_secret) as session:
            await session.complete(chat("Hello!", max_tokens=1))
            during = resident()
        return during, resident()

    other = opened(deterministic=True)
    before = other.ask(chat("Hello!", max_tokens=3))
    during, after = other.runner.run(held())
    assert after < during - 50e6
    assert other.ask(chat("Hello!", max_tokens=3)) == before


def test_nothing_is_left_in_the_file_system_while_a_model_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with asyncio.Runner() as runner:

        async def during() -> list[Path]:
            async with LlamaCpp(model=model, n_ctx=256).open(no_secret):
                return list(tmp_path.iterdir())

        assert runner.run(during()) == []


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_model_that_is_closed_at_once_is_released(model: str) -> None:
    async def open_and_close() -> None:
        for _ in range(6):
            async with LlamaCpp(model=model, n_ctx=256).open(no_secret):
                pass

    asyncio.run(open_and_close())
