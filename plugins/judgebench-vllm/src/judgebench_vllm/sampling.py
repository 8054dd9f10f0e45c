"""What vLLM's SamplingParams are for each class of requests."""

from typing import Any

from judgebench import RequestError, Sampling
from judgebench_vllm import engine

SEEDS = 2**32 - 1
"""Seeds are taken modulo this: PyTorch's generator for the CPU tells them apart by their lower 32 bits alone."""
COLDEST = 0.01
"""vLLM takes a temperature between 0 and this one for this one."""
HOTTEST = 2.0
"""vLLM refuses temperatures above this one."""


def answer(sampling: Sampling) -> Any:
    """As a request says, and nothing of vLLM's or a checkpoint's own wishes beside it.

    RequestError for what vLLM refuses, or would change in silence. A stop text that is empty stops nothing.
    """
    if 0 < sampling.temperature < COLDEST or sampling.temperature > HOTTEST:
        raise RequestError(
            f"temperature is {sampling.temperature}", f"vLLM draws at 0, and from {COLDEST} to {HOTTEST:.0f}"
        )
    if sampling.max_tokens < 1:
        raise RequestError(f"max_tokens is {sampling.max_tokens}", "give a number from 1 on")
    return _params(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=sampling.max_tokens,
        stop=[text for text in sampling.stop if text],
        seed=None if sampling.seed is None else sampling.seed % SEEDS,
        **({} if sampling.top_k is None else {"top_k": sampling.top_k}),
    )


def next_token() -> Any:
    """One token, with the log-probabilities of the whole vocabulary: the flat form has no object for each of them."""
    return _params(temperature=0.0, max_tokens=1, logprobs=-1, flat_logprobs=True, detokenize=False)


def score() -> Any:
    """The log-probability of each token of the prompt; the one token beyond it that vLLM insists on is not used."""
    return _params(temperature=0.0, max_tokens=1, prompt_logprobs=0, detokenize=False)


def _params(**given: Any) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    try:
        return SamplingParams(output_kind=RequestOutputKind.FINAL_ONLY, **given)
    except Exception as error:
        raise engine.explained(error) from error
