"""A stand-in for the module `vllm`, made of its documented classes, that records what it is asked.

Its model is a pure function of the token ids before a token, so that every log-probability can be computed anew.
"""

import asyncio
import math
import random
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

PIECES = ("<s>", "<end>", *map(chr, range(32, 127)), "\n", "ü", " A", " B", "A ", "ab")
"""The vocabulary. A text is read piece by piece, the longest first."""
CHATML = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


class Tokenizer:
    """As much of a tokenizer of transformers as is asked of it."""

    bos_token_id: int | None = None

    def __init__(self, template: str | None = CHATML) -> None:
        self.chat_template = template

    def __len__(self) -> int:
        return len(PIECES)

    def __call__(self, text: str, add_special_tokens: bool = True, verbose: bool = True) -> SimpleNamespace:
        text.encode()
        ids = [self.bos_token_id] if add_special_tokens and self.bos_token_id is not None else []
        while text:
            fitting = [number for number, piece in enumerate(PIECES) if text.startswith(piece)]
            ids.append(max(fitting, key=lambda number: len(PIECES[number])))
            text = text[len(PIECES[ids[-1]]) :]
        return SimpleNamespace(input_ids=ids)

    def decode(self, ids: Sequence[int], clean_up_tokenization_spaces: bool = True) -> str:
        assert not clean_up_tokenization_spaces
        return "".join(PIECES[token] for token in ids)

    def batch_decode(self, rows: Sequence[Sequence[int]], clean_up_tokenization_spaces: bool = True) -> list[str]:
        return [self.decode(row, clean_up_tokenization_spaces) for row in rows]

    def apply_chat_template(
        self, turns: object, chat_template: str | None, add_generation_prompt: bool, tokenize: bool
    ) -> str:
        import jinja2

        assert not tokenize
        template = jinja2.Template(chat_template or self.chat_template or "")
        return str(template.render(messages=turns, add_generation_prompt=add_generation_prompt))


def next_logprobs(before: Sequence[int]) -> dict[int, float]:
    """The stand-in model: the log-probability of every token after `before`."""
    chance = random.Random(repr(tuple(before)))
    weights = [chance.expovariate(1) ** 3 + 1e-9 for _ in PIECES]
    return {token: math.log(weight / sum(weights)) for token, weight in enumerate(weights)}


@dataclass
class SamplingParams:
    """Those of vLLM's fields that the backend may set; its own defaults."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int | None = None
    stop: list[str] | None = None
    max_tokens: int | None = 16
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    flat_logprobs: bool = False
    detokenize: bool = True
    output_kind: Any = None

    def __post_init__(self) -> None:
        if not all(self.stop or ()):
            raise VLLMValidationError("stop cannot contain an empty string.")
        if not 0 < self.top_p <= 1:
            raise VLLMValidationError(f"top_p must be in (0, 1], got {self.top_p}.")


@dataclass
class AsyncEngineArgs:
    """Those of vLLM's fields that the backend may set; None where vLLM has a default of its own."""

    model: str
    revision: str | None = None
    runner: str = "auto"
    tokenizer: str | None = None
    tokenizer_revision: str | None = None
    tokenizer_mode: str | None = None
    trust_remote_code: bool = False
    dtype: str = "auto"
    tensor_parallel_size: int = 1
    max_num_seqs: int | None = None
    enable_prefix_caching: bool | None = None
    enforce_eager: bool = False
    seed: int | None = None
    logprobs_mode: str | None = None
    max_logprobs: int = 20
    disable_log_stats: bool = False
    use_tqdm_on_load: bool = True
    max_model_len: int | None = None
    gpu_memory_utilization: float | None = None
    enable_lora: bool = False
    max_loras: int = 1
    max_lora_rank: int = 16


class RequestOutputKind(Enum):
    CUMULATIVE = 0
    DELTA = 1
    FINAL_ONLY = 2


@dataclass
class LoRARequest:
    lora_name: str
    lora_int_id: int
    lora_path: str = ""


class VLLMError(Exception): ...


class VLLMClientError(VLLMError): ...


class VLLMValidationError(VLLMClientError): ...


class VLLMServerError(VLLMError): ...


class EngineGenerateError(VLLMServerError): ...


