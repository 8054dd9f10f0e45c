import ast
import re
from pathlib import Path

import pytest
from alpaca_eval_kit import DEFAULT, judge
from judgebench_alpaca_eval import configs, package
from judgebench_alpaca_eval.annotator import annotator
from judgebench_alpaca_eval.decoders import DECODERS

from judgebench import Chat, ConfigError, NextToken, Sampling, Text

README = Path(__file__).parents[1] / "README.md"
LISTED = "0.6.6"
"""The version whose annotators the README lists."""
REASONS = {
    "no: several pairs in one prompt": "pairs in one prompt",
    "no: biases logits": "biases logits",
    "no: log-probabilities after reasoning": "log-probabilities of the last",
    "with `functions=schema`": "call a function",
}
"""The README's words for what is said of an annotator that is refused."""


def walked() -> dict[str, str]:
    """Every annotator of the installed package, and how it is asked, or why it is not with the hint."""
    found = {}
    for name in configs.names():
        start = f"annotator '{name}' "
        try:
            found[name] = judge(name).annotator.form
        except ConfigError as error:
            found[name] = f"{error.message.removeprefix(start)}: {error.hint}"
    return found


def test_every_annotator_is_made_or_refused_with_a_reason() -> None:
    found = walked()
    folders = {path.parent.name for path in package.configurations().glob("*/*.yaml")}
    assert {name.partition("/")[0] for name in found} == folders
    made = [name for name, how in found.items() if how in ("chat", "text", "next-token")]
    print(f"{len(made)} of {len(found)} annotators")
    assert DEFAULT in made
    for name in found.keys() - made:
        reason, _, hint = found[name].partition(": ")
        assert "annotator" not in reason
        assert hint


def test_the_readme_lists_them_all() -> None:
    if package.installed_version() != LISTED:
        pytest.skip(f"the README lists the annotators of alpaca-eval {LISTED}")
    part = README.read_text(encoding="utf-8").partition("## The annotators")[2]
    rows = re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", part, re.MULTILINE)
    listed = {name: how.strip() for names, how in rows for name in re.findall(r"`([^`]+)`", names)}
    forms = {"a chat": "chat", "a plain text": "text", "the next token's log-probabilities": "next-token"}
    assert {name: REASONS.get(listed[name]) or forms[listed[name]] for name in listed} == {
        name: next((words for words in REASONS.values() if words in how), how) for name, how in walked().items()
    }


def test_functions_may_be_asked_as_json() -> None:
    calling = [name for name, how in walked().items() if "call a function" in how]
    assert calling
    for name in calling:
        made = judge(name, functions="schema").annotator
        assert made.schema is not None
        assert made.form == "chat"
        assert '"required": [' in made.schema


def test_an_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no annotator 'weighted_alpaca_eval_gpt4_turb'") as caught:
        judge("weighted_alpaca_eval_gpt4_turb").needs()
    assert caught.value.hint == "did you mean 'weighted_alpaca_eval_gpt4_turbo'?"
    with pytest.raises(ConfigError) as caught:
        judge("zzzzzzzz").needs()
    assert "such as" in caught.value.hint


def test_a_pool_asks_for_one_of_its_annotators() -> None:
    with pytest.raises(ConfigError, match="is a pool of 13 annotators") as caught:
        judge("alpaca_farm").needs()
    assert "alpaca_farm/davinci003_2" in caught.value.hint
    assert judge("alpaca_farm/davinci003_2").needs() == (Text,)
    with pytest.raises(ConfigError, match="the pool 'alpaca_farm' has no annotator 'davinci003_9'"):
        judge("alpaca_farm/davinci003_9").needs()


def test_settings_are_the_configurations_unless_given() -> None:
    assert judge("lmsys_gpt4").annotator.sampling == Sampling(0.2, 1.0, 1024)
    assert judge("lmsys_gpt4", temperature=0.0, max_tokens=50).annotator.sampling == Sampling(0.0, 1.0, 50)
    assert judge("cohere").annotator.sampling.temperature == DECODERS["cohere_completions"].temperature
    assert judge().annotator.top == 5
    assert judge(top_logprobs=20).annotator.top == 20
    assert judge().needs() == (NextToken,)
    assert judge("alpaca_eval_gpt4").needs() == (Chat,)
    assert not judge("lmsys_gpt4").annotator.shuffled
    assert judge().annotator.shuffled


def test_a_setting_without_effect_is_refused() -> None:
    with pytest.raises(ConfigError, match="log-probabilities of one token at temperature 1: temperature has no effect"):
        judge(temperature=0.0).needs()
    with pytest.raises(ConfigError, match="reads a text: top_logprobs has no effect"):
        judge("alpaca_eval_gpt4", top_logprobs=5).needs()
    with pytest.raises(ConfigError, match="calls no function: functions=schema has no effect"):
        judge("alpaca_eval_gpt4", functions="schema").needs()


@pytest.mark.parametrize(
    "options", [{"max_tokens": 0}, {"top_logprobs": 0}, {"temperature": -0.1}, {"top_p": 0.0}, {"top_p": 1.1}]
)
def test_numbers_that_cannot_work_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        judge("lmsys_gpt4", **options)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"fn_completions": "my_own_completions"}, "my_own_completions, which is no model of ours"),
        ({"completions_kwargs": {"best_of": 3}}, "sets best_of of openai_completions"),
        ({"processors_to_kwargs": {"MyProcessor": {}}}, "uses MyProcessor"),
        ({"reward": 1}, "sets reward"),
        ({"batch_size": 2}, "shows 2 pairs"),
        ({"fn_completions": "vllm_local_completions"}, "does not say how long"),
        ({"completions_kwargs": {"logprobs": True, "max_tokens": 1, "top_logprobs": 5}}, "by regex_parser"),
    ],
)
def test_what_this_plugin_does_not_know_is_refused(values: dict[str, object], why: str) -> None:
    template = "<|im_start|>user\n{instruction} {output_1} {output_2}\n<|im_end|>"
    annotator(configs.Configuration("own", {}, template), "refuse")
    with pytest.raises(ConfigError, match=why):
        annotator(configs.Configuration("own", values, template), "refuse")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{instruction} {output_1}", "shows instruction, output_1"),
        ("{instruction} {input} {output_1} {output_2}", "shows input, instruction"),
        ("{instruction} {output_1} {output_1} {output_2}", "several times"),
        ("<|im_start|>system name=x\n{instruction} {output_1} {output_2}<|im_end|>", "message of 'system name=x'"),
    ],
)
def test_prompts_that_cannot_be_shown_are_refused(template: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        annotator(configs.Configuration("own", {}, template), "refuse")


def test_a_parser_that_the_package_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no parser 'pars'") as caught:
        package.parser("pars")
    assert "logprob_parser" in caught.value.hint


@pytest.mark.parametrize("name", ["openai", "anthropic", "bedrock_anthropic", "cohere"])
def test_the_defaults_are_the_decoders(name: str) -> None:
    """Read from their source, because most of them need packages of their own to be imported."""
    tree = ast.parse((package.configurations().parent / f"decoders/{name}.py").read_text(encoding="utf-8"))
    found: dict[str, object] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            named = function.args.args[-len(function.args.defaults) or len(function.args.args) :]
            for argument, default in zip(named, function.args.defaults, strict=True):
                if isinstance(default, ast.Constant):
                    found.setdefault(argument.arg, default.value)
    decoder = DECODERS[f"{name}_completions"]
    assert found[decoder.limit] == decoder.tokens
    assert found["temperature"] == decoder.temperature
    assert bool(found.get("is_strip")) == decoder.strips
