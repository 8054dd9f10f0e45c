"""mt-bench-pair and mt-bench-single: the two forms of MT-Bench's judge."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Preference, Response, Sample, Score, Trial
from judgebench.core.request import Chat, Message
from judgebench.judging.fastchat_prompts import FastChatPrompts, read_prompts
from judgebench.judging.marks import VERDICTS, MarkForm, RatingForm, letter_of, letters_of, rating_of
from judgebench.judging.prompted import Prompted, Sampled
from judgebench.plugin.kinds import Ask
from judgebench.plugin.options import TokenLimit, option
from judgebench.plugin.transcript import judge_messages

PAIR = """\
Two assistants talked with the same user. Judge how well each did what the user asked for: is it useful, right, \
to the point, deep and detailed enough{% if turns > 1 %}, above all in the last answer{% endif %}? Their order, their \
names and the length of what they say must not matter.

# What the user said
{{ question }}
{% if reference %}
# What a right answer says
{{ reference }}
{% endif %}
# Assistant A
{{ answers[0] }}

# Assistant B
{{ answers[1] }}

Compare both in a few sentences{% if reference %}, and hold them to the right answer{% endif %}. End with one line \
that holds only your verdict: [[A]] if assistant A is better, [[B]] if assistant B is better, [[C]] for a tie."""
SINGLE = """\
Judge how well an assistant did what a user asked for: is it useful, right, to the point, deep and detailed \
enough{% if turns > 1 %}, above all in the last answer{% endif %}?

# What the user said
{{ question }}
{% if reference %}
# What a right answer says
{{ reference }}
{% endif %}
# The assistant
{{ answers[0] }}

Give your reasons in a few sentences. Then end with one line that holds only a rating from 1 to 10 in double brackets, \
such as [[5]]."""
LEAST, MOST = 1.0, 10.0


@dataclass(frozen=True)
class _MtBench(Prompted, Sampled):
    """What both forms share: greedy texts, and prompts out of a file of FastChat's form in the place of our own."""

    verdict: ClassVar[str]
    letters: ClassVar[tuple[str, ...]]

    max_tokens: TokenLimit = option(2048, help="longest judgment in tokens, reasoning included")
    prompts: str | None = option(None, help="file in the form of FastChat's judge_prompts.jsonl", identity=False)
    prompt: str = option("", help="which of them: the plain one, by which those for references and two turns are found")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no verdict counts")

    def __post_init__(self) -> None:
        """ConfigError for options of which one would be left aside."""
        if self.prompts is not None and (self.system is not None or self.template is not None):
            raise ConfigError(
                f"{self.name}: `prompts` brings the system prompt and the wording",
                "leave out `system` and `template`, or `prompts`",
            )
        if self.prompts is None and self.prompt != type(self).prompt:
            raise ConfigError(f"{self.name}: prompt '{self.prompt}' is one of a file", "give the file: prompts=FILE")

    @property
    def own_fields(self) -> Mapping[str, int]:
        """The number of turns, here that of the example by which a template is tried."""
        return {"turns": 2}

    @cached_property
    def _file(self) -> FastChatPrompts | None:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return None if self.prompts is None else read_prompts(self.prompts, self.prompt, self.verdict, self.letters)

    def fingerprint(self) -> Mapping[str, str]:
        """The digest of the prompts. DataError or ConfigError for a file that is none."""
        return super().fingerprint() if self._file is None else {"prompts": self._file.digest}

    def messages(self, trial: Trial) -> tuple[Message, ...]:
        """What the model is sent."""
        if self._file is not None:
            return self._file.messages(trial)
        return judge_messages(self._template, trial, self.system, turns=len(trial.item.turns))


@dataclass(frozen=True)
class MtBenchPair(_MtBench):
    """Both dialogues are shown whole; the model compares them and ends with [[A]], [[B]] or [[C]] for a tie.

    With `prompts=FILE` the wording is that file's: `pair-v2` for one turn, `pair-v2-multi-turn` for two, and
    `pair-math-v1` with or without `-multi-turn` where the item has a reference, as FastChat chooses. Without it, our
    own or a `template` (fields `question`, `answers`, `reference`, `turns`).

    Read as FastChat reads: [[A]] is looked for first, then [[B]], then [[C]]; `parser=strict` takes one mark alone.
    Other texts are a miss, where FastChat has an error. Two orders that disagree are a tie by the measures' option
    `orders=agree`. Source: Zheng et al. (2023), MT-Bench, and FastChat's `llm_judge`.
    """

    name = "mt-bench-pair"
    summary = "MT-Bench's form: compares two dialogues, then ends with [[A]], [[B]] or [[C]] (tie)"

    wording: ClassVar[str] = PAIR
    verdict: ClassVar[str] = "[[A]]"
    letters: ClassVar[tuple[str, ...]] = ("a", "b")

    prompt: str = option("pair-v2", help="which of them: the plain one, by which the others are found")
    parser: MarkForm = option("mt-bench", help="how the text is read: as FastChat does, or strictly")

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment."""
        return (await ask(self.model, Chat(self.messages(trial), self.sampling)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The letter of the text."""
        letters = letters_of(self.parser, 2, tie=True)
        mark = letter_of(samples[0].completion, letters, self.parser, self.strip_reasoning, trial.responses)
        return Preference(VERDICTS[mark], mark)


@dataclass(frozen=True)
class MtBenchSingle(_MtBench):
    """Each dialogue is shown alone and rated from 1 to 10; of several the higher is better, equal ones are a tie.

    With `prompts=FILE` the wording is that file's: `single-v1`, `single-math-v1` where the item has a reference, each
    with `-multi-turn` for two turns. Without it, our own or a `template` (fields `question`, `answers[0]`, `reference`,
    `turns`).

    Read as FastChat reads: the first number in [[...]], else in [...]; `parser=strict` takes one in [[...]] alone. A
    text without a number, or with one outside of 1 to 10, is a miss. Source: Zheng et al. (2023), MT-Bench, and
    FastChat's `llm_judge`.
    """

    name = "mt-bench-single"
    summary = "MT-Bench's form: rates each dialogue by itself, 1 to 10"
    responses = (1, sys.maxsize)

    wording: ClassVar[str] = SINGLE
    shown: ClassVar[int] = 1
    verdict: ClassVar[str] = "[[rating]]"
    letters: ClassVar[tuple[str, ...]] = ("",)

    prompt: str = option("single-v1", help="which of them: the plain one, by which the others are found")
    parser: RatingForm = option("mt-bench", help="how the text is read: as FastChat does, or strictly")

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment a response."""
        alone = (replace(trial, responses=(response,), order=(0,)) for response in trial.responses)
        return [await ask(self.model, Chat(self.messages(one), self.sampling)) for one in alone]

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Score:
        """The ratings in shown order."""
        return Score(tuple(self._rating(*one) for one in zip(trial.responses, samples, strict=True)))

    def _rating(self, response: Response, sample: Sample) -> float:
        found = rating_of(sample.completion, self.parser, self.strip_reasoning, (response,))
        if not LEAST <= found <= MOST:
            raise VerdictError(f"a rating outside of {LEAST:g} to {MOST:g}")
        return found


COMPONENTS = (MtBenchPair, MtBenchSingle)
