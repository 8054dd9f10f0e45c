import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from judgebench_llamacpp import engine
from judgebench_llamacpp.backend import LlamaCpp
from llamacpp_kit import chat

from judgebench import Chat, ConfigError, Message, NextToken, PermanentError, RequestError, Sampling, Text
from judgebench.testing.opened import Opened

pytestmark = pytest.mark.model
Open = Callable[..., Opened]

CAPITAL = (Message("system", "Answer in English."), Message("user", "What is the capital of France?"))
HALF_A_CHARACTER = (Message("user", "Say: 'Ünï 😀 <think>a</think>' and the count to ten."),)
"""The small model's likeliest first token for this is one byte of a longer character."""


def test_chat_answers_with_text_finish_and_usage(opened: Open) -> None:
    answer = opened(deterministic=True).ask(Chat(CAPITAL, Sampling(max_tokens=40)))
    assert "Paris" in answer.text
    assert answer.finish == "stop"
    assert 20 < answer.usage.input_tokens < 40
    assert 1 < answer.usage.output_tokens <= 40


def test_max_tokens_ends_with_length(opened: Open) -> None:
    answer = opened(deterministic=True).ask(chat("Tell me a long story.", max_tokens=5))
    assert answer.finish == "length"
    assert answer.usage.output_tokens == 5


def test_an_answer_can_be_held_to_a_schema(opened: Open) -> None:
    schema = json.dumps(
        {
            "type": "object",
            "properties": {"verdict": {"type": "string", "enum": ["A", "B"]}},
            "required": ["verdict"],
            "additionalProperties": False,
        }
    )
    asked = chat("Which letter is the first of the alphabet, A or B?", max_tokens=40)
    model = opened(deterministic=True)
    answer = model.ask(replace(asked, schema=schema))
    assert json.loads(answer.text)["verdict"] in ("A", "B")
    assert answer.guided
    assert not model.ask(asked).guided
    with pytest.raises(RequestError, match="JSON"):
        model.ask(replace(asked, schema="{"))


def test_of_the_likeliest_token_alone_the_draw_is_greedy(opened: Open) -> None:
    model = opened(deterministic=True)
    greedy = model.ask(chat("Name an animal.", max_tokens=8)).text
    assert {
        model.ask(chat("Name an animal.", max_tokens=8, temperature=1.5, top_k=1, seed=s)).text for s in (1, 2)
    } == {greedy}


def test_stop_texts_are_left_out(opened: Open) -> None:
    whole = opened(deterministic=True).ask(chat("Count from one to ten.", max_tokens=30)).text
    word = whole.split()[3]
    cut = opened(deterministic=True).ask(chat("Count from one to ten.", max_tokens=30, stop=(word,)))
    assert cut.finish == "stop"
    assert cut.text == whole.partition(word)[0]


def test_seeds_tell_draws_apart(opened: Open) -> None:
    drawn = [
        opened(deterministic=True).ask(chat("Name an animal.", max_tokens=12, temperature=1.5, seed=seed)).text
        for seed in (1, 1, 2**32 - 1, 2**31 + 3, 2**40 + 1)
    ]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 2


def test_raw_text_is_continued_without_a_template(opened: Open) -> None:
    answer = opened(deterministic=True).ask(Text("The capital of France is", Sampling(max_tokens=3)))
    assert answer.text.startswith(" Paris")
    assert answer.usage.input_tokens == 5


def test_next_token_gives_ordered_logprobs_of_the_whole_vocabulary(opened: Open) -> None:
    model = opened(deterministic=True)
    answer = model.ask(NextToken(CAPITAL, ("A", "B")))
    values = [value for _, value in answer.logprobs]
    assert len(values) == 20
    assert values == sorted(values, reverse=True)
    assert 0.3 < sum(map(math.exp, values)) < 1
    assert answer.text == answer.logprobs[0][0]
    greedy = model.ask(Chat(CAPITAL, Sampling(max_tokens=1)))
    assert greedy.text == answer.text
    everything = model.ask(NextToken(CAPITAL, ("A", "B"), top=100_000)).logprobs
    assert sum(math.exp(value) for _, value in everything) == pytest.approx(1, abs=1e-3)
    assert everything[:20] == answer.logprobs


