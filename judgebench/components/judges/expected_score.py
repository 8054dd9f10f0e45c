"""expected-score: a judge whose score is the mean of the scores that its next token may be."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Sample, Score, Trial
from judgebench.core.request import NextToken, SequenceScore
from judgebench.judging.choice_tokens import masses
from judgebench.judging.prompted import Prompted
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import option
from judgebench.plugin.transcript import points

TOP = 20
"""Tokens that every server returns if asked: more scores than these could not all be seen."""
Points = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

WORDING = """\
Question: {{ question }}

{% if reference %}An answer known to be right: {{ reference }}

{% endif %}Answer: {{ answers[0] }}

How good is this answer, from {{ least }} (useless) to {{ most }} (nothing to improve)? Answer with the number alone."""
"""Short, as that of `logprob`, for the sake of small models."""


@dataclass(frozen=True)
class ExpectedScore(Prompted):
    """Each response is shown alone; its score is Σ i·P(i) over the whole numbers from `least` to `most`.

    P(i) is renormalised over those numbers. `normalise` maps the score to [-1, 1] by (s - middle) / half the scale.
    The verdict is a Score of fractions: of two responses the higher is better, and a tie is two equal numbers.

    `by=tokens` reads the next token, each number in all its spellings with blanks. Many tokenisers write 10 as 1 and
    then 0: P("1") then holds the 10 as well. So where a number of several digits is not among the returned tokens, and
    what it begins with has more than the share `ambiguous` of all that was read, there is no verdict. With
    `most=9` no number begins with another one. (A vocabulary may hold a token 10 that its tokeniser never writes;
    backends that score given tokens return it, and nothing here can tell.)
    `by=sequences` scores each number as the whole answer, the end of the turn included, and takes the softmax over
    their log-probabilities: exact for every tokeniser, with one call a number. For tokens of one digit both are the
    same up to how sure the model is of ending its turn after each number.

    A miss: none of the numbers is among the returned tokens, the case above, or a log-probability that is not finite;
    one of the responses without a score is a miss of the trial. Our own wording; a file given as `template` replaces it
    and may use `question`, `answers[0]`, `reference`, `least` and `most`.

    Source: Lee et al. (2024), RLAIF vs. RLHF: direct RLAIF scores 1 to 10 so; its map to [-1, 1] is not printed, the
    linear one is ours.
    """

    name = "expected-score"
    summary = "scores every response by itself: the mean over the next token's probabilities of 1 to 10"
    responses = (1, sys.maxsize)

    wording: ClassVar[str] = WORDING
    shown: ClassVar[int] = 1

    least: Points = option(1, help="the lowest score, a whole number")
    most: Points = option(10, help="the highest score, a whole number")
    normalise: bool = option(False, help="map the scale to [-1, 1]")
    by: Literal["tokens", "sequences"] = option("tokens", help="read the next token, or score each number as an answer")
    ambiguous: Share = option(
        0.01, help="by=tokens: more than this on a digit that may begin a longer number is a miss"
    )

    def __post_init__(self) -> None:
        """ConfigError for a scale of no length, or one that is too long for the next token."""
        if not self.least < self.most:
            raise ConfigError(
                f"expected-score: the scale is {self.least} to {self.most}", "`least` must be below `most`"
            )
        if self.by == "tokens" and len(self.scores) > TOP:
            raise ConfigError(
                f"expected-score: {len(self.scores)} scores are more than the {TOP} tokens that servers return",
                "shorten the scale by `least` and `most`, or give by=sequences",
            )

    @property
    def scores(self) -> range:
        """The scores that can be given."""
        return range(self.least, self.most + 1)

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """The scale."""
        return {"least": str(self.least), "most": str(self.most)}

    def needs(self) -> tuple[type, ...]:
        """What `by` reads."""
        return (NextToken,) if self.by == "tokens" else (SequenceScore,)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """For each response one look at the next token, or the log-probability of each score in its order."""
        texts = tuple(map(str, self.scores))
        found = []
        for response in trial.responses:
            messages = self.messages(replace(trial, responses=(response,), order=(0,)))
            if self.by == "tokens":
                found.append(await ask(self.model, NextToken(messages, texts, TOP)))
            else:
                found += [await ask(self.model, SequenceScore(messages, text)) for text in texts]
        return found

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The expected scores in shown order."""
        each = 1 if self.by == "tokens" else len(self.scores)
        groups = [samples[k * each : (k + 1) * each] for k in range(len(trial.responses))]
        return Score(tuple(self._expected(group) for group in groups))

    def _expected(self, samples: Sequence[Sample]) -> float:
        weights = self._of_tokens(samples[0]) if self.by == "tokens" else _softmax([points(one) for one in samples])
        total = sum(weights)  # divided by first: a score that is certain is that number to the bit, and two of them tie
        mean = sum(score * (weight / total) for score, weight in zip(self.scores, weights, strict=True))
        if not self.normalise:
            return mean
        return (mean - (self.least + self.most) / 2) / ((self.most - self.least) / 2)

    def _of_tokens(self, sample: Sample) -> list[float]:
        """The probability of each score; of one that was not returned, 0."""
        texts = tuple(map(str, self.scores))
        begun = [(text[:length], text) for text in texts for length in range(1, len(text))]
        found = masses(sample.completion.logprobs, {*texts, *(start for start, _ in begun)})
        total = sum(found.values())
        for start, text in begun:
            if text not in found and found.get(start, 0.0) > self.ambiguous * total:
                raise VerdictError(f"'{start}' may begin {text}, which is no token of its own: {self._way_out(text)}")
        weights = [found.get(text, 0.0) for text in texts]
        if sum(weights) == 0:
            raise VerdictError(f"none of {self.least} to {self.most} is among the likely next tokens")
        return weights

    def _way_out(self, text: str) -> str:
        """The options that help: a scale that ends before its numbers get longer, or whole answers."""
        shorter = 10 ** (len(text) - 1) - 1
        return f"give most={shorter} or by=sequences" if self.least < shorter else "give by=sequences"


def _softmax(values: Sequence[float]) -> list[float]:
    """Weights in proportion to the probabilities, the largest 1, so that none is lost to rounding."""
    highest = max(values)
    return [exp(value - highest) for value in values]


COMPONENT = ExpectedScore
