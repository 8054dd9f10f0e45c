"""GGUF models in process: llama.cpp through the prebuilt wheel of xllamacpp, no server and no compiler."""

from collections.abc import Iterable

from judgebench import hookimpl


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The backend `llamacpp`."""
    from judgebench_llamacpp.backend import LlamaCpp

    return [LlamaCpp]
