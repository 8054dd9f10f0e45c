"""Requests as digests know them: a field that came later, and is not used, changes no digest of what was paid for."""

from dataclasses import dataclass
from typing import Any

from judgebench.core.request import Chat, Message, Request, Sampling, Text


@dataclass(frozen=True, slots=True)
class _Sampling:
    temperature: float
    top_p: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int | None


@dataclass(frozen=True, slots=True)
class _Chat:
    messages: tuple[Message, ...]
    sampling: Sampling | _Sampling


@dataclass(frozen=True, slots=True)
class _Text:
    prompt: str
    sampling: _Sampling


def as_asked(request: Request) -> Any:
    """What stands for a request in a digest: itself, without the fields `schema` and `top_k` where they are None."""
    match request:
        case Chat(messages, sampling, None):
            return _Chat(messages, _drawn(sampling))
        case Text(prompt, sampling) if sampling.top_k is None:
            return _Text(prompt, _sampling(sampling))
        case _:
            return request


def _drawn(sampling: Sampling) -> Sampling | _Sampling:
    return _sampling(sampling) if sampling.top_k is None else sampling


def _sampling(sampling: Sampling) -> _Sampling:
    return _Sampling(sampling.temperature, sampling.top_p, sampling.max_tokens, sampling.stop, sampling.seed)
