"""What the package's decoders do with a prompt and with settings that a configuration leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass

CHAT_MARK = "<|im_start|>"


@dataclass(frozen=True)
class Decoder:
    """One function of `alpaca_eval.decoders`: its name for the limit of tokens, and its defaults.

    `strips`: blanks around the prompt are taken off before it is sent. What a decoder leaves to its server, such as
    top-p where none is given, is our backends' default.
    """

    limit: str
    tokens: int | None
    temperature: float
    strips: bool = False


DECODERS: Mapping[str, Decoder] = {
    "openai_completions": Decoder("max_tokens", 2048, 0.7, strips=True),
    "anthropic_completions": Decoder("max_tokens_to_sample", 2048, 0.7),
    "bedrock_anthropic_completions": Decoder("max_tokens_to_sample", 2048, 0.7),
    "cohere_completions": Decoder("max_tokens", 1000, 0.7),
    # both set do_sample to false: greedy
    "huggingface_api_completions": Decoder("max_new_tokens", None, 0.0),
    "huggingface_local_completions": Decoder("max_new_tokens", None, 0.0),
    "vllm_local_completions": Decoder("max_new_tokens", None, 1.0),  # the temperature is vLLM's own default
}
ELSEWHERE = frozenset({"model_name", "client_kwargs", "client_function_name", "model_kwargs", "price_per_token"})
"""Settings of a decoder that say who is asked, where and at what price, which our backends' options do."""
WORK = frozenset({"batch_size", "num_procs"})
"""Settings of how the work is shared out."""
FORM = frozenset({"requires_chatml", "is_chatml_prompt"})
"""Settings that say whether the prompt is ChatML. We look at the prompt itself, and a test holds us to them."""
DRAWN = frozenset({"temperature", "top_p", "logprobs", "top_logprobs", "tools", "tool_choice"})
"""Settings that we read."""
