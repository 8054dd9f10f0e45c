"""What judges that show a prompt of their own wording share: options, the template and its digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from judgebench.core.item import Sample, Trial
from judgebench.core.request import Chat, Message, ModelName, Sampling
from judgebench.judging.marks import MarkForm, letter_of, letters_of
from judgebench.judging.structured import VERDICT, Output, as_json, json_value, one_of
from judgebench.plugin.kinds import Judge
from judgebench.plugin.options import Temperature, TokenLimit, TopP, option
from judgebench.plugin.template import Template
from judgebench.plugin.transcript import judge_messages, judge_template


@dataclass(frozen=True)
class OneModel(Judge):
    """A judge that asks one model."""

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")


@dataclass(frozen=True)
class Sampled(OneModel):
    """A judge whose model writes a text."""

    temperature: Temperature = option(0.0, help="0 is greedy")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(1024, help="longest judgment in tokens, reasoning included")

    @property
    def sampling(self) -> Sampling:
        """How the text is drawn."""
        return Sampling(self.temperature, self.top_p, self.max_tokens)


@dataclass(frozen=True)
class Prompted(OneModel):
    """A judge with a wording, which a file given as `template` replaces.

    A subclass sets `wording`, and `shown` where its prompt holds another number of answers than two.
    """

    wording: ClassVar[str]
    shown: ClassVar[int] = 2

    system: str | None = option(None, help="system prompt")
    template: str | None = option(None, help="file with a prompt of your own (Jinja)", identity=False)

    @property
    def own_fields(self) -> Mapping[str, Any]:
        """What templates may show beside `question`, `answers` and `reference`."""
        return {}

    def fingerprint(self) -> Mapping[str, str]:
        """The wording's digest. ConfigError when a template of one's own cannot be rendered."""
        return {"template": self._template.digest}

    @cached_property
    def _template(self) -> Template:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return judge_template(self.template, self.wording, self.shown, **self.own_fields)

    def messages(self, trial: Trial) -> tuple[Message, ...]:
        """What the model is sent."""
        return judge_messages(self._template, trial, self.system, **self.own_fields)


@dataclass(frozen=True)
class Marked(Prompted, Sampled):
    """A judge whose text names a letter.

    With `output=json` the model is asked for a JSON object, held to its schema where the backend can do so; a text
    that is no such object is read by the parser.
    """

    parser: MarkForm = option("strict", help="how the text is read: strictly, or as an official parser does")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no mark counts")
    output: Output = option(
        "text", help="json: a JSON object, by a schema where the backend can; else text", identity="if set"
    )

    def letters(self, trial: Trial) -> str:
        """The letters that the text may name: of two responses or more, without a tie."""
        return letters_of(self.parser, len(trial.responses))

    def request(self, trial: Trial) -> Chat:
        """The one request about a trial."""
        asked = Chat(self.messages(trial), self.sampling)
        return asked if self.output == "text" else as_json(asked, VERDICT, one_of(self.letters(trial)))

    def letter(self, trial: Trial, sample: Sample) -> str:
        """The letter that a sample names; VerdictError when it names none."""
        letters = self.letters(trial)
        if self.output == "json":
            said = json_value(sample.completion, self.strip_reasoning, VERDICT)
            if isinstance(said, str) and len(said) == 1 and said in letters:
                return said
        return letter_of(sample.completion, letters, self.parser, self.strip_reasoning, trial.responses)
