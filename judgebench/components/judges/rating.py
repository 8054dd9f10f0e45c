"""rating: a judge that gives every response points of its own."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Sample, Score, Trial
from judgebench.core.request import Chat, ModelName, Sampling
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.marks import RatingForm, rating_of
from judgebench.plugin.options import Temperature, TokenLimit, TopP, option
from judgebench.plugin.template import Template
from judgebench.plugin.transcript import judge_messages, judge_template

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
class Rating(Judge):
    """Each response is shown alone and rated; the one with more points is better, equal ones are a tie.

    Judges one response (a policy by itself), two, or any number. The verdict is a Score; where one of the ratings
    cannot be read or lies outside of `least` to `most`, there is none. Our own wording; a file given as `template`
    replaces it and may use `question`, `answers[0]`, `reference`, `least` and `most`.

    Parsers: `strict` takes one number in [[...]]; `mt-bench` the first one in [[...]], else in [...]; `rewardbench` a
    whole number at the end of the text, so that it reads `8/10` as 10.
    """

    name = "rating"
    summary = "rates every response by itself, 1 to 10, with a reason first"
    responses = (1, sys.maxsize)

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    least: float = option(1, help="the lowest rating")
    most: float = option(10, help="the highest rating")
    temperature: Temperature = option(0.0, help="0 is greedy")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(1024, help="longest judgment in tokens, reasoning included")
    system: str | None = option(None, help="system prompt")
    template: str | None = option(None, help="file with a prompt of your own (Jinja)", identity=False)
    parser: RatingForm = option("strict", help="how the text is read: strictly, or as an official parser does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no rating counts")

    def __post_init__(self) -> None:
        """ConfigError for a scale of no length."""
        if not self.least < self.most:
            raise ConfigError(f"rating: the scale is {self.least:g} to {self.most:g}", "`least` must be below `most`")

    def fingerprint(self) -> Mapping[str, str]:
        """The wording's digest. ConfigError when a template of one's own cannot be rendered."""
        return {"template": self._template.digest}

    @cached_property
    def _template(self) -> Template:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return judge_template(self.template, WORDING, answers=1, **self._scale)

    @property
    def _scale(self) -> dict[str, str]:
        return {"least": f"{self.least:g}", "most": f"{self.most:g}"}

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment a response."""
        sampling = Sampling(self.temperature, self.top_p, self.max_tokens)
        found = []
        for response in trial.responses:
            alone = replace(trial, responses=(response,), order=(0,))
            messages = judge_messages(self._template, alone, self.system, **self._scale)
            found.append(await ask(self.model, Chat(messages, sampling)))
        return found

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The ratings in shown order."""
        return Score(tuple(self._read(sample) for sample in samples))

    def _read(self, sample: Sample) -> float:
        found = rating_of(sample.completion, self.parser, self.strip_reasoning)
        if not self.least <= found <= self.most:
            raise VerdictError(f"a rating outside of {self.least:g} to {self.most:g}")
        return found


COMPONENT = Rating