class EngineDeadError(VLLMServerError): ...


@dataclass(frozen=True)
class Asked:
    """A request as the engine saw it."""

    ids: tuple[int, ...]
    params: SamplingParams
    name: str
    adapter: LoRARequest | None


@dataclass
class Engine:
    """A running engine: answers with `text`, or raises `error`; `flight` is the most requests it had at once."""

    arguments: AsyncEngineArgs
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    asked: list[Asked] = field(default_factory=list)
    adapters: list[LoRARequest] = field(default_factory=list)
    adapter_error: Exception | None = None
    error: Exception | None = None
    finish: str | None = "stop"
    waits: bool = False
    text: str = "An answer."
    now: int = 0
    flight: int = 0
    aborted: int = 0
    stopped: int = 0

    @property
    def model_config(self) -> SimpleNamespace:
        length = self.arguments.max_model_len or 512
        return SimpleNamespace(max_model_len=length, get_vocab_size=lambda: len(PIECES))

    def get_tokenizer(self) -> Tokenizer:
        return self.tokenizer

    async def add_lora(self, request: LoRARequest) -> bool:
        if self.adapter_error is not None:
            raise self.adapter_error
        self.adapters.append(request)
        return True

    def shutdown(self, timeout: float | None = None) -> None:
        self.stopped += 1

    async def generate(
        self, prompt: Mapping[str, Any], params: SamplingParams, name: str, *, lora_request: Any = None
    ) -> AsyncIterator[SimpleNamespace]:
        assert prompt["type"] == "token"
        ids = tuple(prompt["prompt_token_ids"])
        self.asked.append(Asked(ids, params, name, lora_request))
        self.now += 1
        self.flight = max(self.flight, self.now)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if self.error is not None:
                raise self.error
            while self.waits:
                await asyncio.sleep(0.001)
            yield self._output(ids, params)
        except asyncio.CancelledError:
            self.aborted += 1
            raise
        finally:
            self.now -= 1

    def _output(self, ids: tuple[int, ...], params: SamplingParams) -> SimpleNamespace:
        given = None
        if params.logprobs is not None:
            assert params.logprobs == -1
            assert params.flat_logprobs
            values = next_logprobs(ids)
            order = sorted(values, key=lambda token: -values[token])
            order.insert(0, order[0])  # the token that was drawn stands first, and again in its place
            given = SimpleNamespace(token_ids=order, logprobs=[values[token] for token in order])
        prompt = None
        if params.prompt_logprobs is not None:
            prompt = [None] + [
                {ids[at]: SimpleNamespace(logprob=next_logprobs(ids[:at])[ids[at]])} for at in range(1, len(ids))
            ]
        one = SimpleNamespace(
            text=self.text, token_ids=self.tokenizer(self.text).input_ids, finish_reason=self.finish, logprobs=given
        )
        return SimpleNamespace(outputs=[one], prompt_logprobs=prompt, prompt_token_ids=ids)


def install(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> list[Engine]:
    """Put the stand-in in the place of vLLM; the list is of the engines that it starts."""
    started: list[Engine] = []

    def start(arguments: AsyncEngineArgs) -> Engine:
        started.append(Engine(arguments, **settings))
        return started[-1]

    def tokens_input(prompt_token_ids: list[int]) -> dict[str, Any]:
        return {"type": "token", "prompt_token_ids": prompt_token_ids}

    modules: dict[str, dict[str, Any]] = {
        "vllm": {
            "AsyncEngineArgs": AsyncEngineArgs,
            "AsyncLLMEngine": SimpleNamespace(from_engine_args=start),
            "SamplingParams": SamplingParams,
        },
        "vllm.inputs": {"tokens_input": tokens_input},
        "vllm.sampling_params": {"RequestOutputKind": RequestOutputKind},
        "vllm.lora": {},
        "vllm.lora.request": {"LoRARequest": LoRARequest},
        "vllm.exceptions": {"VLLMError": VLLMError, "VLLMClientError": VLLMClientError},
        "vllm.v1": {},
        "vllm.v1.engine": {},
        "vllm.v1.engine.exceptions": {"EngineDeadError": EngineDeadError},
    }
    for name, content in modules.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return started
