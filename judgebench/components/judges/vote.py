"""vote: a judge that is asked several times, and what most of its verdicts say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Part, Sample, Score, Trial, Verdict
from judgebench.core.request import Chat, Text
from judgebench.judging.ballots import COUNTED, as_part, mean, mean_score, readable
from judgebench.judging.of_judges import MOST_PARTS, OfJudges, by_part, part_of
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option

Samples = Annotated[int, msgspec.Meta(ge=1, le=MOST_PARTS)]


@dataclass(frozen=True)
class Vote(OfJudges):
    """The inner judge judges each trial `samples` times, each time with draws of its own, and its verdicts are counted.

    Read by `rule`. `majority`: what more than half of the votes say, else a tie. `plurality`: what most votes say, a
    tie being one of the things that they can say; where two are said as often, a tie (of more than two responses: a tie
    of those that are named). `mean`: the mean of their probabilities. Votes of a judge that scores are averaged,
    whatever the rule: the verdict is then the mean score of each response. With one sample the verdict is the inner
    judge's own, and the calls of the first sample are always those that the inner judge makes alone.

    A vote that cannot be read does not vote: a majority is one of those that can be read. Where none can, there is no
    verdict, and the reasons are counted. A call that fails leaves the trial without a verdict until the next run.
    `parts` keeps each vote's numbers, so that `vote-accuracy` tells what fewer votes would say.

    The inner judge must draw: at temperature 0, or where it writes no text, all votes would be the same. Preset
    `self-taught`: 32 samples at temperature 0.7 and top-p 0.9, the most common verdict. Source: Wang et al. (2024),
    Self-Taught Evaluators (majority vote; ties between verdicts and unread votes are not specified there); Wang et al.
    (2023), self-consistency.
    """

    name = "vote"
    summary = "asks another judge several times and counts its verdicts"
    most: ClassVar[int | None] = 1
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "self-taught": {"samples": 32, "rule": "plurality", "temperature": 0.7, "top_p": 0.9}
    }

    samples: Samples = option(5, help="how many times the inner judge is asked about a trial")
    rule: Literal["majority", "plurality", "mean"] = option(
        "majority", help="more than half of the votes; the most common verdict; the mean of probabilities"
    )

    def over(self, judges: Sequence[Judge]) -> Self:
        """The vote with its inner judge. ConfigError where all votes would be the same."""
        made = super().over(judges)
        if self.samples > 1 and not any(map(_draws, judges)):
            (inner,) = judges
            if getattr(inner, "temperature", None) == 0:
                why, hint = "at temperature 0", "give temperature=0.7, say, or samples=1"
            else:
                why, hint = "it draws no text", "name a judge that writes, at a temperature above 0"
            raise ConfigError(f"vote: all votes of '{inner.name}' would be the same: {why}", hint)
        return made

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """The inner judge's samples, one vote after the other."""
        found: list[Sample] = []
        for number in range(self.samples):
            found += await part_of(self.judges[0], trial, ask, number)
        return found

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        """What the votes come to by the rule."""
        votes = readable(self._votes(trial, samples), "votes")
        if self.samples == 1:
            return votes[0]
        scores = [vote for vote in votes if isinstance(vote, Score)]
        if len(scores) == len(votes):
            return mean_score(scores)
        if self.rule == "mean":
            return mean(votes, [1.0] * len(votes))
        return COUNTED[self.rule](votes, len(trial.responses))

    def parts(self, trial: Trial, samples: Sequence[Sample]) -> Sequence[Part]:
        """Each vote's probabilities or scores; an empty row for one that cannot be read."""
        return [as_part(vote) for vote in self._votes(trial, samples)]

    def _votes(self, trial: Trial, samples: Sequence[Sample]) -> list[Verdict | VerdictError]:
        return by_part(lambda _: self.judges[0], trial, samples, self.samples)


def _draws(judge: Judge) -> bool:
    """Whether two samples of it can differ: it, or a judge that it is made of, has texts written by chance."""
    if isinstance(judge, OfJudges):
        return any(map(_draws, judge.judges))
    writes = not {Chat, Text}.isdisjoint(judge.needs())
    return writes and getattr(judge, "temperature", None) != 0


COMPONENT = Vote
