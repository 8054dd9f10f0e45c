import asyncio
import gc
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hf_kit import chat
from judgebench_hf.backend import HuggingFace
from judgebench_hf.batches import Batches
from judgebench_hf.work import Row

from judgebench import Completion, PermanentError, RequestError, Text
from judgebench.testing.opened import Opened, no_secret

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]


class Narrow:
    """Work with memory for so many rows, one row that always fails, and a device that may break."""

    def __init__(self, memory: int = 99, error: Exception | None = None) -> None:
        self.memory, self.error = memory, error
        self.tried: list[int] = []

    def read(self, request: Any, stopped: Callable[[], bool]) -> Row:
        return Row(request, tuple(range(len(request.prompt))), 1, stopped)

    def most(self, rows: Sequence[Row]) -> int:
        return len(rows)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        self.tried.append(len(rows))
        if len(rows) > self.memory:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        if self.error is not None and any(row.request.prompt == "bad" for row in rows):
            raise self.error
        return [Completion(row.request.prompt) for row in rows]


def outcomes(work: Narrow, *texts: str) -> list[Any]:
    rows = [work.read(Text(text), lambda: False) for text in texts]
    return Batches(8, nullcontext).outcomes(work, rows)


def test_a_batch_beyond_the_memory_is_halved() -> None:
    work = Narrow(memory=2)
    found = outcomes(work, *"abcdefg")
    assert [outcome.text for outcome in found] == [*"abcdefg"]
    assert work.tried == [7, 3, 1, 2, 4, 2, 2]


def test_a_row_beyond_the_memory_loses_itself_alone() -> None:
    work = Narrow(error=RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"))
    found = outcomes(work, "a", "bad", "c", "d")
    assert [type(outcome) for outcome in found] == [Completion, RequestError, Completion, Completion]
    assert "one request of 3 tokens does not fit into the memory" in found[1].message
    for option in ("dtype=bfloat16", "n_ctx", "max_tokens"):
        assert option in found[1].hint
    assert isinstance(outcomes(Narrow(memory=0), "a")[0], RequestError)


def test_a_bad_row_does_not_take_others_with_it() -> None:
    found = outcomes(Narrow(error=ValueError("no such index\nand more")), "a", "bad", "c")
    assert [type(outcome) for outcome in found] == [Completion, RequestError, Completion]
    assert found[1].message == "the model fails: ValueError: no such index"
    refused = RequestError("refused", "by name")
    assert outcomes(Narrow(error=refused), "a", "bad")[1] is refused


def test_a_model_that_fails_at_its_first_request_is_broken() -> None:
    assert type(outcomes(Narrow(error=ValueError("no")), "bad")[0]) is PermanentError
    broken = getattr(torch, "AcceleratorError", None)
    if broken is not None:
        error = broken("CUDA error: device-side assert triggered", 710)
        assert type(outcomes(Narrow(error=error), "a", "bad")[1]) is PermanentError


def test_a_real_model_goes_on_with_smaller_batches(opened: Open, tiny: Path) -> None:
    requests = [chat(f"fox {n}", max_tokens=4) for n in range(9)]
    expected = opened(tiny).ask_all([*requests])
    seen: list[int] = []

    async def run() -> list[Completion]:
        backend = HuggingFace(model=str(tiny), device="cpu", threads=1)
        async with backend.open(no_secret) as session:
            model = next(m for m in causal_models() if id(m) not in known)
            forward = model.forward

            def narrow(*args: Any, **kwargs: Any) -> Any:
                rows = len(kwargs["input_ids"])
                seen.append(rows)
                if rows > 2:
                    raise torch.OutOfMemoryError("CUDA out of memory.")
                return forward(*args, **kwargs)

            model.forward = narrow
            return list(await asyncio.gather(*map(session.complete, requests)))

    known = {id(m) for m in causal_models()}
    assert asyncio.run(run()) == expected
    assert max(seen) == 8
    assert min(seen) <= 2


def causal_models() -> list[Any]:
    return [found for found in gc.get_objects() if type(found).__name__ == "LlamaForCausalLM"]
