"""What `openai` writes to a server and reads from it, as pure functions of bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from judgebench.core.errors import PermanentError
from judgebench.core.request import Chat, Completion, Finish, NextToken, Request, Sampling, Text, Usage

_FINISH: Mapping[str | None, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",  # text-generation-inference
    "stop_sequence": "stop",
    "end_turn": "stop",  # gateways that pass other vendors' words on
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",  # Mistral: the context is full
    "content_filter": "content_filter",
}
_BROKEN_OFF = frozenset({"abort", "error", "insufficient_system_resource"})
"""The server itself gave up amid the answer (vLLM and SGLang, Mistral, DeepSeek): the text is no answer."""
_encoder = msgspec.json.Encoder()


class Unreadable(Exception):
    """A body with status 200 that is no answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is asked, for messages; the key is here to be hidden in whatever a server says."""

    base_url: str
    model: str
    key_name: str | None
    key: str | None = field(default=None, repr=False)

    def quote(self, text: str, room: int = 200) -> str:
        """A server's text on one line of at most `room` characters, without any word that shows the key.

        Servers also echo keys masked in the middle: a word with the key's first or last four
        characters goes too, where the key is long enough for that to mean anything.
        """
        marks = () if self.key is None else (self.key,) if len(self.key) < 12 else (self.key[:4], self.key[-4:])
        words = ("[hidden]" if any(mark in word for mark in marks) else word for word in text.split())
        line = "".join(char for char in " ".join(words) if char.isprintable())
        return line if len(line) <= room else line[: room - 1] + "…"


@dataclass(frozen=True, slots=True)
class Wire:
    """How a request becomes the body of a POST."""

    model: str
    max_tokens_field: str
    top_logprobs: int
    extra: Mapping[str, Any]

    def body(self, request: Request) -> tuple[str, bytes]:
        """Path below the base URL, and JSON. `extra` has the last word; a null in it leaves the field out."""
        fields: dict[str, Any] = {"model": self.model}
        match request:
            case Chat(messages, sampling, schema):
                path = "/chat/completions"
                fields |= {"messages": messages, **_sampling(sampling, self.max_tokens_field), **_guided(schema)}
            case NextToken(messages, _, top):
                path = "/chat/completions"
                fields |= {"messages": messages, "temperature": 0.0, self.max_tokens_field: 1}
                fields |= {"logprobs": True, "top_logprobs": min(top, self.top_logprobs)}
            case Text(prompt, sampling):
                path = "/completions"  # the older interface, which knows one name for the limit
                fields |= {"prompt": prompt, **_sampling(sampling, "max_tokens")}
            case _:
                raise PermanentError(
                    f"an OpenAI-compatible server cannot answer a {type(request).__name__}",
                    "hf, hf-reward and vllm score a given response",
                )
        if self.extra:
            fields = {key: value for key, value in {**fields, **self.extra}.items() if value is not None}
        return path, _encoder.encode(fields)


def _sampling(sampling: Sampling, limit: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        limit: sampling.max_tokens,
    }
    if sampling.stop:
        fields["stop"] = sampling.stop
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    if sampling.top_k is not None:  # no field of OpenAI's own servers, which refuse it
        fields["top_k"] = sampling.top_k
    return fields


def _guided(schema: str | None) -> dict[str, Any]:
    if schema is None:
        return {}
    wanted = {"name": "answer", "strict": True, "schema": msgspec.Raw(schema.encode())}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


class _Message(msgspec.Struct):
    content: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None  # vLLM's newer name, OpenRouter's too


class _Token(msgspec.Struct):
    token: str
    logprob: float | None = None


class _Position(msgspec.Struct):
    top_logprobs: list[_Token] | None = None


class _Logprobs(msgspec.Struct):
    content: list[_Position] | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


_decoder = msgspec.json.Decoder(_Answer)


def completion(data: bytes, request: Request) -> Completion:
    """The completion in an answer's body. Unreadable when it is not JSON of the expected form, or broken off.

    A finish reason that nobody has defined becomes None. Reasoning given apart from the content
    stands before it in `<think>` tags.
    """
    try:
        answer = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"the answer is not the expected JSON: {error}") from None
    if not answer.choices:
        raise Unreadable(f"the answer holds no choice: {data[:300].decode(errors='replace')}")
    choice = answer.choices[0]
    if choice.finish_reason in _BROKEN_OFF:
        raise Unreadable(f"the server broke the answer off: {choice.finish_reason}")
    message = choice.message
    said = None if message is None else _text(message)
    text = choice.text if isinstance(request, Text) else said
    if text is None:
        raise Unreadable("the answer's first choice holds no text")
    usage = answer.usage or _Usage()
    return Completion(
        text,
        _FINISH.get(choice.finish_reason),
        Usage(usage.prompt_tokens or 0, usage.completion_tokens or 0),
        _first_token(choice) if isinstance(request, NextToken) else (),
        guided=isinstance(request, Chat) and request.schema is not None,
    )


def _text(message: _Message) -> str:
    content = message.content or ""
    reasoning = message.reasoning_content or message.reasoning
    return f"<think>{reasoning}</think>{content}" if isinstance(reasoning, str) else content


def _first_token(choice: _Choice) -> tuple[tuple[str, float], ...]:
    positions = choice.logprobs.content if choice.logprobs is not None else None
    found = (positions[0].top_logprobs or ()) if positions else ()
    pairs = [(entry.token, entry.logprob) for entry in found if entry.logprob is not None]
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))
