"""scripted: a model that says what its script says, for tests and examples."""

import hashlib
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import msgspec

from judgebench.core.errors import ConfigError, DataError, PermanentError, RequestError, TransientError
from judgebench.core.request import Chat, Completion, Finish, NextToken, Request, Reward, SequenceScore, Text, Usage
from judgebench.forms.files import read_rows
from judgebench.plugin.as_asked import as_asked
from judgebench.plugin.kinds import Backend, Secret, Session
from judgebench.plugin.options import option

_ERRORS = {"transient": TransientError, "request": RequestError, "permanent": PermanentError}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a script: what is said to a request whose text contains `match`; "" matches every one.

    `logprobs` answer NextToken (without them `reply` is the one token, with log-prob 0), `score`
    answers SequenceScore and Reward, `error` takes the place of any answer.
    """

    match: str = ""
    reply: str = ""
    logprobs: dict[str, float] | None = None
    score: float | None = None
    finish: Finish = "stop"
    error: Literal["transient", "request", "permanent"] | None = None

    def __post_init__(self) -> None:
        """ValueError for numbers that no model gives."""
        if self.logprobs is not None and not all(value <= 0 for value in self.logprobs.values()):
            raise ValueError("a log-probability is above 0")
        if self.score is not None and not math.isfinite(self.score):
            raise ValueError("the score is not finite")


@dataclass(frozen=True)
class Scripted(Backend):
    """Answers from a script, without a model or a network; equal requests get equal answers.

    The first rule in `path` whose text occurs in the request answers it; else one of `replies`,
    chosen by a digest of the request (its seed included, so that repeated draws differ); else
    `default`; else the request is refused. A token is a word; without a rule's score a sequence
    scores minus its length in characters, as a log-probability and as a reward.
    """

    name = "scripted"
    summary = "says what its script says: for tests and examples, no model, no network"
    can = frozenset({Chat, Text, NextToken, SequenceScore, Reward})

    path: str | None = option(None, help='jsonl file of rules {"match": ..., "reply": ...}', identity=False)
    replies: tuple[str, ...] = option((), help="texts for what no rule matches, chosen by the request's digest")
    default: str | None = option(None, help="text for what neither rules nor replies answer; none: refused")
    concurrency: int = option(64, help="requests in flight at once", identity=False)

    def __post_init__(self) -> None:
        """ConfigError without anything to say."""
        if self.path is None and not self.replies and self.default is None:
            raise ConfigError("scripted: there is nothing to say", "give a path to rules, replies or a default")
        if self.concurrency < 1:
            raise ConfigError(f"scripted: concurrency is {self.concurrency}", "give a number from 1 on")

    def fingerprint(self) -> Mapping[str, str]:
        """The rules decide, not the name of their file."""
        return {} if self.path is None else {"rules": hashlib.sha256(msgspec.json.encode(self.rules())).hexdigest()}

    @property
    def slots(self) -> int:
        """The option `concurrency`."""
        return self.concurrency

    def rules(self) -> tuple[Rule, ...]:
        """The rules in the file, in order; DataError that names the line of one that is wrong."""
        return () if self.path is None else tuple(_rule(place, row) for place, row in read_rows(self.path))

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Read the rules once."""
        yield _Script(self, self.rules())


@dataclass(frozen=True, slots=True)
class _Script:
    backend: Scripted
    rules: tuple[Rule, ...]

    async def complete(self, request: Request) -> Completion:
        """What the script says to the request, or the error that it asks for."""
        text = _text(request)
        rule = next((rule for rule in self.rules if rule.match in text), None) or self._otherwise(request)
        if rule.error is not None:
            raise _ERRORS[rule.error](f"scripted: {rule.reply or rule.error}")
        read = len(text.split())
        if isinstance(request, SequenceScore | Reward):
            score = rule.score if rule.score is not None else -float(len(request.response))
            return Completion(usage=Usage(read, len(request.response.split())), score=score)
        if isinstance(request, NextToken):
            given = rule.logprobs if rule.logprobs is not None else {rule.reply: 0.0}
            pairs = sorted(given.items(), key=lambda pair: -pair[1])[: request.top]
            return Completion(pairs[0][0] if pairs else "", "length", Usage(read, 1), tuple(pairs))
        return Completion(rule.reply, rule.finish, Usage(read, len(rule.reply.split())))

    def _otherwise(self, request: Request) -> Rule:
        if replies := self.backend.replies:
            digest = hashlib.blake2b(msgspec.json.encode(as_asked(request)), digest_size=8).digest()
            return Rule(reply=replies[int.from_bytes(digest, "big") % len(replies)])
        if self.backend.default is None:
            return Rule(reply="no rule matches this request", error="request")
        return Rule(reply=self.backend.default)


def _text(request: Request) -> str:
    """What rules are matched against: prompt or messages, and the response to be scored, a newline between them."""
    match request:
        case Text(prompt, _):
            return prompt
        case SequenceScore(messages, response) | Reward(messages, response):
            return "\n".join([*(message.content for message in messages), response])
        case _:
            return "\n".join(message.content for message in request.messages)


def _rule(place: str, row: Mapping[str, object]) -> Rule:
    try:
        return msgspec.convert(row, type=Rule)
    except msgspec.ValidationError as error:
        fields = ", ".join(Rule.__struct_fields__)
        raise DataError(f"{place}: {error}", f"a rule's fields: {fields}") from None


COMPONENT = Scripted
