"""An annotator as our backends can ask it: prompt, request, settings and parser; or why they cannot."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from judgebench import ConfigError, Sampling
from judgebench_alpaca_eval.configs import Configuration
from judgebench_alpaca_eval.decoders import CHAT_MARK, DECODERS, DRAWN, ELSEWHERE, FORM, WORK, Decoder

Form = Literal["chat", "text", "next-token"]
PLACES = ("instruction", "output_1", "output_2")
_PLACE = re.compile(r"{([^ \s]+?)}")
_KEYS = frozenset(
    {
        *("prompt_template", "fn_completions", "completions_kwargs", "completion_key", "batch_size"),
        *("fn_completion_parser", "completion_parser_kwargs", "processors_to_kwargs", "is_randomize_output_order"),
        *("is_shuffle", "pretty_name", "link"),
    }
)
_AFTERWARDS = frozenset({"ChainOfThoughtProcessor", "JsonKeysToColumnProcessor"})
"""Processors that add columns to the finished annotations and change no preference."""
_ANOTHER = "take a configuration that the README lists as working"


@dataclass(frozen=True)
class Annotator:
    """What is asked and how the answer is read.

    `top` is the number of log-probabilities looked at, None where a text is read. `schema`: the parameters of the
    function that is called officially, as a JSON schema. `shuffled`: officially the order of the outputs is drawn for
    each instruction; otherwise the baseline's stands first.
    """

    name: str
    template: str
    form: Form
    strips: bool
    sampling: Sampling
    top: int | None
    choices: tuple[str, ...]
    schema: str | None
    parser: str
    parser_options: Mapping[str, Any]
    shuffled: bool

    def prompt(self, instruction: str, output_1: str, output_2: str) -> str:
        """The prompt, filled in as the package does it: one name after the other, each at its first place.

        So an answer that holds `{output_2}` changes the prompt, as it does officially.
        """
        values = dict(zip(PLACES, (instruction, output_1, output_2), strict=True))
        text = self.template
        for place in dict.fromkeys(_PLACE.findall(text)):
            text = text.replace(f"{{{place}}}", values[place], 1)
        return text.strip() if self.strips else text


def annotator(configuration: Configuration, functions: Literal["refuse", "schema"]) -> Annotator:
    """The annotator of a configuration. ConfigError that says what of it our backends cannot do."""
    values, decoding = configuration.values, configuration.decoding
    decoder = _supported(configuration)
    schema = _schema(configuration, functions)
    template = configuration.template
    _check_template(configuration.name, template)
    parser = str(values.get("fn_completion_parser", "regex_parser"))
    options = values.get("completion_parser_kwargs") or {}
    limit = decoding.get(decoder.limit, decoder.tokens)
    if not isinstance(limit, int):
        raise _refused(configuration.name, "does not say how long an answer may be")
    weighs = bool(decoding.get("logprobs"))
    if weighs and limit != 1:
        raise _refused(
            configuration.name,
            f"reads log-probabilities of the last of up to {limit} tokens, and our backends give those of the first",
            "take the configuration of the same prompt without reasoning (_cot_), or a judge that reads a text",
        )
    chat = template.lstrip().startswith(CHAT_MARK)
    if weighs and not (chat and parser == "logprob_parser" and "top_logprobs" in decoding):
        raise _refused(
            configuration.name, f"reads log-probabilities by {parser} in a way that this plugin does not know"
        )
    return Annotator(
        name=configuration.name,
        template=template,
        form="next-token" if weighs else "chat" if chat else "text",
        strips=decoder.strips or chat,
        sampling=Sampling(
            float(decoding.get("temperature", decoder.temperature)), float(decoding.get("top_p", 1.0)), limit
        ),
        top=int(decoding["top_logprobs"]) if weighs else None,
        choices=tuple(options["denominator_tokens"]) if weighs else (),
        schema=schema,
        parser=parser,
        parser_options=options,
        shuffled=bool(values.get("is_randomize_output_order", True)),
    )


def _supported(configuration: Configuration) -> Decoder:
    """Its decoder, once everything that the configuration sets is known to us."""
    name, values, decoding = configuration.name, configuration.values, configuration.decoding
    if unknown := sorted(set(values) - _KEYS):
        raise _refused(name, f"sets {', '.join(unknown)}, which this plugin does not know")
    function = str(values.get("fn_completions", "openai_completions"))
    decoder = DECODERS.get(function)
    if decoder is None:
        raise _refused(name, f"is asked by {function}, which is no model of ours")
    if (batch := values.get("batch_size", 1)) != 1:
        raise _refused(name, f"shows {batch} pairs in one prompt, and a judge of ours sees one")
    if steered := sorted(set(decoding) & {"tokens_to_avoid", "tokens_to_favor", "logit_bias"}):
        raise _refused(name, f"biases logits ({', '.join(steered)}), which our backends cannot")
    if unknown := sorted(set(decoding) - ELSEWHERE - WORK - FORM - DRAWN - {decoder.limit}):
        raise _refused(name, f"sets {', '.join(unknown)} of {function}, which our backends cannot")
    if unknown := sorted(set(values.get("processors_to_kwargs") or {}) - _AFTERWARDS):
        raise _refused(name, f"uses {', '.join(unknown)}, which may change preferences")
    return decoder


def _schema(configuration: Configuration, functions: Literal["refuse", "schema"]) -> str | None:
    """The parameters of the one function that is called officially, every one of them required as strict servers want.

    None where none is called.
    """
    tools = configuration.decoding.get("tools")
    name = configuration.name
    if not tools:
        if functions == "schema":
            raise ConfigError(f"annotator '{name}' calls no function: functions=schema has no effect", "leave it out")
        return None
    if len(tools) != 1:
        raise _refused(name, f"offers {len(tools)} functions, and an answer has one form")
    function: Mapping[str, Any] = tools[0]["function"]
    if functions == "refuse":
        raise _refused(
            name,
            f"has the model call a function ({function['name']}), which our backends cannot",
            "functions=schema asks for the function's parameters as a JSON answer instead: a judge of its own",
        )
    parameters = dict(function["parameters"])
    return json.dumps(parameters | {"required": list(parameters["properties"])})


def _check_template(name: str, template: str) -> None:
    """ConfigError unless the prompt shows one pair, and its messages are of roles that we have."""
    shown = Counter(_PLACE.findall(template))
    if sorted(shown) != sorted(PLACES):
        raise _refused(name, f"has a prompt that shows {', '.join(sorted(shown))}")
    if any(number != 1 for number in shown.values()):
        raise _refused(name, "has a prompt that shows a text several times, which the package refuses too")
    for role in re.findall(rf"{re.escape(CHAT_MARK)}([^\n]*)", template):
        if role.strip() not in ("system", "user", "assistant"):
            raise _refused(name, f"has a prompt with a message of '{role.strip()}'")


def _refused(name: str, why: str, hint: str = _ANOTHER) -> ConfigError:
    return ConfigError(f"annotator '{name}' {why}", hint)
