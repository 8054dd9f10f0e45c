"""The end of a group commit: nothing that was put is lost, nobody is left waiting."""

import asyncio
import threading

import pytest
from gate import Gate, run

from judgebench.store.commit import GroupCommit


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
        await chained
        assert gate.batches == [[number] for number in range(20)]

    run(main())
