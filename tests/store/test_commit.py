"""Group commit: what was put is written, in order, and its waiters learn what became of it."""

import asyncio
import threading

import pytest
from gate import Gate, run
from hypothesis import given
from hypothesis import strategies as st

from judgebench.store.commit import GroupCommit


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
