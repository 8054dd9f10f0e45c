"""dpo-implicit: the reward that a policy trained by DPO implies."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Sample, Score, Trial
from judgebench.core.request import ModelName, SequenceScore
from judgebench.judging.prompted import OneModel
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import option
from judgebench.plugin.transcript import last_turn, points


@dataclass(frozen=True)
class DpoImplicit(OneModel):
    """Each response scores β·(log π(y|x) - log π_ref(y|x)): the reward that DPO trains, up to a term of the prompt.

    Without a `reference` it scores β·log π(y|x), which favours short responses; `normalise` divides each
    log-probability by its number of tokens. What is scored is the last turn, given the dialogue before it as this
    response has it. The verdict is a Score: how ties count is the benchmark's convention. β changes no order.

    Source: Rafailov et al. (2023), Direct Preference Optimization, equation 5; RewardBench (Lambert et al. 2024) scores
    policies so, with and without a reference; the mean over tokens is the reward of SimPO (Meng et al. 2024).
    """

    name = "dpo-implicit"
    summary = "the reward that a DPO policy implies: its log-probability over its reference's"
    responses = (1, sys.maxsize)

    reference: ModelName | None = option(None, help="the model that training began with; none: reference-free")
    beta: float = option(0.1, help="β of the training")
    normalise: bool = option(False, help="divide each log-probability by its number of tokens")
    system: str | None = option(None, help="system prompt")

    def __post_init__(self) -> None:
        """ConfigError for a β that is not positive."""
        if not self.beta > 0:
            raise ConfigError(f"dpo-implicit: beta is {self.beta:g}", "give the β of the training, above 0")

    def needs(self) -> tuple[type, ...]:
        """Log-probabilities of given responses."""
        return (SequenceScore,)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """For each response the policy's log-probability, then all of the reference's."""
        asked = [last_turn(trial.item, response, self.system) for response in trial.responses]
        models = (self.model,) if self.reference is None else (self.model, self.reference)
        return [await ask(model, SequenceScore(messages, text)) for model in models for messages, text in asked]

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The implied rewards in shown order."""
        found = list(self._log_probabilities(samples))
        own, others = found[: len(trial.responses)], found[len(trial.responses) :] or [0.0] * len(trial.responses)
        return Score(tuple(self.beta * (mine - theirs) for mine, theirs in zip(own, others, strict=True)))

    def _log_probabilities(self, samples: Sequence[Sample]) -> Iterator[float]:
        for sample in samples:
            tokens = sample.completion.usage.output_tokens
            if self.normalise and tokens < 1:
                raise VerdictError("the number of the response's tokens is not known")
            yield points(sample) / (tokens if self.normalise else 1)


COMPONENT = DpoImplicit
