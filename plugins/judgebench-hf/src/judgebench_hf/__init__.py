"""Hugging Face models in process: checkpoints, adapters and reward models through transformers."""

from collections.abc import Iterable

from judgebench import hookimpl


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The backends `hf` and `hf-reward`."""
    from judgebench_hf.backend import HuggingFace
    from judgebench_hf.reward import HuggingFaceReward

    return [HuggingFace, HuggingFaceReward]
