"""arena-hard: Arena-Hard's form of a judge, with five labels."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Preference, Sample, Trial
from judgebench.core.request import Chat, Message, ModelName, Sampling
from judgebench.forms.labels import LABELS, preference
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import Temperature, TokenLimit, TopP, option
from judgebench.plugin.transcript import fields, without_reasoning

SYSTEM = """\
You compare two answers to a request and say how clearly one of them is better. What counts: does the answer do all \
that was asked, is what it says true, is it of use to the person who asks, and does it leave out what nobody asked \
for? The order of the answers and their looks do not count. Where the request leaves something open, an answer that \
asks about it or names its assumption is better than one that guesses.

Work out in a few words what a good answer must contain. Then name what each answer gets right and wrong. End with one \
line that holds your verdict alone:
[[A>>B]] if answer A is much better
[[A>B]] if answer A is somewhat better
[[A=B]] if they are about equally good
[[B>A]] if answer B is somewhat better
[[B>>A]] if answer B is much better"""
PROMPT = """\
# Request
{QUESTION}

# Answer A
{ANSWER_A}

# Answer B
{ANSWER_B}"""
PLACES = {
    "QUESTION": "question", "question_1": "question",
    "ANSWER_A": "first", "answer_1": "first",
    "ANSWER_B": "second", "answer_2": "second",
}  # fmt: skip
"""The fields of a template in the forms of v2.0 and v0.1, and what they show."""
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")
_MARKED = re.compile(r"\[\[([AB<>=]+)\]\]")
_LOOSE = re.compile(r"\[([AB<>=]+)\]")


class Wording(NamedTuple):
    """A system prompt for every category, that of the others under an empty name, a template, and whose they are."""

    origin: str
    system: Mapping[str, str]
    template: str


@dataclass(frozen=True)
class ArenaHard(Judge):
    """Reasoning, then one of the labels A>>B, A>B, A=B, B>A, B>>A in double brackets.

    The wording is ours unless `config` names a file in the official form (YAML): `prompt_template`, one text or a list
    of one, which shows {QUESTION}, {ANSWER_A} and {ANSWER_B} or, in the form of v0.1, {question_1}, {answer_1} and
    {answer_2}; and `system_prompt`, one text or a mapping from categories to texts (v2.0 keeps its own in its code:
    write them into the file). The rest of that file is for the official program. Fields are filled in at once, so that
    an answer that holds such marks cannot change the prompt.

    Parsers: `v2.0` reads the text in capitals, takes the last label in [[...]], else the last in [...], and the
    spellings A<B, A<<B, B<A, B<<A and B=A too. `v0.1` takes labels in [[...]] as they stand; two different ones are
    none. A text cut at `max_tokens` is a miss, unless a label is the last thing in it.

    Source: Li et al. (2024), Arena-Hard; arena-hard-auto, `gen_judgment`.
    """

    name = "arena-hard"
    summary = "Arena-Hard's form: reasons, then one of five labels from [[A>>B]] to [[B>>A]]"

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    config: str | None = option(None, help="YAML file with system_prompt and prompt_template", identity=False)
    parser: Literal["v2.0", "v0.1"] = option("v2.0", help="which official parser reads the text")
    temperature: Temperature = option(0.0, help="0 is greedy")
    top_p: TopP = option(1.0, help="nucleus sampling: above 0, up to 1")
    max_tokens: TokenLimit = option(4096, help="longest judgment in tokens, reasoning included")
    strip_reasoning: tuple[str, ...] = option(("think",), help="tags of reasoning blocks in which no label counts")

    def fingerprint(self) -> Mapping[str, str]:
        """Whose wording it is, and its digest. ConfigError when it cannot be had or lacks a field."""
        found = self._wording
        text = repr([sorted(found.system.items()), found.template])
        return {"wording": found.origin, "template": hashlib.sha256(text.encode()).hexdigest()}

    @cached_property
    def _wording(self) -> Wording:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return Wording("judgebench", {"": SYSTEM}, PROMPT) if self.config is None else _official(Path(self.config))

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment."""
        sampling = Sampling(self.temperature, self.top_p, self.max_tokens)
        return (await ask(self.model, Chat(self.messages(trial), sampling)),)

    def messages(self, trial: Trial) -> tuple[Message, ...]:
        """What the model is sent."""
        shown = fields(trial)
        values = {"question": shown["question"], "first": shown["answers"][0], "second": shown["answers"][1]}
        text = _PLACE.sub(lambda place: values[PLACES[place[1]]], self._wording.template)
        system = self._wording.system.get(trial.item.stratum) or self._wording.system.get("")
        prompt = Message("user", text)
        return (Message("system", system), prompt) if system else (prompt,)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The text's label."""
        completion = samples[0].completion
        text = without_reasoning(completion.text, self.strip_reasoning)
        if completion.finish == "length" and not _ends_in_label(text):
            raise VerdictError("cut at max_tokens before a verdict")
        label = _last(text) if self.parser == "v2.0" else _only(text)
        found = preference(label) if self.parser == "v2.0" or label in LABELS else None
        if found is None:
            raise VerdictError("a label that is none of the five")
        return found


def _ends_in_label(text: str) -> bool:
    marks = list(_MARKED.finditer(text))
    return bool(marks) and marks[-1].end() == len(text)


def _last(text: str) -> str:
    """The label that the parser of v2.0 finds."""
    capitals = text.upper()
    found = _MARKED.findall(capitals) or _LOOSE.findall(capitals)
    if not found:
        raise VerdictError("no verdict")
    return str(found[-1])


def _only(text: str) -> str:
    """The label that the parser of v0.1 finds."""
    found = set(_MARKED.findall(text))
    if len(found) > 1:
        raise VerdictError("two different verdicts in one text")
    if not found:
        raise VerdictError("no verdict")
    return str(found.pop())


def _official(path: Path) -> Wording:
    """The wording in a file of the official form."""
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"config {path}: not UTF-8 text", "save it as YAML in UTF-8") from None
    except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError: a date that does not exist
        why = getattr(error, "strerror", None) or getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(f"config {path}: {why}", "give the path of a YAML file with prompt_template") from None
    template = values.get("prompt_template") if isinstance(values, dict) else None
    if isinstance(template, list) and len(template) == 1:
        template = template[0]
    if not isinstance(template, str):
        raise ConfigError(f"config {path}: prompt_template is no text", "write it as a text, or a list of one")
    shown = {PLACES[place] for place in _PLACE.findall(template)}
    for place, what in (("QUESTION", "question"), ("ANSWER_A", "first"), ("ANSWER_B", "second")):
        if what not in shown:
            raise ConfigError(f"config {path}: prompt_template does not show {{{place}}}", "write it where it belongs")
    return Wording(path.name, _system(values.get("system_prompt"), path), template)


def _system(value: Any, path: Path) -> dict[str, str]:
    match value:
        case None:
            return {}
        case str(text):
            return {"": text}
        case dict() if all(isinstance(text, str) for text in value.values()):
            return {str(category): text for category, text in value.items()}
    raise ConfigError(f"config {path}: system_prompt is no text", "a text, or a mapping from categories to texts")


COMPONENT = ArenaHard
