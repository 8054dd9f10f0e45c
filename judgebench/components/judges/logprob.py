"""logprob: a judge that is read off the probabilities of its next token."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import ClassVar

from judgebench.core.errors import VerdictError
from judgebench.core.item import Preference, Sample, Trial
from judgebench.core.request import NextToken
from judgebench.judging.prompted import Prompted
from judgebench.plugin.kinds import Ask

CHOICES = ("A", "B")
WORDING = """\
Question: {{ question }}

{% if reference %}An answer known to be right: {{ reference }}

{% endif %}A: {{ answers[0] }}

B: {{ answers[1] }}

Which answer is better, A or B? Answer with a single letter."""
"""Short on purpose: with longer instructions, or marks around the answers, a 1.5B model looked at their places only."""


@dataclass(frozen=True)
class LogProb(Prompted):
    """p = P(A) / (P(A) + P(B)) of the first token, each letter in all its spellings with spaces.

    With both orders (`order=both`) measures average the two probabilities once turned back. When
    neither letter is among the tokens that the model's server returns, the trial is a miss.
    """

    name = "logprob"
    summary = "probability of A against B as the next token"

    wording: ClassVar[str] = WORDING

    def needs(self) -> tuple[type, ...]:
        """Log-probabilities of the next token."""
        return (NextToken,)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One look at the next token."""
        return (await ask(self.model, NextToken(self.messages(trial), CHOICES)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The two letters' shares of their joint probability."""
        tokens = samples[0].completion.logprobs
        first, second = (sum(exp(value) for token, value in tokens if token.strip() == choice) for choice in CHOICES)
        if first + second == 0:
            raise VerdictError("neither A nor B is among the likely next tokens")
        p = first / (first + second)
        return Preference((p, 1.0 - p))


COMPONENT = LogProb
