"""Prompts of FastChat's llm_judge: files in the form of its judge_prompts.jsonl, and how their fields are filled."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Trial
from judgebench.core.request import Message
from judgebench.plugin.files import read_rows
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
    """The prompts that a judge takes from a file: `plain`, and those for a reference, for two turns, and for both.

    They are found as FastChat's `make_judge_pairwise` names them: `pair-v2`, `pair-math-v1`, `pair-v2-multi-turn`,
    `pair-math-v1-multi-turn`. One that the file lacks is an error once an item needs it.
    """

    path: str
    named: Mapping[str, FastChatPrompt]
    chosen: str

    @property
    def digest(self) -> str:
        """sha256 of the prompts that can be used, hexadecimal."""
        names = [name for k in range(4) if (name := self._name(bool(k & 1), bool(k & 2))) in self.named]
        return hashlib.sha256(json.dumps([asdict(self.named[name]) for name in names]).encode()).hexdigest()

    def messages(self, trial: Trial, letters: tuple[str, ...]) -> tuple[Message, ...]:
        """What the model is sent about a trial: `letters` name its answers, ("",) a single one.

        DataError for more than two turns, and where the file has no prompt for such an item.
        """
        item = trial.item
        if len(item.turns) > 2:
            raise DataError(f"item '{item.id}' has {len(item.turns)} turns", "FastChat's prompts are for one or two")
        several, helped = len(item.turns) == 2, bool(item.reference)
        name = self._name(helped, several)
        if name not in self.named:
            raise DataError(f"{self.path} has no prompt '{name}', which item '{item.id}' needs", "add it to the file")
        values = {f"ref_answer_{turn}": text for turn, text in enumerate(item.reference, 1)}
        for turn, text in enumerate(item.turns, 1):
            values[f"question_{turn}" if several else "question"] = text
            for letter, response in zip(letters, trial.responses, strict=True):
                said = response.turns[turn - 1] if turn <= len(response.turns) else ""
                values["_".join(("answer", *letter, *([str(turn)] if several else [])))] = said
        prompt = self.named[name]
        if lacking := prompt.places - values.keys():
            raise DataError(f"{self.path}: '{name}' shows {{{min(lacking)}}}, which item '{item.id}' has not", "")
        return prompt.fill(values)

    def _name(self, helped: bool, several: bool) -> str:
        kind, _, _ = self.chosen.partition("-")
        return (f"{kind}-{_MATH}-v1" if helped else self.chosen) + _TURNS * several


def read_prompts(path: str, chosen: str, output: str) -> FastChatPrompts:
    """The prompts of a file. DataError that names the row of one that is wrong, ConfigError without the `chosen` one.

    Those whose verdict has another form than `output` are left aside; the chosen one must not.
    """
    named: dict[str, FastChatPrompt] = {}
    for place, row in read_rows(path):
        values = [row.get(key) for key in ("name", "system_prompt", "prompt_template", "output_format")]
        if not all(isinstance(value, str) for value in values):
            raise DataError(f"{place} is no prompt", "its texts: name, system_prompt, prompt_template, output_format")
        prompt = FastChatPrompt(*map(str, values))
        named[prompt.name] = prompt
    if chosen not in named:
        raise ConfigError(f"{path} has no prompt '{chosen}'", nearest(chosen, named))
    if named[chosen].output != output:
        raise ConfigError(f"{path}: '{chosen}' asks for {named[chosen].output}", f"this judge reads {output}")
    return FastChatPrompts(path, {name: one for name, one in named.items() if one.output == output}, chosen)
