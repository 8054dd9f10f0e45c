"""An opened backend for synchronous tests, and folders that look like saved models."""

import asyncio
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from judgebench_vllm.backend import VLLM

from judgebench import Message
from judgebench.testing.opened import Opened, no_secret


@contextmanager
def opened(model: str) -> Iterator[Callable[..., Opened]]:
    """Opens the backend on a folder with some options, as often as it is called."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        def get(**options: Any) -> Opened:
            backend = VLLM(**{"model": model, **options})
            return Opened(runner.run(stack.enter_async_context(backend.open(no_secret))), runner)

        try:
            yield get
        finally:
            runner.run(stack.aclose())


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def write_checkpoint(folder: Path, architecture: str = "LlamaForCausalLM", **files: str) -> Path:
    """A folder that looks like a saved model, for what is told without loading it."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"config.json": json.dumps({"architectures": [architecture]}), "tokenizer.json": "{}", **files}
    for name, text in texts.items():
        (folder / name).write_text(text)
    write_weights(folder / "model.safetensors")
    return folder


def write_adapter(folder: Path, base: str | None, **settings: Any) -> Path:
    """A folder that looks like a saved LoRA adapter."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {"base_model_name_or_path": base, "peft_type": "LORA", "r": 8, **settings}
    (folder / "adapter_config.json").write_text(json.dumps(found))
    write_weights(folder / "adapter_model.safetensors")
    return folder


def write_weights(path: Path) -> None:
    """A .safetensors file that is whole, and holds no tensors."""
    path.write_bytes(struct.pack("<Q", 2) + b"{}")
