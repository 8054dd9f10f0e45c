"""rating: a judge that gives every response points of its own."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Response, Sample, Score, Trial
from judgebench.core.request import Chat
from judgebench.judging.marks import RatingForm, rating_of
from judgebench.judging.prompted import OneModel, Prompted, Sampled
from judgebench.judging.structured import NUMBER, RATING, Output, as_json, json_number
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import option

WORDING = """\
Rate an answer with a number from {{ least }} (useless) to {{ most }} (nothing to improve). What counts: does it do \
what the request asks for, is it correct, complete, safe and clear? Its length alone counts neither for nor against it.

# Request
{{ question }}
{% if reference %}
# An answer known to be right
{{ reference }}
{% endif %}
# Answer
{{ answers[0] }}

# Your rating
If this is a dialogue, rate the assistant's last answer, given what was said before. First say in at most three \
sentences what is good and what is wrong with it. Then end with one line that holds only your rating in double \
brackets, such as [[{{ least }}]]."""


@dataclass(frozen=True)
class Scaled(OneModel):
    """A judge that gives points on a scale."""

    least: float = option(1, help="the lowest rating")
    most: float = option(10, help="the highest rating")


@dataclass(frozen=True)
class Rating(Prompted, Sampled, Scaled):
    """Each response is shown alone and rated; the one with more points is better, equal ones are a tie.

    Judges one response (a policy by itself), two, or any number. The verdict is a Score; where one of the ratings
    cannot be read or lies outside of `least` to `most`, there is none, or with `unread=lowest` that response gets
    `least` - 2, below all that were rated, so that the best of the others are best: on 1 to 10 this is the -1 of
    RewardBench 2's package (`run_judge_ratings_multi`). Where no rating can be read there is never a verdict. Our own
    wording; a file given as `template` replaces it and may use `question`, `answers[0]`, `reference`, `least` and
    `most`.

    Parsers: `strict` takes one number in [[...]]; `mt-bench` the first one in [[...]], else in [...]; `rewardbench` a
    whole number at the end of the text, so that it reads `8/10` as 10.
    """

    name = "rating"
    summary = "rates every response by itself, 1 to 10, with a reason first"
    responses = (1, sys.maxsize)

    wording: ClassVar[str] = WORDING
    shown: ClassVar[int] = 1

    parser: RatingForm = option("strict", help="how the text is read: strictly, or as an official parser does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no rating counts")
    output: Output = option(
        "text", help="json: a JSON object, by a schema where the backend can; else text", identity="if set"
    )
    unread: Literal["miss", "lowest"] = option("miss", help="one rating is not read: no verdict, or it is the lowest")

    def __post_init__(self) -> None:
        """ConfigError for a scale of no length."""
        if not self.least < self.most:
            raise ConfigError(f"rating: the scale is {self.least:g} to {self.most:g}", "`least` must be below `most`")

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """The scale."""
        return {"least": f"{self.least:g}", "most": f"{self.most:g}"}

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment a response."""
        found = []
        for response in trial.responses:
            alone = replace(trial, responses=(response,), order=(0,))
            request = Chat(self.messages(alone), self.sampling)
            found.append(await ask(self.model, request if self.output == "text" else as_json(request, RATING, NUMBER)))
        return found

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The ratings in shown order."""
        found: list[float] = []
        failed: VerdictError | None = None
        for response, sample in zip(trial.responses, samples, strict=True):
            try:
                found.append(self._read(response, sample))
            except VerdictError as error:
                if self.unread == "miss":
                    raise
                found.append(self.least - 2)
                failed = error
        if failed and max(found) < self.least:
            raise failed
        return Score(tuple(found))

    def _read(self, response: Response, sample: Sample) -> float:
        found = json_number(sample.completion, self.strip_reasoning, RATING) if self.output == "json" else None
        if found is None:
            found = rating_of(sample.completion, self.parser, self.strip_reasoning, (response,))
        if not self.least <= found <= self.most:
            raise VerdictError(f"a rating outside of {self.least:g} to {self.most:g}")
        return found


COMPONENT = Rating
