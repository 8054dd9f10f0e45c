"""What an answer to a request of each class is like."""

import math
from collections.abc import Sequence

from judgebench.core.request import Chat, Completion, NextToken, Request, Reward, SequenceScore, Text
from judgebench.testing.check import NotConforming
from judgebench.testing.strategies.conversations import FINISHES


def well_formed(request: Request, answer: Completion) -> None:
    """NotConforming unless the answer is one to the request."""
    what = type(request).__name__
    if not isinstance(answer, Completion):
        raise NotConforming(f"a {what} is answered by {type(answer).__name__}", "a Completion")
    if answer.finish not in FINISHES:
        raise NotConforming(f"finish is {answer.finish!r}", f"one of {FINISHES}")
    usage = (answer.usage.input_tokens, answer.usage.output_tokens)
    if not all(isinstance(count, int) and count >= 0 for count in usage):
        raise NotConforming(f"usage is {answer.usage}", "whole numbers from 0 on")
    match request:
        case Chat() | Text():
            if not isinstance(answer.text, str):
                raise NotConforming(f"the text is {answer.text!r}", "a text")
        case NextToken():
            _distribution(request, answer.logprobs)
        case SequenceScore() | Reward():
            if answer.score is None or not math.isfinite(answer.score):
                raise NotConforming(f"the score of a {what} is {answer.score!r}", "a finite number")
            if isinstance(request, SequenceScore) and answer.score > 0:
                raise NotConforming(f"the log-probability of a response is {answer.score}", "a number up to 0")


def _distribution(request: NextToken, pairs: Sequence[tuple[str, float]]) -> None:
    values = [value for _, value in pairs]
    if not pairs or not all(isinstance(value, float) and value <= 0 for value in values):
        raise NotConforming(f"log-probabilities are {values}", "one or more numbers up to 0")
    if values != sorted(values, reverse=True):
        raise NotConforming(f"log-probabilities are {values}", "the likeliest token first")
    beyond = [token for token, _ in pairs[request.top :] if token.strip() not in request.choices]
    if beyond:
        seen = f"beside its {request.top} likeliest tokens it tells {beyond}"
        raise NotConforming(seen, "no others but those that spell a choice")
    if sum(map(math.exp, values)) > 1 + 1e-3:
        raise NotConforming(f"probabilities sum to {sum(map(math.exp, values)):.4f}", "no more than 1")
