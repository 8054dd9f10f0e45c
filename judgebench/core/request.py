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
    """How tokens are drawn. `temperature` 0 is greedy; `seed` is filled in by the engine when it is not.

    `top_k`: only so many of the likeliest tokens are drawn from; None: no bound, and nothing is sent.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()
    seed: int | None = None
    top_k: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Continue a conversation with one assistant turn; the backend applies the model's chat template.

    `schema` is a JSON schema, as JSON, that the answer is held to. A backend that cannot do so (`Backend.guides`) is
    not given it: whoever asks must be able to read a free text too.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Continue a raw text; no chat template is applied."""

    prompt: str
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class NextToken:
    """Log-probabilities of the first token of the assistant's turn.

    A backend answers with its `top` most probable tokens and, where it can score given tokens, with every further
    one that spells one of the `choices` (blanks around it aside). Log-probabilities are natural, of the whole
    vocabulary, at temperature 1.
    """

    messages: tuple[Message, ...]
    choices: tuple[str, ...]
    top: int = 20


@dataclass(frozen=True, slots=True)
class SequenceScore:
    """The log-probability (nats) of a given response as the assistant's next turn: the sum over its tokens.

    Its tokens are all that the model's chat template sets after the generation prompt, the end of the turn included,
    as in training on it. The completion's `usage.output_tokens` is their number.
    """

    messages: tuple[Message, ...]
    response: str


@dataclass(frozen=True, slots=True)
class Reward:
    """The output of a reward head for a given response as the assistant's next turn: higher is better, no unit."""

    messages: tuple[Message, ...]
    response: str


Request = Chat | Text | NextToken | SequenceScore | Reward


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the model's server counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A backend's answer to one request, as it came.

    `logprobs` holds (token, natural log-probability) pairs for NextToken, most probable first;
    `score` the number for SequenceScore and Reward. A part that was not asked for is None or empty. `guided`: the text
    was held to the request's JSON schema while it was written. `seconds`: how long the answer took, others in flight or
    not; the engine measures it where a backend does not say.
    """

    text: str = ""
    finish: Finish | None = None
    usage: Usage = Usage()
    logprobs: tuple[tuple[str, float], ...] = ()
    score: float | None = None
    guided: bool = False
    seconds: float | None = None
