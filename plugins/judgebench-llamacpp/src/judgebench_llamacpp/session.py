"""Requests to a loaded model, from asyncio: each waits in a thread of its own, which the engine wakes per token."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from judgebench import (
    BackendError,
    Chat,
    Completion,
    NextToken,
    PermanentError,
    Request,
    RequestError,
    Sampling,
    Text,
    TransientError,
    Usage,
)

if TYPE_CHECKING:
    import xllamacpp

Chunk = dict[str, Any]
_ANY_TEXT = [["A", 1000.0]]
"""Makes the emitted token an A. The log-probs stay the model's own; without it they would be missing whenever the
likeliest token is no whole character or ends the text."""
_STREAM = {"stream": True, "return_progress": True, "stream_options": {"include_usage": True}}
"""An answer in pieces: after each the request can be cancelled."""
_RANDOM_SEED = 2**32 - 1
"""llama.cpp takes this seed as: none."""


class LlamaSession:
    """An opened model. Cancelling a request frees its slot within one token, or STEP tokens of the prompt."""

    def __init__(self, server: "xllamacpp.Server", slots: int, chat: bool) -> None:
        self._server: xllamacpp.Server | None = server
        self._chat = chat
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="llamacpp")

    async def complete(self, request: Request) -> Completion:
        """Answer one request. RequestError when it does not fit into the context or is refused."""
        cancelled = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            chunks = await loop.run_in_executor(self._threads, self._ask, request, cancelled)
        finally:
            cancelled.set()
        return _completion(chunks, request)

    async def close(self) -> None:
        """Cancel what is in flight and release the model."""
        self._closing.set()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._server = None

    def _ask(self, request: Request, cancelled: threading.Event) -> list[Chunk]:
        handle, body = self._handler(request)
        chunks: list[Chunk] = []

        def receive(chunk: Chunk) -> bool:
            chunks.append(chunk)
            return cancelled.is_set() or self._closing.is_set()

        try:
            handle({**body, **_STREAM}, receive)
        except (ValueError, RuntimeError) as error:  # a conversation that the template refuses, broken Unicode
            raise RequestError(f"llama.cpp refuses the request: {error}") from None
        return chunks

    def _handler(self, request: Request) -> tuple[Callable[[Chunk, Callable[[Chunk], bool]], None], Chunk]:
        assert self._server is not None, "the session is closed"
        if isinstance(request, Text):
            return self._server.handle_completions, {"prompt": request.prompt, **_sampling(request.sampling)}
        if isinstance(request, Chat | NextToken):
            if not self._chat:
                raise PermanentError("the model's file holds no chat template", "give one: chat_template=FILE")
            rows = [{"role": message.role, "content": message.content} for message in request.messages]
            asked = _written(request) if isinstance(request, Chat) else _next_token(request)
            return self._server.handle_chat_completions, {"messages": rows, **asked}
        raise PermanentError(f"llamacpp cannot answer {type(request).__name__}", "use another backend for this judge")


def _sampling(sampling: Sampling) -> Chunk:
    if sampling.max_tokens < 1:
        raise RequestError(f"max_tokens is {sampling.max_tokens}", "give a number from 1 on")
    body: Chunk = {"temperature": sampling.temperature, "top_p": sampling.top_p, "max_tokens": sampling.max_tokens}
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.seed is not None:
        body["seed"] = sampling.seed % _RANDOM_SEED
    if sampling.top_k is not None:
        body["top_k"] = sampling.top_k
    return body


def _written(request: Chat) -> Chunk:
    body = _sampling(request.sampling)
    if request.schema is not None:  # as a grammar: a schema itself goes by the parser that `engine.load` turns off
        body["grammar"] = _grammar(request.schema)
    return body


def _grammar(schema: str) -> str:
    import xllamacpp

    try:
        found: str = xllamacpp.json_schema_to_grammar(json.loads(schema))
    except (ValueError, TypeError, RuntimeError) as error:
        raise RequestError(f"the JSON schema of the answer is none that llama.cpp can hold to: {error}") from None
    return found


def _next_token(request: NextToken) -> Chunk:
    return {
        "temperature": 0.0,
        "max_tokens": 1,
        "logprobs": True,
        "top_logprobs": request.top,
        "logit_bias": _ANY_TEXT,
    }


def _completion(chunks: list[Chunk], request: Request) -> Completion:
    text: list[str] = []
    finish, usage = None, Usage()
    tokens: list[tuple[str, float]] = []
    for chunk in chunks:
        if "error" in chunk:
            raise _failure(chunk["error"])
        for choice in chunk["choices"]:
            text.append(choice["text"] if isinstance(request, Text) else choice["delta"].get("content") or "")
            finish = choice["finish_reason"] or finish
            if not tokens and choice.get("logprobs"):
                first = choice["logprobs"]["content"][0]["top_logprobs"]
                tokens = [(entry["token"], entry["logprob"]) for entry in first]
        if "usage" in chunk:
            usage = Usage(chunk["usage"]["prompt_tokens"], chunk["usage"]["completion_tokens"])
    if finish is None:
        raise TransientError("llama.cpp broke the answer off", "is there memory left?")
    if not isinstance(request, NextToken):
        guided = isinstance(request, Chat) and request.schema is not None
        return Completion("".join(text), finish, usage, guided=guided)
    if not tokens:
        raise RequestError("llama.cpp gave no log-probs for the next token")
    tokens.sort(key=lambda pair: -pair[1])
    return Completion(tokens[0][0], "length", usage, tuple(tokens))


def _failure(error: Chunk) -> BackendError:
    message = str(error.get("message", "no reason given"))
    if error.get("type") == "exceed_context_size_error":
        return RequestError(f"context overflow: {message}", "raise n_ctx, the context of one slot")
    if error.get("code", 500) >= 500:
        return TransientError(f"llama.cpp failed: {message}")
    return RequestError(f"llama.cpp refuses the request: {message}")
