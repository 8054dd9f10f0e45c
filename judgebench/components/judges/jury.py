"""jury: several judges, and what they say together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Part, Sample, Score, Trial, Verdict
from judgebench.judging.ballots import COUNTED, as_part, mean, mean_score, preferred, readable
from judgebench.judging.of_judges import OfJudges, by_part, part_of
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option


@dataclass(frozen=True)
class Jury(OfJudges):
    """Each of several judges judges the trial, and their verdicts are counted or averaged.

    Read by `rule`. `majority`: what more than half of the jurors say, else a tie. `plurality`: what most of them say, a
    tie being one of the things that they can say; where two are said as often, a tie (of more than two responses: a tie
    of those that are named). `mean`: the mean of their probabilities; `weighted`: with a weight for each juror.
    Scores of different judges are on scales of their own, so a juror that scores votes by its comparison: all for its
    best response, shared where several are best. `mean-score` is for jurors that all score on one scale: the verdict is
    the mean score of each response, and a juror without scores is an error. Responses judged alone can only be scored.

    A juror's calls are those of the same judge alone: both in one run ask once. A juror whose text cannot be read does
    not vote, and weights are those of the others. Where none can be read, or none with a weight, there is no verdict,
    and the reasons are counted. A call that fails leaves the trial without a verdict until the next run.
    `parts` keeps each juror's numbers: its probabilities, of scores their comparison, with `mean-score` the scores.

    Source: Verga et al. (2024), Replacing Judges with Juries (pooling by vote and by mean).
    """

    name = "jury"
    summary = "asks several judges and counts or averages their verdicts"

    rule: Literal["majority", "plurality", "mean", "weighted", "mean-score"] = option(
        "majority", help="more than half; the most common verdict; mean of probabilities, with weights, or of scores"
    )
    weights: tuple[float, ...] = option((), help="of `rule=weighted`: a number for each juror, in the order of `of`")

    def over(self, judges: Sequence[Judge]) -> Self:
        """The jury of these judges. ConfigError for weights that do not fit, and for a juror that is there twice."""
        made = super().over(judges)
        if (self.rule == "weighted") != bool(self.weights):
            hint = f"give weights=[{','.join(['1'] * len(judges))}], say" if not self.weights else "give rule=weighted"
            raise ConfigError(f"jury: rule={self.rule} {'without' if not self.weights else 'with'} weights", hint)
        if self.weights and len(self.weights) != len(judges):
            raise ConfigError(
                f"jury: {len(self.weights)} weights for {len(judges)} judges", "give one for each in `of`"
            )
        if self.weights and not (all(0 <= one < math.inf for one in self.weights) and any(self.weights)):
            raise ConfigError(f"jury: weights {list(self.weights)}", "none is below 0, and one at least is above")
        for number, judge in enumerate(judges):
            if judge in judges[:number]:
                raise ConfigError(
                    f"jury: judge {number + 1} of `of` is there twice, and would say the same twice", "give it a weight"
                )
        least, most = made.responses
        if self.rule != "mean-score" and most < 2:
            raise ConfigError(f"jury: rule={self.rule} compares, and its judges see one response", "rule=mean-score")
        object.__setattr__(made, "responses", (least if self.rule == "mean-score" else max(least, 2), most))
        return made

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """The jurors' samples, one juror after the other."""
        found: list[Sample] = []
        for number, judge in enumerate(self.judges):
            found += await part_of(judge, trial, ask, number, own_draws=False)
        return found

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        """What the jurors come to by the rule."""
        found = self._said(trial, samples)
        verdicts = readable(found, "jurors")
        if self.rule == "mean-score":
            return mean_score([one for one in verdicts if isinstance(one, Score)])
        if self.rule in COUNTED:
            return COUNTED[self.rule](verdicts, len(trial.responses))
        weights = self.weights or [1.0] * len(found)
        return mean(verdicts, [w for w, one in zip(weights, found, strict=True) if not isinstance(one, VerdictError)])

    def parts(self, trial: Trial, samples: Sequence[Sample]) -> Sequence[Part]:
        """Each juror's probabilities, or scores with `mean-score`; an empty row for one that cannot be read."""
        return [as_part(one) for one in self._said(trial, samples)]

    def _said(self, trial: Trial, samples: Sequence[Sample]) -> list[Verdict | VerdictError]:
        """What each juror says, scores as comparisons unless they are averaged."""
        found = by_part(self.judges.__getitem__, trial, samples, len(self.judges))
        if self.rule != "mean-score":
            return [one if isinstance(one, VerdictError) else preferred(one) for one in found]
        for number, one in enumerate(found):
            if not isinstance(one, VerdictError | Score):
                name = self.judges[number].name
                raise ConfigError(f"jury: '{name}' gives no scores that could be averaged", "give rule=mean, say")
        return found


COMPONENT = Jury
