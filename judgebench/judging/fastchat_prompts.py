"""Prompts of FastChat's llm_judge: files in the form of its judge_prompts.jsonl, and how their fields are filled."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Formatter

from judgebench.core.errors import ConfigError, DataError, VerdictError
from judgebench.core.item import Trial
from judgebench.core.request import Message
from judgebench.forms.files import read_rows
from judgebench.plugin.options import nearest

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_MATH, _TURNS = "math", "-multi-turn"


@dataclass(frozen=True, slots=True)
class FastChatPrompt:
    """One row of such a file: its name, system prompt, template, and the form of the verdict that it asks for."""

    name: str
    system: str
    template: str
    output: str

    @property
    def places(self) -> frozenset[str]:
        """Names of the fields that the template shows."""
        return frozenset(place for place in _PLACE.findall(self.template) if place)

    def fill(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """The messages, as `str.format` would make them, but all fields at once: a text with braces changes nothing."""

        def text(place: re.Match[str]) -> str:
            return {"{{": "{", "}}": "}"}.get(place[0]) or values[place[1]]

        prompt = Message("user", _PLACE.sub(text, self.template))
        return (Message("system", self.system), prompt) if self.system else (prompt,)


@dataclass(frozen=True, slots=True)
class FastChatPrompts:
    """The prompts that a judge takes from a file: `chosen`, and those for a reference, for two turns, and for both.

    They are found as FastChat's `make_judge_pairwise` names them: `pair-v2`, `pair-math-v1`, `pair-v2-multi-turn`,
    `pair-math-v1-multi-turn`. One that the file lacks is an error once an item needs it. `letters` name the answers,
    ("",) a single one.
    """

    path: str
    named: Mapping[str, FastChatPrompt]
    chosen: str
    letters: tuple[str, ...]

    @property
    def digest(self) -> str:
        """sha256 of the prompts that can be used, hexadecimal."""
        names = [name for k in range(4) if (name := _name(self.chosen, bool(k & 1), bool(k & 2))) in self.named]
        return hashlib.sha256(json.dumps([asdict(self.named[name]) for name in names]).encode()).hexdigest()

    def messages(self, trial: Trial) -> tuple[Message, ...]:
        """What the model is sent about a trial.

        DataError for an item that such prompts cannot show (more than two turns, messages before them) or that the
        file has no prompt for; VerdictError where a response has not a text for every turn.
        """
        item = trial.item
        if len(item.turns) > 2:
            raise DataError(f"item '{item.id}' has {len(item.turns)} turns", "FastChat's prompts are for one or two")
        if item.context:
            raise DataError(f"item '{item.id}' begins with messages of its own", "only our own wording shows them")
        if any(len(response.turns) < len(item.turns) for response in trial.responses):
            raise VerdictError("a response has no text for one of the turns")
        several = len(item.turns) == 2
        name = _name(self.chosen, bool(item.reference), several)
        if name not in self.named:
            raise DataError(f"{self.path} has no prompt '{name}', which item '{item.id}' needs", "add it to the file")
        values = {_reference(turn): text for turn, text in enumerate(item.reference, 1)}
        for turn, text in enumerate(item.turns, 1):
            values[_field("question", "", turn, several)] = text
            for letter, response in zip(self.letters, trial.responses, strict=True):
                values[_field("answer", letter, turn, several)] = response.turns[turn - 1]
        prompt = self.named[name]
        if lacking := prompt.places - values.keys():
            message = f"{self.path}: '{name}' shows {{{min(lacking)}}}, which item '{item.id}' has not"
            raise DataError(message, "give the item a reference answer for every turn")
        return prompt.fill(values)


def read_prompts(path: str, chosen: str, output: str, letters: tuple[str, ...]) -> FastChatPrompts:
    """The prompts of a file. DataError that names the row of one that is wrong, ConfigError without the `chosen` one.

    Those whose verdict has another form than `output` are left aside; the chosen one must not. Of the others, those
    that the judge can be in need of may show only the fields that FastChat fills in there.
    """
    known = {
        _name(chosen, helped, several): _fields(letters, helped, several)
        for helped in (False, True)
        for several in (False, True)
    }
    forms: dict[str, str] = {}
    named: dict[str, FastChatPrompt] = {}
    for place, row in read_rows(path):
        values = [row.get(key) for key in ("name", "system_prompt", "prompt_template", "output_format")]
        if not all(isinstance(value, str) for value in values):
            raise DataError(f"{place} is no prompt", "its texts: name, system_prompt, prompt_template, output_format")
        prompt = FastChatPrompt(*map(str, values))
        if prompt.name in forms:
            raise DataError(f"{place}: a second prompt '{prompt.name}'", "each name must be there once")
        forms[prompt.name] = prompt.output
        if prompt.name in known and prompt.output == output:
            _check(place, prompt, known[prompt.name])
            named[prompt.name] = prompt
    if chosen not in forms:
        raise ConfigError(f"{path} has no prompt '{chosen}'", nearest(chosen, forms))
    if forms[chosen] != output:
        raise ConfigError(f"{path}: '{chosen}' asks for {forms[chosen]}", f"this judge reads {output}")
    return FastChatPrompts(path, named, chosen, letters)


def _check(place: str, prompt: FastChatPrompt, known: frozenset[str]) -> None:
    """DataError for a template that `str.format` could not fill by these names alone."""
    try:
        parts = list(Formatter().parse(prompt.template))
    except ValueError as error:
        raise DataError(f"{place}: its template: {error}", "write a brace that is text twice: {{ or }}") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in known or form or conversion):
            shown = f"{{{name}{'!' if conversion else ''}{conversion or ''}{':' if form else ''}{form}}}"
            fields = ", ".join(sorted(known))
            raise DataError(f"{place}: '{prompt.name}' shows {shown}", f"what it may show, by name alone: {fields}")


def _name(chosen: str, helped: bool, several: bool) -> str:
    """FastChat's name of the prompt for items with a reference (`helped`), and with two turns (`several`)."""
    kind, _, _ = chosen.partition("-")
    return (f"{kind}-{_MATH}-v1" if helped else chosen) + _TURNS * several


def _fields(letters: tuple[str, ...], helped: bool, several: bool) -> frozenset[str]:
    """Names of all fields that such a prompt may show."""
    turns = (1, 2) if several else (1,)
    words = (("question", ""), *(("answer", letter) for letter in letters))
    names = {_field(word, letter, turn, several) for turn in turns for word, letter in words}
    return frozenset(names | ({_reference(turn) for turn in turns} if helped else set()))


def _field(word: str, letter: str, turn: int, several: bool) -> str:
    """Such as `question`, `answer_a`, and with two turns `question_1`, `answer_a_2`."""
    return "_".join(part for part in (word, letter, str(turn) if several else "") if part)


def _reference(turn: int) -> str:
    return f"ref_answer_{turn}"
