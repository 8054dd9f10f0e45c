"""additive: Self-Rewarding's and Meta-Rewarding's judge: points for criteria that add up, averaged over samples."""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Part, Response, Sample, Score, Trial
from judgebench.core.request import Chat, Sampling
from judgebench.judging.marks import CUT
from judgebench.judging.prompted import Prompted, Sampled
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import option
from judgebench.plugin.transcript import without_reasoning

Form = Literal["strict", "nemo", "lucidrains", "oxen"]
Count = Annotated[int, msgspec.Meta(ge=1)]
Points = Annotated[float, msgspec.Meta(gt=0)]

WORDING = """\
Give points to an assistant's response. Begin at 0, and add one point for each of these that holds; they build on each \
other:

1. It has to do with what the user asks, and says something about it, however little.
2. It deals with a good part of what the user asks.
3. It answers the main points of the question in a way that helps.
4. It is written for the user as an assistant would: to the point, in good order, complete, and easy to follow.
5. Nothing could be better: it is made for this question, shows knowledge, and says nothing that is not needed.

User: {{ question }}
{% if reference %}
An answer known to be right: {{ reference }}
{% endif %}
<response>
{{ answers[0] }}
</response>

First give your reasons in at most 100 words. Then end with one line in this form, where the points are a number from \
0 to {{ most }}:
Score: <points>"""

_NUMBER = r"\d+(?:\.\d+)?"
_LINE = re.compile(
    rf"^[ \t*]*score[ \t]*:[ \t*]*({_NUMBER})(?:[ \t]*/[ \t]*\d+)?[ \t*]*\.?[ \t*]*$", re.IGNORECASE | re.MULTILINE
)
_FORMS: Mapping[Form, re.Pattern[str]] = {
    "nemo": re.compile(r"(?i)(?:Score|Points): ([0-9\.]+)"),
    "lucidrains": re.compile(r"Score: ([0-9\.]+)"),
    "oxen": re.compile(r"[Ss]core: ([0-5])"),
}
"""The first match of each counts; what is no number, such as `Score: 4.5.`, is none."""


