"""Prompts and verdicts, against the package's own annotators given the same outputs and completions."""

import inspect
from functools import cache
from typing import Any

import pytest
from alpaca_eval_kit import DEFAULT, Official, judge, read, supported, trial
from hypothesis import given, settings
from hypothesis import strategies as st
from judgebench_alpaca_eval import configs, package
from judgebench_alpaca_eval.judge import AlpacaEvalJudge

from judgebench import Chat, Completion, NextToken, Text

PAIRS = [
    ("Add 2 and 2.", "It is 4.", "It is 5."),
    ("  Blanks\n\taround \n", "\nfirst ", " second\r\n"),
    ("Name {output_1} and {instruction}.", "{output_2} {output_1}", "{instruction} {x} {{}}"),
    ("Ümläute, 日本語, 🙂", "\\n \\1 $0", "%s {0}"),
]
SAID = [
    *("Output (a)", "Output (b)", "\nOutput (b) is better", " (a)", "\n(b)", "neither", " "),
    *("Output (a), not Output (b)", "Output (a)\nOutput (b)", "7 9\nwhy", "9, 7", "9 seven", "[[A]]", "[[B]] it is"),
    *("[{'model': 'model_1', 'rank': 1}, {'model': 'model_2', 'rank': 2}]", "[{'model': 'model_1', 'rank': 2}]"),
    *("[{'model': 'model_2', 'rank': 1}]", "[{'model': 'model_1', 'rank': 3}]", "[{'model': 'm', 'rank': 2}]"),
    *('{"ordered_models": [{"model": "m", "rank": 2}]}', '```json\n{"ordered_models": [{"model": "m", "rank": 1}]}```'),
    '{"ordered_models": [{"model": "model_1", "rank": 2}], "concise_explanation": "x"}',
]
TOKENS: list[dict[str, float]] = [
    {"m": -0.1, "M": -2.5, "The": -9.0},
    {"M": -1e-7, "Both": -15.0},
    {"A": -0.5, "B": -0.9},
    {" m": -0.1, "The": -3.0},
    {"B": -0.3},
]


@cache
def made() -> dict[str, AlpacaEvalJudge]:
    return supported()


def official_request(name: str, prompt: str) -> "str | list[dict[str, str]]":
    """What the package's decoder sends: messages, or a text."""
    decoding, values = configs.load(name).decoding, configs.load(name).values
    utils = package.module("utils")
    match values.get("fn_completions"):
        case "openai_completions":
            decoder = package.module("decoders.openai")
            chat = decoding.get("requires_chatml", decoder._requires_chatml(decoding["model_name"]))
            assert inspect.signature(decoder.openai_completions).parameters["is_strip"].default
            prompt = prompt.strip()
        case "anthropic_completions":
            chat = decoding.get("client_function_name") != "completions"
        case "vllm_local_completions":
            chat = decoding.get("is_chatml_prompt", False)
        case _:
            chat = False
    return utils.prompt_to_chatml(prompt) if chat else prompt  # type: ignore[no-any-return]


def our_request(made: AlpacaEvalJudge, pair: tuple[str, str, str]) -> "str | list[dict[str, str]]":
    match made.request(trial(*pair)):
        case Text(prompt):
            return prompt
        case Chat(messages) | NextToken(messages):
            return [{"content": message.content, "role": message.role} for message in messages]
    raise AssertionError


def rows(pairs: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"instruction": question, "output_1": one, "output_2": two} for question, one, two in pairs]


def test_prompts_are_the_packages_byte_for_byte() -> None:
    apart = []
    for name, ours in made().items():
        official = Official(name)
        official.preferences(rows(PAIRS), [" "] * len(PAIRS))
        assert len(official.prompts) == len(PAIRS)
        for prompt, pair in zip(official.prompts, PAIRS, strict=True):
            try:
                expected = official_request(name, prompt)
            except AssertionError:
                apart.append(name)
                expected = prompt
            assert our_request(ours, pair) == expected, name
    # its prompt is plain text, which the package would read as ChatML, and fails
    assert set(apart) == {"claude_ranking"}


def test_verdicts_are_the_packages() -> None:
    agreed = misses = 0
    for name, ours in made().items():
        official = Official(name)
        completions: list[Completion] = (
            [Completion(text) for text in SAID]
            if ours.annotator.top is None
            else [Completion("x", logprobs=tuple(tokens.items())) for tokens in TOKENS]
        )
        said: list[Any] = [
            one.text
            if ours.annotator.top is None
            else {"logprobs": {"content": [{"top_logprobs": [{"token": t, "logprob": p} for t, p in one.logprobs]}]}}
            for one in completions
        ]
        pairs = [(f"Question {k}", "one", "two") for k in range(len(said))]
        for pair, completion, theirs in zip(pairs, completions, official.preferences(rows(pairs), said), strict=True):
            verdict = read(ours, trial(*pair), completion)
            if theirs is None:
                assert verdict is None, (name, completion)
                misses += 1
            else:
                assert verdict is not None, (name, completion)
                assert verdict.probs == pytest.approx((2 - theirs, theirs - 1), abs=1e-12), (name, completion)
                agreed += 1
    print(f"{len(made())} annotators: {agreed} verdicts alike, {misses} misses alike")
    assert agreed > len(made())
    assert misses > len(made())


WORDS = st.lists(st.sampled_from(["{instruction}", "{output_1}", "{output_2}", "{", "}", "\n", " ", "a", "é"])).map(
    "".join
)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, WORDS)
def test_texts_with_the_templates_marks_are_filled_in_alike(question: str, one: str, two: str) -> None:
    package.module("utils")
    utils, asked = package.module("utils"), judge().annotator
    frame = utils.pd.DataFrame([{"instruction": question, "output_1": one, "output_2": two}])
    prompts, _ = utils.make_prompts(frame, asked.template)
    assert asked.prompt(question, one, two) == prompts[0].strip()


def test_the_default_is_the_packages() -> None:
    assert package.module("constants").ANNOTATOR_CONFIG_AE2 == DEFAULT == judge().config
