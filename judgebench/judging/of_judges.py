"""Judges that are made of other judges: votes, juries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Sample, Trial, Verdict
from judgebench.core.request import Request
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option

JudgeEntry = str | Mapping[str, Any]
"""A judge as a user writes one: a spec text, a mapping of options, or the name of another judge of the run."""
MOST_PARTS = 1 << 12
"""Parts that a judge can be made of, and draws that one part may take of its own: the next part's begin after them."""


@dataclass(frozen=True)
class OfJudges(Judge):
    """A judge made of the judges that `of` names; `judges` are they, once the engine has built them.

    In a spec text the inner judge stands where others name their model, and takes the options that this one does not
    have: `vote:verdict@MODEL,samples=5,temperature=0.7`.
    """

    most: ClassVar[int | None] = None
    """How many judges it can be made of; None: any number."""
    judges: ClassVar[tuple[Judge, ...]] = ()

    of: tuple[JudgeEntry, ...] = option(help="the judges it is made of: spec texts, mappings, or names of this run")

    def over(self, judges: Sequence[Judge]) -> Self:
        """This judge with the inner ones. ConfigError where it cannot be made of these."""
        if not judges or (self.most is not None and len(judges) > self.most):
            known = "one" if self.most == 1 else "at least one" if self.most is None else f"1 to {self.most}"
            raise ConfigError(f"{self.name}: `of` names {len(judges)} judges", f"it is made of {known}")
        made = replace(self)
        object.__setattr__(made, "judges", tuple(judges))  # beside the options, which a record can hold
        least = max(judge.responses[0] for judge in judges)
        most = min(judge.responses[1] for judge in judges)
        if least > most:
            raise ConfigError(f"{self.name}: its judges cannot be shown the same number of responses", "leave one out")
        object.__setattr__(made, "responses", (least, most))
        return made

    def needs(self) -> tuple[type, ...]:
        """What each of its judges needs is checked for that judge's own models."""
        return ()


async def part_of(judge: Judge, trial: Trial, ask: Ask, number: int, *, own_draws: bool = True) -> list[Sample]:
    """A judge's samples for a trial, marked as those of part `number`, below any parts that it marked itself.

    With `own_draws` each part draws anew, part 0 what the judge alone draws. Without them, as for other judges, its
    calls are those of the same judge alone in the run, which are then made once.
    """
    first = number * MOST_PARTS ** (1 + _depth(judge)) if own_draws else 0

    async def shifted(model: str, request: Request, draw: int = 0) -> Sample:
        return await ask(model, request, first + draw)

    found = await judge.sample(trial, shifted)
    return [replace(sample, part=number + MOST_PARTS * sample.part) for sample in found]


def _depth(judge: Judge) -> int:
    """How many judges of judges lie within each other."""
    return 1 + max(map(_depth, judge.judges)) if isinstance(judge, OfJudges) else 0


def by_part(
    judge_of: Callable[[int], Judge], trial: Trial, samples: Sequence[Sample], parts: int
) -> list[Verdict | VerdictError]:
    """What each part's samples say, or why they say nothing."""
    own: list[list[Sample]] = [[] for _ in range(parts)]
    for sample in samples:
        inner, number = divmod(sample.part, MOST_PARTS)
        own[number].append(replace(sample, part=inner))
    found: list[Verdict | VerdictError] = []
    for number in range(parts):
        try:
            found.append(judge_of(number).read(trial, own[number]))
        except VerdictError as error:
            found.append(error)
    return found
