"""vLLM's asynchronous engine: how it is started, and what its failures mean for a run."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from judgebench_hf.places import Checkpoint

from judgebench import BackendError, JudgebenchError, PermanentError, PluginError, RequestError, TransientError
from judgebench_vllm import checkpoints

ENVIRONMENT = {
    # Boards go to standard output; vLLM's own lines, which go there too by default, do not belong among them.
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # a fork of a process with threads may hang
    "VLLM_NO_USAGE_STATS": "1",
}
"""What vLLM reads from the environment when it is imported; a user's own settings stay."""
PATIENCE = 30.0
"""Seconds that vLLM's processes have to end by themselves: its own limit of five is short for a busy machine."""
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""The highest ranks of adapters that vLLM can be told to make room for."""
_MEMORY = (
    "vLLM says why above; where memory is short: a smaller n_ctx or parallel; another gpu_memory (higher: more room "
    "for prompts; lower: for other programs and for log-probabilities); tensor_parallel for several GPUs"
)


def library() -> Any:
    """The module `vllm`. PluginError where it cannot be imported."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import vllm
    except ImportError as error:
        raise PluginError(f"vllm cannot be loaded: {error}", "pip install vllm") from None
    return vllm


def start(arguments: Mapping[str, Any], name: str) -> Any:
    """A running engine. PermanentError where vLLM refuses the arguments, or its processes do not come up."""
    vllm = library()
    try:
        return vllm.AsyncLLMEngine.from_engine_args(vllm.AsyncEngineArgs(**arguments))
    except Exception as error:  # vLLM raises what it likes, and the reason is often in another process
        raise PermanentError(f"vLLM cannot load '{name}': {_told(error)}", _MEMORY) from error


def stop(engine: Any) -> None:
    """End an engine and its processes; those that are not done after PATIENCE are killed."""
    engine.shutdown(timeout=PATIENCE)


async def with_adapter(engine: Any, checkpoint: Checkpoint) -> Any:
    """The adapter as requests name it, loaded; None where there is none. PermanentError where vLLM refuses it."""
    if checkpoint.adapter is None:
        return None
    from vllm.lora.request import LoRARequest

    adapter = checkpoint.adapter
    folder, _ = await asyncio.to_thread(checkpoints.address, adapter)
    request = LoRARequest(lora_name=adapter.name, lora_int_id=1, lora_path=folder)
    try:
        loaded = await engine.add_lora(request)
    except Exception as error:
        raise PermanentError(
            f"vLLM cannot load the adapter '{adapter.name}': {_told(error)}",
            "merge it into its model and give the folder of that: vLLM knows fewer kinds of adapters than peft",
        ) from error
    if not loaded:
        raise PermanentError(f"vLLM has not loaded the adapter '{adapter.name}'", "is it for this model?")
    return request


def explained(error: Exception) -> JudgebenchError:
    """What an error of a request means for the run, by its class alone."""
    from vllm.exceptions import VLLMClientError, VLLMError
    from vllm.v1.engine.exceptions import EngineDeadError

    if isinstance(error, JudgebenchError):
        return error
    if isinstance(error, EngineDeadError):
        return PermanentError("vLLM's engine has ended", _MEMORY)
    if isinstance(error, VLLMClientError | ValueError | TypeError):
        return RequestError(f"vLLM refuses the request: {_told(error)}")
    if isinstance(error, VLLMError):
        return TransientError(f"vLLM could not answer: {_told(error)}", _MEMORY)
    return _unknown(error)


def _unknown(error: Exception) -> BackendError:
    return PermanentError(f"vLLM fails: {type(error).__name__}: {_told(error)}", "does this version of vLLM fit?")


def room(rank: int) -> int:
    """The smallest of vLLM's ranks that holds an adapter. PermanentError where none does."""
    found = next((room for room in _RANKS if room >= rank), None)
    if found is None:
        raise PermanentError(f"the adapter has rank {rank}, and vLLM takes {_RANKS[-1]} at most", "merge it")
    return found


def _told(error: BaseException) -> str:
    """An error's first line; of one that says nothing, what it was raised from, or its class."""
    listed = getattr(error, "errors", None)
    if callable(listed):  # pydantic's, by which vLLM checks its arguments: the first line is a count
        return str(listed()[0]["msg"])
    lines = str(error).strip().splitlines()
    if not lines and error.__cause__ is not None:
        return f"{type(error.__cause__).__name__}: {_told(error.__cause__)}"
    return lines[0] if lines else type(error).__name__
