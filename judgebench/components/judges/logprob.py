"""logprob: a judge that is read off the probabilities of its next token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

from judgebench.core.errors import VerdictError
from judgebench.core.item import Preference, Sample, Trial
from judgebench.core.request import ModelName, NextToken
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option
from judgebench.plugin.template import Template
from judgebench.plugin.transcript import judge_messages, judge_template

CHOICES = ("A", "B")
WORDING = """\
Question: {{ question }}

A: {{ answers[0] }}

B: {{ answers[1] }}

Which answer is better, A or B? Answer with a single letter."""
"""Short on purpose: with longer instructions, or marks around the answers, a 1.5B model looked at their places only."""


@dataclass(frozen=True)
class LogProb(Judge):
    """p = P(A) / (P(A) + P(B)) of the first token, each letter in all its spellings with spaces.

    With both orders (`order=both`) measures average the two probabilities once turned back. When
    neither letter is among the tokens that the model's server returns, the trial is a miss.
    """

    name = "logprob"
    summary = "probability of A against B as the next token"

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    system: str | None = option(None, help="system prompt")
    template: str | None = option(None, help="file with a prompt of your own (Jinja)", identity=False)

    def needs(self) -> tuple[type, ...]:
        """Log-probabilities of the next token."""
        return (NextToken,)

    def fingerprint(self) -> Mapping[str, str]:
        """The wording's digest. ConfigError when a template of one's own cannot be rendered."""
        return {"template": self._template.digest}

    @cached_property
    def _template(self) -> Template:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return judge_template(self.template, WORDING)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One look at the next token."""
        messages = judge_messages(self._template, trial, self.system)
        return (await ask(self.model, NextToken(messages, CHOICES)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The two letters' shares of their joint probability."""
        tokens = samples[0].completion.logprobs
        first, second = (sum(exp(value) for token, value in tokens if token.strip() == choice) for choice in CHOICES)
        if first + second == 0:
            raise VerdictError("neither A nor B is among the likely next tokens")
        p = first / (first + second)
        return Preference((p, 1.0 - p))


COMPONENT = LogProb
