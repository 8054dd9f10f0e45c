"""alpaca-eval: an annotator of AlpacaEval's package, asked on a backend of judgebench."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

from judgebench import (
    Ask,
    Chat,
    ConfigError,
    Judge,
    Message,
    ModelName,
    NextToken,
    Preference,
    Request,
    Sample,
    Text,
    Trial,
    VerdictError,
    fields,
    option,
)
from judgebench_alpaca_eval import configs, package, reading
from judgebench_alpaca_eval.annotator import Annotator, annotator

N = TypeVar("N")
_REQUESTS: Mapping[str, type[Request]] = {"chat": Chat, "text": Text, "next-token": NextToken}


@dataclass(frozen=True)
class AlpacaEvalJudge(Judge):
    """One annotator configuration of the installed package alpaca-eval, on whatever model is named.

    Prompt, decoding settings and parser are the package's, read when they are needed; options given here replace the
    settings. Two equal outputs are a draw and nobody is asked, as officially. The order of the outputs is the run's
    (`order`): officially it is drawn for each instruction, as `seeded` does from another seed, except for `lmsys_gpt4`
    and `aviary_gpt4`, which show the baseline first.

    A prompt is filled in as officially, so that an answer that holds `{output_2}` or ChatML's marks can change it. The
    core's judge `classifier` does not let it.

    Source: alpaca-eval, `SinglePairwiseAnnotator`.
    """

    name = "alpaca-eval"
    summary = "an annotator of the package alpaca-eval: its prompt, its settings, its parser"

    model: ModelName = option(help="the model that judges: a name under `models:`, or backend:model")
    config: str = option(
        "weighted_alpaca_eval_gpt4_turbo", help="annotator of the package; POOL/NAME for one of a pool"
    )
    temperature: float | None = option(None, help="0 is greedy; default: the configuration's")
    top_p: float | None = option(None, help="nucleus sampling: above 0, up to 1; default: the configuration's")
    max_tokens: int | None = option(None, help="longest judgment in tokens; default: the configuration's")
    top_logprobs: int | None = option(
        None, help="most probable tokens looked at, where log-probabilities are; default: the configuration's"
    )
    functions: Literal["refuse", "schema"] = option(
        "refuse", help="where officially a function is called. schema: its parameters as a JSON answer instead"
    )

    def __post_init__(self) -> None:
        """ConfigError for numbers that cannot work."""
        for name, value, least in (("max_tokens", self.max_tokens, 1), ("top_logprobs", self.top_logprobs, 1)):
            if value is not None and value < least:
                raise ConfigError(f"{self.name}: {name} is {value}", f"give a number from {least} on")
        if self.temperature is not None and self.temperature < 0:
            raise ConfigError(f"{self.name}: temperature is {self.temperature}", "give a number from 0 on")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ConfigError(f"{self.name}: top_p is {self.top_p}", "give a number above 0, up to 1")

    def needs(self) -> tuple[type, ...]:
        """Log-probabilities of the next token, a chat or a plain text: as the configuration has it."""
        return (_REQUESTS[self.annotator.form],)

    def fingerprint(self) -> Mapping[str, str]:
        """The package's version, and the digests of prompt and configuration.

        ConfigError where the package, the configuration or its parser cannot be had. The package is imported here,
        which takes seconds: before anything is spent.
        """
        package.parser(self.annotator.parser)
        values = json.dumps(self._configuration.values, sort_keys=False, ensure_ascii=False)
        return {
            "alpaca-eval": package.installed_version(),
            "template": hashlib.sha256(self.annotator.template.encode()).hexdigest(),
            "configuration": hashlib.sha256(values.encode()).hexdigest(),
        }

    @cached_property
    def _configuration(self) -> configs.Configuration:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return configs.load(self.config)

    @cached_property
    def annotator(self) -> Annotator:
        """What is asked, with the options given here. ConfigError where our backends cannot ask it."""
        found = annotator(self._configuration, self.functions)
        given = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}
        useless = {"top_logprobs": self.top_logprobs} if found.top is None else given
        if names := [name for name, value in useless.items() if value is not None]:
            reads = "a text" if found.top is None else "log-probabilities of one token at temperature 1"
            raise ConfigError(f"annotator '{found.name}' reads {reads}: {names[0]} has no effect", "leave it out")
        sampling = replace(
            found.sampling,
            temperature=_given(self.temperature, found.sampling.temperature),
            top_p=_given(self.top_p, found.sampling.top_p),
            max_tokens=_given(self.max_tokens, found.sampling.max_tokens),
        )
        return replace(found, sampling=sampling, top=_given(self.top_logprobs, found.top))

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """One judgment; nobody is asked about two equal outputs."""
        return () if _equal(trial) else (await ask(self.model, self.request(trial)),)

    def request(self, trial: Trial) -> Request:
        """What the model is asked. VerdictError where the texts hold marks of ChatML that leave no conversation."""
        shown = fields(trial)
        asked = self.annotator
        prompt = asked.prompt(shown["question"], *shown["answers"])
        if asked.form == "text":
            return Text(prompt, asked.sampling)
        messages = _messages(prompt)
        if asked.top is not None:
            return NextToken(messages, asked.choices, asked.top)
        return Chat(messages, asked.sampling, asked.schema)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """The preference that the package's parser finds; a draw for two equal outputs."""
        return Preference((0.5, 0.5)) if _equal(trial) else reading.preference(self.annotator, samples[0].completion)


def _given(value: N | None, otherwise: N) -> N:
    return otherwise if value is None else value


def _equal(trial: Trial) -> bool:
    first, second = fields(trial)["answers"]
    return bool(first == second)


def _messages(prompt: str) -> tuple[Message, ...]:
    found = []
    try:
        for message in package.messages(prompt):
            match message:
                case {"role": "system" | "user" | "assistant" as role, "content": content, **more} if not more:
                    found.append(Message(role, content))
                case _:
                    raise AssertionError
    except (AssertionError, IndexError):
        raise VerdictError("the texts hold marks of ChatML that leave no conversation") from None
    return tuple(found)
