"""Group commit: what was put is written, in order, and its waiters learn what became of it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.store.commit import GroupCommit

Batches = list[list[int]]


class Gate:
    """A `write` that notes its batches, and waits at each while the gate is closed."""

    def __init__(self, fails: Callable[[list[int]], bool] = lambda batch: False) -> None:
        self.batches: Batches = []
        self.threads: set[int] = set()
        self.inside = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self._fails = fails

    def __call__(self, batch: list[int]) -> None:
        self.threads.add(threading.get_ident())
        self.inside.set()
        assert self.open.wait(10)
        self.inside.clear()
        if self._fails(batch):
            raise OSError(f"no room for {batch}")
        self.batches.append(list(batch))

    async def entered(self) -> None:
        assert await asyncio.to_thread(self.inside.wait, 10)


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 20))


def test_a_put_returns_when_its_entry_is_written() -> None:
    async def main() -> None:
        gate = Gate()
        gate.open.clear()
        commit = GroupCommit(gate)
        put = asyncio.create_task(commit.put(1))
        await gate.entered()
        assert not put.done()
        gate.open.set()
        await put
        assert gate.batches == [[1]]
        assert gate.threads.isdisjoint({threading.get_ident()})
        await commit.close()

    run(main())


def test_what_comes_while_a_batch_is_written_is_the_next_batch() -> None:
    async def main() -> None:
        gate = Gate()
        gate.open.clear()
        commit = GroupCommit(gate)
        puts = [asyncio.create_task(commit.put(0))]
        await gate.entered()
        puts += [asyncio.create_task(commit.put(number)) for number in range(1, 100)]
        await asyncio.sleep(0)
        gate.open.set()
        await asyncio.gather(*puts)
        assert gate.batches == [[0], list(range(1, 100))]
        await commit.close()

    run(main())


@given(st.lists(st.integers(0, 3), max_size=30))
def test_order_is_kept_and_one_writes(pauses: list[int]) -> None:
    async def main() -> None:
        gate = Gate()
        commit = GroupCommit(gate)

        async def put(number: int) -> None:
            await commit.put(number)

        puts = []
        for number, pause in enumerate(pauses):
            puts.append(asyncio.create_task(put(number)))
            for _ in range(pause):
                await asyncio.sleep(0)
        await asyncio.gather(*puts)
        await commit.close()
        assert [number for batch in gate.batches for number in batch] == list(range(len(pauses)))
        assert all(gate.batches)
        assert len(gate.threads) <= 1

    run(main())


def test_an_error_reaches_the_waiters_of_its_batch_alone() -> None:
    async def main() -> None:
        gate = Gate(fails=lambda batch: 3 in batch)
        gate.open.clear()
        commit = GroupCommit(gate)
        first = [asyncio.create_task(commit.put(0))]
        await gate.entered()
        bad = [asyncio.create_task(commit.put(number)) for number in (2, 3, 4)]
        await asyncio.sleep(0)
        gate.open.set()
        await asyncio.gather(*first)
        for task in bad:
            with pytest.raises(OSError, match=r"no room for \[2, 3, 4\]"):
                await task
        await commit.put(5)
        assert gate.batches == [[0], [5]]
        await commit.close()

    run(main())


def test_an_entry_outlives_its_waiter() -> None:
    async def main() -> None:
        gate = Gate()
        gate.open.clear()
        commit = GroupCommit(gate)
        puts = [asyncio.create_task(commit.put(0))]
        await gate.entered()
        puts += [asyncio.create_task(commit.put(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        puts[0].cancel()  # in the batch that is being written
        puts[1].cancel()  # in the next one
        await asyncio.sleep(0)
        gate.open.set()
        await puts[2]
        assert [put.cancelled() for put in puts] == [True, True, False]
        assert gate.batches == [[0], [1, 2]]
        await commit.put(3)
        await commit.close()
        assert gate.batches[-1] == [3]

    run(main())


def test_a_failure_without_waiters_is_no_trouble() -> None:
    async def main() -> None:
        gate = Gate(fails=lambda batch: batch == [0])
        gate.open.clear()
        commit = GroupCommit(gate)
        put = asyncio.create_task(commit.put(0))
        await gate.entered()
        put.cancel()
        await asyncio.sleep(0)
        gate.open.set()
        await commit.put(1)
        assert gate.batches == [[1]]
        await commit.close()

    run(main())


def test_close_waits_for_all_that_was_put() -> None:
    async def main() -> None:
        gate = Gate()
        gate.open.clear()
        commit = GroupCommit(gate)
        puts = [asyncio.create_task(commit.put(0))]
        await gate.entered()
        puts += [asyncio.create_task(commit.put(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        for put in puts:
            put.cancel()
        closing = asyncio.create_task(commit.close())
        await asyncio.sleep(0.01)
        assert not closing.done()
        gate.open.set()
        await closing
        assert gate.batches == [[0], [1, 2]]

    run(main())


def test_a_close_that_is_cancelled_outlasts_the_batch_and_leaves_nobody_waiting() -> None:
    async def main() -> None:
        gate = Gate()
        gate.open.clear()
        commit = GroupCommit(gate)
        puts = [asyncio.create_task(commit.put(0))]
        await gate.entered()
        puts.append(asyncio.create_task(commit.put(1)))
        closing = asyncio.create_task(commit.close())
        await asyncio.sleep(0)
        threading.Timer(0.05, gate.open.set).start()
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert gate.batches == [[0]]  # whoever closes the file after `close` does so after the write
        await puts[0]
        with pytest.raises(RuntimeError):  # the thread is gone: said, not passed over
            await puts[1]

    run(main())


def test_a_put_after_close_is_an_error_and_no_hang() -> None:
    async def main() -> None:
        gate = Gate()
        commit = GroupCommit(gate)
        await commit.close()
        await commit.close()
        with pytest.raises(RuntimeError):
            await commit.put(1)
        assert gate.batches == []

    run(main())


def test_a_put_that_follows_a_put_is_written_before_close_returns() -> None:
    async def main() -> None:
        gate = Gate()
        commit = GroupCommit(gate)

        async def chain() -> None:
            for number in range(20):
                await commit.put(number)

        chained = asyncio.create_task(chain())
        await asyncio.sleep(0)
        await commit.close()
        written = [number for batch in gate.batches for number in batch]
        assert written == list(range(len(written)))
        assert written
        with pytest.raises(RuntimeError):
            await chained
            raise RuntimeError

    run(main())
