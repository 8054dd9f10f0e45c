"""Models in vLLM's engine: batched answers, log-probabilities and adapters without a server."""

from collections.abc import Iterable

from judgebench import hookimpl


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The backend `vllm`."""
    from judgebench_vllm.backend import VLLM

    return [VLLM]