@dataclass(frozen=True)
class Additive(Prompted, Sampled):
    """Each response is shown alone and given 0 to `most` points, `samples` times; its score is the mean.

    The verdict is a Score of means: the higher is better, equal means are a tie. A sample whose text holds no score, or
    two different ones, is dropped, and so is one outside of the scale (`out_of_range=clamp` moves it to the end that is
    nearer). A response whose samples are all dropped makes the trial a miss. `parts` keeps the scores of each draw, so
    that the mean of fewer can be recomputed.

    Parsers: `strict` reads lines of the form `Score: 4.5`, also bold or over a total. A text cut at `max_tokens` has no
    score unless such a line ends it, and neither has one that goes on after its score where the response itself holds
    such a line, which may be quoted. `nemo`, `lucidrains` and `oxen` read the first match of these implementations'
    patterns, wherever it stands; `oxen` knows whole points alone.

    Presets are the papers': 3 samples at temperature 0.7 and top-p 0.9, 11 at 0.8 and 0.95. Our own wording; a file
    given as `template` replaces it and may use `question`, `answers[0]`, `reference` and `most`.

    Source: Yuan et al. (2024), Self-Rewarding Language Models, figure 2 and section 2.3; Wu et al. (2024),
    Meta-Rewarding Language Models, section 2 (unreadable judgments dropped, valid ones averaged).
    """

    name = "additive"
    summary = "points for criteria that add up, 0 to 5, each response alone, averaged over samples"
    responses = (1, sys.maxsize)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "self-rewarding": {"samples": 3, "temperature": 0.7, "top_p": 0.9},
        "meta-rewarding": {"samples": 11, "temperature": 0.8, "top_p": 0.95},
    }

    wording: ClassVar[str] = WORDING
    shown: ClassVar[int] = 1

    samples: Count = option(1, help="judgments of each response, which are averaged")
    top_k: Count | None = option(
        None, help="draw from so many of the likeliest tokens; null: from all", identity="if set"
    )
    most: Points = option(5.0, help="the highest score; the lowest is 0")
    out_of_range: Literal["drop", "clamp"] = option(
        "drop", help="a score outside of the scale: dropped, or moved to it"
    )
    parser: Form = option("strict", help="how the text is read: strictly, or as an implementation does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no score counts")

    def __post_init__(self) -> None:
        """ConfigError for samples that would all be the same."""
        greedy = "temperature 0" if self.temperature == 0 else "top_k 1" if self.top_k == 1 else None
        if self.samples > 1 and greedy:
            raise ConfigError(
                f"additive: {self.samples} samples at {greedy} are all the same",
                "give temperature=0.7, say, or preset=self-rewarding" if self.temperature == 0 else "leave out `top_k`",
            )

    @property
    def sampling(self) -> Sampling:
        """How the texts are drawn."""
        return replace(super().sampling, top_k=self.top_k)

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """The scale."""
        return {"most": f"{self.most:g}"}

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """Every response once a draw; draw k of each is part k."""
        asked = [
            Chat(self.messages(replace(trial, responses=(response,), order=(0,))), self.sampling)
            for response in trial.responses
        ]
        return [
            replace(await ask(self.model, request, number), part=number)
            for number in range(self.samples)
            for request in asked
        ]

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The mean of each response's scores, in shown order."""
        rows = self._rows(trial, samples)
        found = []
        for place, column in enumerate(zip(*rows, strict=True)):
            valid = [one for one in column if isinstance(one, float)]
            if not valid:
                reasons = sorted({str(one) for one in column if isinstance(one, VerdictError)})
                raise VerdictError(f"none of {len(column)} samples of response {place + 1}: {'; '.join(reasons)}")
            found.append(math.fsum(valid) / len(valid))
        return Score(tuple(found))

    def parts(self, trial: Trial, samples: Sequence[Sample]) -> Sequence[Part]:
        """The scores of each draw, None for one that was dropped; nothing where there is a single one."""
        if self.samples == 1:
            return ()
        rows = self._rows(trial, samples)
        return [tuple(one if isinstance(one, float) else None for one in row) for row in rows]

    def _rows(self, trial: Trial, samples: Sequence[Sample]) -> list[list[float | VerdictError]]:
        """By draw, in shown order."""
        drawn = [[sample for sample in samples if sample.part == number] for number in range(self.samples)]
        return [
            [self._points(sample, response) for sample, response in zip(row, trial.responses, strict=True)]
            for row in drawn
        ]

    def _points(self, sample: Sample, response: Response) -> float | VerdictError:
        try:
            found = self._said(sample, response)
        except VerdictError as error:
            return error
        if not 0 <= found <= self.most:
            if self.out_of_range == "drop":
                return VerdictError(f"a score outside of 0 to {self.most:g}")
            return min(max(found, 0.0), self.most)
        return found

    def _said(self, sample: Sample, response: Response) -> float:
        """The score in a text; VerdictError where there is none."""
        text = without_reasoning(sample.text, self.strip_reasoning)
        cut = sample.completion.finish == "length"
        if self.parser != "strict":
            match = _FORMS[self.parser].search(text)
            if match is None or match[1].count(".") > 1 or match[1] == ".":
                raise VerdictError(CUT if cut else "no score")
            return float(match[1])
        marks = list(_LINE.finditer(text))
        last = bool(marks) and marks[-1].end() == len(text)
        if cut and not last:
            raise VerdictError(CUT)
        said = {float(mark[1]) for mark in marks}
        if len(said) != 1:
            raise VerdictError("two different scores in one text" if said else "no score")
        if not last and any(_LINE.search(turn) for turn in response.turns):
            raise VerdictError("no score at the end, and the response holds one that may be quoted")
        return said.pop()


COMPONENT = Additive
