"""Requests to vLLM's engine, which puts those that wait together into batches by itself."""

import asyncio
import heapq
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from judgebench_hf.likelihood import finite
from judgebench_hf.places import Checkpoint
from judgebench_hf.prompts import Ids, Prompts
from judgebench_hf.vocabulary import Vocabulary

from judgebench import (
    Chat,
    Completion,
    NextToken,
    PermanentError,
    Request,
    RequestError,
    SequenceScore,
    Text,
    TransientError,
    Usage,
)
from judgebench_vllm import engine, sampling


class VLLMSession:
    """A running engine. A request that is cancelled is taken out of the engine."""

    def __init__(self) -> None:
        self._engine: Any = None
        self._adapter: Any = None
        self._numbers = itertools.count()

    async def start(self, arguments: Mapping[str, Any], name: str) -> None:
        """Start the engine. It takes minutes, in which other models are loaded and asked."""

        def keep() -> None:  # returns nothing: a thread's results are held beyond the end of the engine
            self._engine = engine.start(arguments, name)

        await asyncio.to_thread(keep)

    async def prepare(self, template: str | None, checkpoint: Checkpoint) -> None:
        """Make ready what requests need: the tokenizer with its chat template, and the adapter."""
        tokenizer = self._engine.get_tokenizer()
        model = self._engine.model_config
        self._prompts = Prompts(tokenizer, template, model.max_model_len, model.get_vocab_size())
        self._vocabulary = Vocabulary(tokenizer)
        self._adapter = await engine.with_adapter(self._engine, checkpoint)

    def close(self) -> None:
        """End the engine with its processes. Not in a thread: vLLM would take the end for a failure, and log it."""
        running, self._engine = self._engine, None
        if running is not None:
            engine.stop(running)

    async def complete(self, request: Request) -> Completion:
        """Answer one request. RequestError when it does not fit into the context or is refused."""
        if isinstance(request, Chat | Text):
            return await self._answer(request)
        if isinstance(request, NextToken):
            return await self._next_token(request)
        if isinstance(request, SequenceScore):
            return await self._score(request)
        raise PermanentError(f"vllm cannot answer {type(request).__name__}", "use another backend for this judge")

    async def _answer(self, request: Chat | Text) -> Completion:
        ids = self._prompts.text(request.prompt) if isinstance(request, Text) else self._prompts.chat(request.messages)
        output = await self._generated(ids, sampling.answer(request.sampling))
        found = output.outputs[0]
        if found.finish_reason not in ("stop", "length"):
            raise TransientError(f"vLLM broke the answer off ({found.finish_reason})")
        return Completion(found.text, found.finish_reason, Usage(len(ids), len(found.token_ids)))

    async def _next_token(self, request: NextToken) -> Completion:
        ids = self._prompts.chat(request.messages)
        output = await self._generated(ids, sampling.next_token())
        given = output.outputs[0].logprobs
        values = dict(zip(given.token_ids, given.logprobs, strict=True)) if given else {}
        if not values:
            raise RequestError("vLLM gave no log-probs for the next token")
        likely = heapq.nsmallest(max(request.top, 1), values, key=lambda token: (-values[token], token))
        finite(values[likely[0]])
        chosen = self._vocabulary.chosen(likely[: request.top], request.choices, values)
        pairs = self._vocabulary.pairs({token: values[token] for token in chosen})
        return Completion(self._vocabulary.text(likely[0]), "length", Usage(len(ids), 1), pairs)

    async def _score(self, request: SequenceScore) -> Completion:
        # Room for one token more: vLLM computes no prompt without an answer.
        ids, prompt = self._prompts.scored(request.messages, request.response, room=1)
        output = await self._generated(ids, sampling.score())
        found = _own(output.prompt_logprobs, ids)[prompt:]
        return Completion(usage=Usage(prompt, len(found)), score=finite(math.fsum(found)))

    async def _generated(self, ids: Ids, params: Any) -> Any:
        """The engine's last word on a prompt."""
        from vllm.inputs import tokens_input

        if self._engine is None:
            raise PermanentError("the model is closed")
        name = f"judgebench-{next(self._numbers)}"
        try:
            asked = self._engine.generate(tokens_input([*ids]), params, name, lora_request=self._adapter)
            outputs = [output async for output in asked]
        except Exception as error:
            raise engine.explained(error) from error
        if not outputs:
            raise TransientError("vLLM gave no answer")
        return outputs[-1]


def _own(given: Any, ids: Ids) -> Sequence[float]:
    """The log-probability of each token of a prompt given those before it; the first has none, and counts 0 here."""
    if given is None or len(given) != len(ids):
        raise RequestError(f"vLLM gave log-probs for {len(given or ())} of {len(ids)} tokens")
    return [0.0 if entry is None else entry[token].logprob for token, entry in zip(ids, given, strict=True)]
