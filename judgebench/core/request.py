"""What a model is asked, and what comes back: one request class per capability of a backend."""

from dataclasses import dataclass
from typing import Literal, NewType

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "content_filter"]

ModelName = NewType("ModelName", str)
"""The type of a component's option that names a model: an entry of `models:`, or `backend:model`."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. `temperature` 0 is greedy; `seed` is filled in by the engine when it is not."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Continue a conversation with one assistant turn; the backend applies the model's chat template."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Text:
    """Continue a raw text; no chat template is applied."""

    prompt: str
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class NextToken:
    """Log-probabilities of the first token of the assistant's turn.

    A backend answers with its `top` most probable tokens, or with exactly `choices` where it can
    score given tokens. Log-probabilities are natural, of the whole vocabulary, at temperature 1.
    """

    messages: tuple[Message, ...]
    choices: tuple[str, ...]
    top: int = 20


@dataclass(frozen=True, slots=True)
class SequenceScore:
    """One number for a given response: its total log-probability (nats), or a reward head's output."""

    messages: tuple[Message, ...]
    response: str


Request = Chat | Text | NextToken | SequenceScore


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the model's server counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A backend's answer to one request, as it came.

    `logprobs` holds (token, natural log-probability) pairs for NextToken, most probable first;
    `score` the number for SequenceScore. A part that was not asked for is None or empty.
    """

    text: str = ""
    finish: Finish | None = None
    usage: Usage = Usage()
    logprobs: tuple[tuple[str, float], ...] = ()
    score: float | None = None