def test_next_token_knows_a_first_token_that_is_no_whole_character(opened: Open) -> None:
    answer = opened(deterministic=True).ask(NextToken(HALF_A_CHARACTER, ("A", "B"), top=5))
    assert len(answer.logprobs) == 5
    assert math.exp(answer.logprobs[0][1]) > 0.3


def test_reasoning_stays_in_the_text(opened: Open, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    template.write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    text = "<think>one two</think> three. <think>one two</think> three. <think>one two</think> three."
    answer = opened(deterministic=True, chat_template=str(template)).ask(chat(text, max_tokens=12))
    assert "<think>" in answer.text


def test_parallel_requests_are_each_answered(opened: Open) -> None:
    requests = [chat(f"Say the word {word}.", max_tokens=8) for word in ("apple", "river", "stone", "cloud", "tiger")]
    answers = opened(parallel=4).ask_all([*requests])
    assert len({answer.text for answer in answers}) == 5
    assert all(answer.usage.output_tokens for answer in answers)


def test_deterministic_repeats_bits_whatever_stands_before_and_however_many_threads(opened: Open) -> None:
    requests = [NextToken((Message("user", f"Is {n} larger than {n * 7 % 10}? " * n),), ("A", "B")) for n in (1, 5, 9)]
    model = opened(deterministic=True)
    first = [model.ask(request) for request in requests]
    again = model.ask_all([*requests[::-1], *requests])[3:]
    one_thread = [opened(deterministic=True, threads=1).ask(request) for request in requests]
    assert first == again == one_thread


def test_context_overflow_loses_this_request_alone(opened: Open) -> None:
    model = opened(n_ctx=256, parallel=2)
    with pytest.raises(RequestError, match=r"context overflow: request \(\d+ tokens\) exceeds .* \(256 tokens\)"):
        model.ask(chat("word " * 300))
    assert model.ask(chat("Hello!", max_tokens=4)).text


def test_an_answer_that_fills_the_context_ends_with_length(opened: Open) -> None:
    answer = opened(n_ctx=256, parallel=2).ask(chat("one two three " * 70, max_tokens=200))
    used = answer.usage
    assert answer.finish == "length"
    assert used.input_tokens + used.output_tokens <= 256
    assert used.output_tokens < 200


def test_what_llama_cpp_refuses_is_a_request_error(opened: Open) -> None:
    model = opened(deterministic=True)
    with pytest.raises(RequestError, match=r"llama\.cpp refuses"):
        model.ask(chat("half a \ud800 character"))
    with pytest.raises(RequestError, match="max_tokens is 0"):
        model.ask(chat("Hello!", max_tokens=0))


def test_a_file_without_chat_template_is_not_given_one(opened: Open, tmp_path: Path, model: str) -> None:
    from judgebench_llamacpp import weights

    content = weights.resolve(model).read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.chat_templat3", 1)
    (tmp_path / "bare.gguf").write_bytes(content)
    bare = opened(model=str(tmp_path / "bare.gguf"), deterministic=True)
    with pytest.raises(PermanentError, match="no chat template"):
        bare.ask(chat("Hello!"))
    assert bare.ask(Text("The capital of France is", Sampling(max_tokens=1))).text == " Paris"


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF" + bytes(1000))
    settings = LlamaCpp(model="x").settings()
    with pytest.raises(PermanentError, match=r"could not load damaged\.gguf"):
        engine.load(tmp_path / "damaged.gguf", settings, str(tmp_path / "socket.sock"))


def test_options_decide_slots_and_identity(tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    template.write_text("{{ messages }}")
    backend = LlamaCpp(model="smollm2-135m", parallel=3, chat_template=str(template))
    assert backend.slots == 3
    assert LlamaCpp(model="x", parallel=3, deterministic=True).slots == 1
    assert set(backend.fingerprint()) == {"model", "chat_template"}
    with pytest.raises(ConfigError, match="n_ctx is 0"):
        LlamaCpp(model="x", n_ctx=0)
    with pytest.raises(ConfigError, match="chat_template"):
        LlamaCpp(model="smollm2-135m", chat_template=str(tmp_path / "none")).fingerprint()
