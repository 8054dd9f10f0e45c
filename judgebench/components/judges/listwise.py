"""listwise: a judge that sees all responses at once and names the best one."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from judgebench.core.item import Preference, Sample, Trial
from judgebench.core.request import Chat, ModelName, Sampling
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.marks import MarkForm, letter_of
from judgebench.plugin.options import Temperature, TokenLimit, TopP, option
from judgebench.plugin.template import Template
from judgebench.plugin.transcript import judge_messages, judge_template

LETTERS = string.ascii_uppercase
WORDING = """\
Here is a request and {{ answers | length }} answers to it. Find the best one: the answer that does most of what the \
request asks for and is correct, complete, safe and clear. Ignore the order of the answers and their length.

# Request
{{ question }}
{% for answer in answers %}
# Answer {{ letters[loop.index0] }}
{{ answer }}
{% endfor %}
# Your verdict
First say in at most four sentences what sets the answers apart. Then end with one line that holds only the letter of \
the best answer in double brackets, such as [[A]]."""


@dataclass(frozen=True)
class Listwise(Judge):
    """The model names the best of k responses, at most 26, by its letter; there is no tie.

    A text without a letter, or with two different ones, is a miss; so is one cut at `max_tokens`, unless the letter is
    the last thing in it. `parser=rewardbench` looks for [[A]], [[B]], [[C]] and [[D]] in this order. Our own wording; a
    file given as `template` replaces it and may use `question`, `answers`, `letters` and `reference`.
    """

    name = "listwise"
    summary = "sees all responses at once, reasons, then names the best one: [[A]], [[B]], ..."
    responses = (2, len(LETTERS))

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    temperature: Temperature = option(0.0, help="0 is greedy")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(1024, help="longest judgment in tokens, reasoning included")
    system: str | None = option(None, help="system prompt")
    template: str | None = option(None, help="file with a prompt of your own (Jinja)", identity=False)
    parser: MarkForm = option("strict", help="how the text is read: strictly, or as an official parser does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no letter counts")

    def fingerprint(self) -> Mapping[str, str]:
        """The wording's digest. ConfigError when a template of one's own cannot be rendered."""
        return {"template": self._template.digest}

    @cached_property
    def _template(self) -> Template:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return judge_template(self.template, WORDING, letters=LETTERS)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment of all responses."""
        messages = judge_messages(self._template, trial, self.system, letters=LETTERS)
        return (await ask(self.model, Chat(messages, Sampling(self.temperature, self.top_p, self.max_tokens))),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """All of the probability for the letter that is named."""
        letters = LETTERS[: len(trial.responses)]
        best = letter_of(samples[0].completion, letters, self.parser, self.strip_reasoning)
        return Preference(tuple(float(letter == best) for letter in letters), best)


COMPONENT = Listwise
