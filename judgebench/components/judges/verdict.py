"""verdict: a judge that reasons, then ends with [[A]], [[B]] or [[C]]."""

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

WORDING = """\
Compare two answers to the same request. The better answer is the one that does what the request asks for: it is \
correct, complete, keeps to every condition of the request, is safe and clear. Ignore the order of the answers and \
their length.

# Request
{{ question }}

# Answer A
{{ answers[0] }}

# Answer B
{{ answers[1] }}

# Your verdict
First say in at most three sentences where the answers differ in doing what the request asks for. Then end with one \
line that holds only your verdict: [[A]] if answer A is better, [[B]] if answer B is better, [[C]] if they are \
equally good."""

VERDICTS = {"A": (1.0, 0.0), "B": (0.0, 1.0), "C": (0.5, 0.5)}


@dataclass(frozen=True)
class Verdict(Judge):
    """Reasoning first, then one mark. A text with no mark, or with two different ones, is a miss.

    So is a text cut at `max_tokens`, unless a mark is the last thing in it. `parser` names an official one instead
    (`judgebench.plugin.marks`), whose rules are its own: [[A]] is looked for before [[B]], for one.

    Our own wording; a file given as `template` replaces it and may use `question`, `answers` and
    `reference`.
    """

    name = "verdict"
    summary = "reasons, then ends with [[A]], [[B]] or [[C]] (tie)"

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    temperature: Temperature = option(0.0, help="0 is greedy")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(1024, help="longest judgment in tokens, reasoning included")
    system: str | None = option(None, help="system prompt")
    template: str | None = option(None, help="file with a prompt of your own (Jinja)", identity=False)
    parser: MarkForm = option("strict", help="how the text is read: strictly, or as an official parser does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no mark counts")

    def fingerprint(self) -> Mapping[str, str]:
        """The wording's digest. ConfigError when a template of one's own cannot be rendered."""
        return {"template": self._template.digest}

    @cached_property
    def _template(self) -> Template:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return judge_template(self.template, WORDING)

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment."""
        messages = judge_messages(self._template, trial, self.system)
        return (await ask(self.model, Chat(messages, Sampling(self.temperature, self.top_p, self.max_tokens))),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The one mark of the text."""
        mark = letter_of(samples[0].completion, "".join(VERDICTS), self.parser, self.strip_reasoning)
        return Preference(VERDICTS[mark], mark)


COMPONENT = Verdict
