"""reward-model: a judge that is a reward head's output."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from judgebench.core.item import Sample, Score, Trial
from judgebench.core.request import Reward
from judgebench.judging.prompted import OneModel
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import option
from judgebench.plugin.transcript import last_turn, points


@dataclass(frozen=True)
class RewardModel(OneModel):
    """Each response is scored alone, by a head that was trained to: the higher output is better, equal ones are a tie.

    What is scored is the last turn, given the dialogue before it as this response has it. The verdict is a Score: how
    ties count is the benchmark's convention. The order in which responses are shown cannot matter.
    """

    name = "reward-model"
    summary = "the output of a reward head for each response"
    responses = (1, sys.maxsize)

    system: str | None = option(None, help="system prompt")

    def needs(self) -> tuple[type, ...]:
        """A reward head."""
        return (Reward,)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One output a response."""
        asked = (last_turn(trial.item, response, self.system) for response in trial.responses)
        return [await ask(self.model, Reward(messages, text)) for messages, text in asked]

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The outputs in shown order."""
        return Score(tuple(points(sample) for sample in samples))


COMPONENT = RewardModel
