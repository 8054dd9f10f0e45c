"""A model that answers every request, chosen by the request's digest."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from judgebench.core.request import Chat, Completion, NextToken, Request, Reward, SequenceScore, Text, Usage

REPLIES = (
    "Both answer the question; the first is more complete.\n[[A]]",
    "Both answer the question; the second is more complete.\n[[B]]",
    "They are equally good.\n[[C]]",
    "The first is much better.\n[[A>>B]]",
    "The second is somewhat better.\n[[B>A]]",
    "It is correct and clear.\n[[7]]",
    "It has a mistake.\nRating: [[3]]",
    "It is relevant and complete.\nScore: 4",
    "It is only relevant.\nScore: 1",
    '{"reason": "The first is clearer.", "verdict": "A"}',
    '{"reason": "It is clear.", "rating": 6}',
    "The first one is better, since it is complete.\n1",
    "m",
    "M",
    "4",
)
"""Judgments in the forms that judges are told to end with, and a few that are none to most of them."""


@dataclass(frozen=True)
class Answering:
    """A session that answers requests of every class, equal ones alike: no script, no model, no network.

    A Chat or Text gets one of `replies`. NextToken gets log-probabilities of the choices and of one other token, which
    sum to less than 1; SequenceScore a negative one, a token a word; Reward a number between -5 and 5.
    """

    replies: Sequence[str] = REPLIES

    async def complete(self, request: Request) -> Completion:
        """The answer."""
        number = _number(request)
        match request:
            case Chat() | Text():
                text = self.replies[number % len(self.replies)]
                return Completion(text, "stop", Usage(_read(request), len(text.split())))
            case NextToken(_, choices, top):
                pairs = _shares((*choices, "The"), number)[:top]
                return Completion(pairs[0][0] if pairs else "", "length", Usage(_read(request), 1), tuple(pairs))
            case SequenceScore(_, response):
                words = len(response.split())
                return Completion(usage=Usage(_read(request), words), score=-0.1 - (words + 1) * (number % 97) / 97)
            case Reward():
                return Completion(usage=Usage(_read(request), 0), score=(number % 1001) / 100 - 5)


def _number(request: Request) -> int:
    """A number that is the same for equal requests."""
    data = msgspec.json.encode((type(request).__name__, request))
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _read(request: Request) -> int:
    """How many tokens a request has, where a word is one."""
    texts = [request.prompt] if isinstance(request, Text) else [message.content for message in request.messages]
    return sum(len(text.split()) for text in texts)


def _shares(tokens: Sequence[str], number: int) -> list[tuple[str, float]]:
    """Tokens with log-probabilities that differ and sum to 0.98 as probabilities, the likeliest first."""
    shares = [1 + (number >> 7 * k) % 101 for k in range(len(tokens))]
    pairs = [(token, math.log(0.98 * share / sum(shares))) for token, share in zip(tokens, shares, strict=True)]
    return sorted(pairs, key=lambda pair: -pair[1])
