"""classifier: AlpacaEval's form of a judge by log-probabilities, which names the better of two models."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from math import exp
from pathlib import Path
from typing import Literal, NamedTuple

from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Preference, Sample, Trial
from judgebench.core.request import Message, ModelName, NextToken
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option
from judgebench.plugin.transcript import fields

NAMES = ("m", "M")
PACKAGE, FILE = "alpaca-eval", "alpaca_eval/evaluators_configs/alpaca_eval_clf_gpt4_turbo/alpaca_eval_clf.txt"
WORDING = """\
<|im_start|>system
You compare the answers of two language models, called m and M.
<|im_end|>
<|im_start|>user
Both models were given this task:

{instruction}

The answer of m:

{output_1}

The answer of M:

{output_2}

Which model gave the answer that a careful reader would prefer? Reply with its name alone: m or M.
<|im_end|>
"""
_MESSAGE = re.compile(r"<\|im_start\|>([^\n]*)\n(.*?)<\|im_end\|>", re.DOTALL)
_PLACE = re.compile(r"\{(instruction|output_1|output_2)\}")


class Wording(NamedTuple):
    """A template in AlpacaEval's form, and where it comes from."""

    origin: str
    text: str


@dataclass(frozen=True)
class Classifier(Judge):
    """p = P(m) / (P(m) + P(M)) of the first token, where m is the name of the answer shown first.

    The wording is AlpacaEval's own where its package is installed (it is read, not imported), else ours: the board's
    provenance says which. A template has messages in `<|im_start|>role ... <|im_end|>`, or is one message, and shows
    {instruction}, {output_1} and {output_2}. They are filled in at once, so that an answer that holds such marks cannot
    change the prompt, as it can officially. Tokens count exactly, as in the official parser.

    Source: alpaca-eval, `weighted_alpaca_eval_gpt4_turbo` and `logprob_parser`.
    """

    name = "classifier"
    summary = "AlpacaEval's form: the probability of the name of the better model"

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    wording: Literal["auto", "official", "own"] = option(
        "auto", help="official: AlpacaEval's, from its package; auto: that if installed, else our own", identity=False
    )
    template: str | None = option(None, help="file with a template of your own, in AlpacaEval's form", identity=False)

    def needs(self) -> tuple[type, ...]:
        """Log-probabilities of the next token."""
        return (NextToken,)

    def fingerprint(self) -> Mapping[str, str]:
        """Whose wording it is, and its digest. ConfigError when it cannot be had or lacks a field."""
        origin, text = self._wording
        return {"wording": origin, "template": hashlib.sha256(text.encode()).hexdigest()}

    @cached_property
    def _wording(self) -> Wording:
        found = _wording(self.wording, self.template)
        places = {place for _, content in _messages(found.text) for place in _PLACE.findall(content)}
        for place in ("instruction", "output_1", "output_2"):
            if place not in places:
                raise ConfigError(f"template of {found.origin} does not show {{{place}}}", "write it where it belongs")
        return found

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One look at the next token."""
        return (await ask(self.model, NextToken(self.messages(trial), NAMES, top=20)),)

    def messages(self, trial: Trial) -> tuple[Message, ...]:
        """What the model is sent."""
        shown = fields(trial)
        values = {"instruction": shown["question"], "output_1": shown["answers"][0], "output_2": shown["answers"][1]}
        return tuple(
            Message(role, _PLACE.sub(lambda place: values[place[1]], content))
            for role, content in _messages(self._wording.text)
        )

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The two names' shares of their joint probability."""
        chance = dict.fromkeys(NAMES, 0.0)
        for token, value in samples[0].completion.logprobs:
            if token in chance:
                chance[token] = exp(value)
        if not sum(chance.values()):
            raise VerdictError("neither m nor M is among the likely next tokens")
        p = chance[NAMES[0]] / sum(chance.values())
        return Preference((p, 1.0 - p))


def _wording(choice: str, template: str | None) -> Wording:
    if template is not None:
        try:
            return Wording(Path(template).name, Path(template).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigError(f"template {template}: {why}", "give the path of a UTF-8 text file") from None
    if choice != "own":
        try:
            package = distribution(PACKAGE)
            return Wording(f"{PACKAGE} {package.version}", Path(str(package.locate_file(FILE))).read_text("utf-8"))
        except (PackageNotFoundError, OSError) as error:
            if choice == "official":
                raise ConfigError(
                    f"AlpacaEval's wording cannot be had: {error}", "pip install alpaca-eval, or wording=own"
                ) from None
    return Wording("judgebench", WORDING)


def _messages(text: str) -> list[tuple[Literal["system", "user", "assistant"], str]]:
    """Roles and contents of a template; without marks it is one user message."""
    found: list[tuple[Literal["system", "user", "assistant"], str]] = []
    for role, content in _MESSAGE.findall(text):
        match role.strip():
            case "system" | "user" | "assistant" as known:
                found.append((known, content.strip()))
            case other:
                raise ConfigError(f"a template has a message of role '{other}'", "known: system, user, assistant")
    if not found and "<|im_start|>" in text:
        raise ConfigError("a template has a message that never ends", "close it by <|im_end|>")
    return found or [("user", text.strip())]


COMPONENT = Classifier
