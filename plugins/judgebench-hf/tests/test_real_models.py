"""Real small models: against llama.cpp on the same weights, in batches, against transformers' own generate."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hf_kit import user
from judgebench_hf.quiet import quiet, without_bars

from judgebench import Chat, Completion, Message, NextToken, Request, Sampling, SequenceScore
from judgebench.testing.opened import Opened, no_secret

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = [pytest.mark.torch, pytest.mark.model]
Open = Callable[..., Opened]
SMALL, LARGER = "smollm2-135m", "qwen2.5-coder-0.5b"
QUESTIONS = (
    "What is the capital of France?",
    "Name a colour.",
    "Which answer is better, A or B? Question: What is 12 + 30?\n\nA: 42\n\nB: 41\n\nAnswer with a single letter.",
    "Is the earth flat? Answer yes or no.",
    "Write a Python function that adds two numbers.",
    "Translate 'good morning' into Spanish.",
    "Who wrote Hamlet?",
    "Count from one to five.",
    "What do bees make?",
    "Give the opposite of 'hot'.",
    "How many legs has a spider? Answer with a number.",
    "Finish the sentence: The quick brown fox jumps over",
)
PROMPTS = [(Message("system", "Answer in English."), *user(text)) for text in QUESTIONS]
HEADS: list[Request] = [NextToken(prompt, ("A", "B"), top=20) for prompt in PROMPTS]


def by_llamacpp(name: str) -> list[Completion]:
    from judgebench_llamacpp.backend import LlamaCpp

    async def run() -> list[Completion]:
        async with LlamaCpp(model=name, n_ctx=512, deterministic=True).open(no_secret) as session:
            return [await session.complete(request) for request in HEADS]

    return asyncio.run(run())


@pytest.mark.parametrize(("name", "most", "mean"), [(SMALL, 0.45, 0.13), (LARGER, 0.3, 0.08)])
def test_log_probs_are_those_of_llama_cpp_on_the_same_weights(
    opened: Open, real: Callable[[str], Path], name: str, most: float, mean: float
) -> None:
    """llama.cpp computes the same 4-bit weights with activations of 8 bits: that is what the tolerance is for."""
    found = opened(real(name)).ask_all(HEADS)
    differences = []
    for one, other in zip(found, by_llamacpp(name), strict=True):
        theirs = dict(other.logprobs)
        differences += [abs(value - theirs[token]) for token, value in one.logprobs[:5] if token in theirs]
        assert one.usage == other.usage
        assert one.logprobs[0][0] in [token for token, _ in other.logprobs[:2]]
    print(name, "max", max(differences), "mean", fmean(differences), "n", len(differences))
    assert len(differences) >= 55
    assert max(differences) < most
    assert fmean(differences) < mean


def test_batches_change_nothing_but_rounding(opened: Open, real: Callable[[str], Path]) -> None:
    model = real(SMALL)
    scores: list[Request] = [SequenceScore(prompt, QUESTIONS[n - 1] * (1 + n % 3)) for n, prompt in enumerate(PROMPTS)]
    one, eight = (opened(model, batch=rows).ask_all([*HEADS, *scores]) for rows in (1, 8))
    worst = 0.0
    for alone, among in zip(one, eight, strict=True):
        worst = max(worst, abs((alone.score or 0.0) - (among.score or 0.0)))
        for (token, value), (same, other) in zip(alone.logprobs, among.logprobs, strict=True):
            assert token == same
            worst = max(worst, abs(value - other))
    print("worst difference", worst)
    assert worst < 1e-4
    exact = opened(model, deterministic=True)
    assert exact.ask_all(HEADS[:4]) == [exact.ask(request) for request in HEADS[3::-1]][::-1]


def test_greedy_answers_of_a_batch_are_transformers_own(opened: Open, real: Callable[[str], Path]) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = real(SMALL)
    with quiet(), without_bars():
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = []
    for prompt in PROMPTS[:8]:
        turns = [{"role": message.role, "content": message.content} for message in prompt]
        ids: Any = tokenizer(
            tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False), return_tensors="pt"
        )
        with torch.inference_mode():
            new = model.generate(**ids, max_new_tokens=24, do_sample=False)
        expected.append(tokenizer.decode(new[0, ids.input_ids.shape[1] :], skip_special_tokens=True))
    answers = opened(folder).ask_all([Chat(prompt, Sampling(max_tokens=24)) for prompt in PROMPTS[:8]])
    assert [answer.text for answer in answers] == expected
    assert {answer.finish for answer in answers} == {"stop", "length"}


def test_sampled_answers_depend_on_their_seed_alone(opened: Open, real: Callable[[str], Path]) -> None:
    folder = real(SMALL)
    asked: list[Request] = [
        Chat(prompt, Sampling(temperature=0.8, top_p=0.9, max_tokens=12, seed=n)) for n, prompt in enumerate(PROMPTS)
    ]
    together = opened(folder).ask_all(asked)
    assert [opened(folder).ask(request) for request in asked[:3]] == together[:3]
    others = [Chat(PROMPTS[1], Sampling(temperature=1.0, max_tokens=12, seed=seed)) for seed in range(4)]
    assert len({answer.text for answer in opened(folder).ask_all([*others])}) > 2


def test_a_probable_response_scores_higher(opened: Open, real: Callable[[str], Path]) -> None:
    right, wrong = opened(real(SMALL)).ask_all(
        [SequenceScore(PROMPTS[0], f"The capital of France is {city}.") for city in ("Paris", "Berlin")]
    )
    assert right.score is not None
    assert wrong.score is not None
    assert right.score > wrong.score + 2
    assert right.usage == wrong.usage
    assert not math.isnan(right.score)
