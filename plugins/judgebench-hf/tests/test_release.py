import asyncio
import gc
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import chat, save, tiny_config
from judgebench_hf import loading
from judgebench_hf.backend import HuggingFace

from judgebench import PermanentError
from judgebench.testing.opened import Opened, no_secret

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_closing_releases_the_model_and_another_one_can_be_opened(tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    save(LlamaForCausalLM(tiny_config(hidden_size=1024, intermediate_size=4096)), tmp_path / "large")
    gc.collect()
    size = (tmp_path / "large" / "model.safetensors").stat().st_size
    assert size > 100e6
    said = []

    async def held() -> tuple[int, int]:
        backend = HuggingFace(model=str(tmp_path / "large"), device="cpu", threads=1)
        async with backend.open(no_secret) as session:
            said.append(await session.complete(chat("A", max_tokens=2)))
            during = resident()
        return during, resident()

    first = asyncio.run(held())
    second = asyncio.run(held())
    assert said[0] == said[1]
    for during, after in (first, second):
        assert after < during - 0.8 * size


def test_loading_fails_in_two_lines_and_leaves_no_thread(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())

    async def run(device: str = "cpu") -> None:
        async with HuggingFace(model=str(tiny), device=device).open(no_secret):
            raise AssertionError("it was opened")

    def out_of_memory(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(loading, "_tokenizer", out_of_memory)
    with pytest.raises(PermanentError, match="does not fit into the memory") as caught:
        asyncio.run(run())
    assert "dtype=bfloat16" in caught.value.hint
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(Exception, match="torch and transformers cannot be loaded") as missing:
        asyncio.run(run())
    assert missing.value.hint == "pip install judgebench-hf"  # type: ignore[attr-defined]
    monkeypatch.undo()
    for device in ("cuda", "abacus"):
        if device == "abacus" or not torch.cuda.is_available():
            with pytest.raises(PermanentError, match="there is no"):
                asyncio.run(run(device))
    assert set(threading.enumerate()) <= before


def test_nothing_is_said_and_no_switch_is_left(tiny: Path) -> None:
    code = f"""
import asyncio, logging, os, sys
from judgebench import Chat, Message, Reward, Sampling
from judgebench_hf.backend import HuggingFace
async def main():
    backend = HuggingFace(model={str(tiny)!r}, device="cpu", threads=1, deterministic=True)
    async with backend.open(lambda name: None) as session:
        request = Chat((Message("user", "word " * 90),), Sampling(max_tokens=3, temperature=1.0))
        assert (await session.complete(request)).usage.output_tokens
asyncio.run(main())
import torch, transformers.utils.logging as talk
from huggingface_hub.utils.tqdm import are_progress_bars_disabled
assert talk.is_progress_bar_enabled() and not are_progress_bars_disabled()
assert not torch.are_deterministic_algorithms_enabled()
assert not [handler.filters for handler in logging.getLogger("transformers").handlers if handler.filters]
print(torch.get_num_threads() == len(os.sched_getaffinity(0)), os.environ["GOMP_SPINCOUNT"])
"""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "GOMP_"))}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True 1000\n"


def test_other_threads_are_still_heard(opened: Open, tiny: Path) -> None:
    opened(tiny).ask(chat("A", max_tokens=1))
    heard = io.StringIO()
    handler = logging.getLogger("transformers").handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(heard)
    try:
        logging.getLogger("transformers.trainer").warning("a loss of one's own")
    finally:
        handler.setStream(before)
    assert "a loss of one's own" in heard.getvalue()
