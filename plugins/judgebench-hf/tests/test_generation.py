import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import CHATML, chat, save, tiny_config, user

from judgebench import Chat, ConfigError, Message, PermanentError, Request, RequestError, Sampling, Text
from judgebench.testing.opened import Opened

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]
WORDS = ("fox", "dog", "seven", "judges", "answers", "Paris", "France", "better")
PROMPTS = [" ".join(WORDS[: 1 + n % 8] * (1 + 2 * n)) for n in range(11)]


@pytest.fixture(scope="module")
def plain(tiny: Path) -> Any:
    """The tiny model as transformers itself loads it."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32)
    return model.eval(), AutoTokenizer.from_pretrained(tiny)


def greedy(plain: Any, prompt: str, count: int) -> str:
    """The answer by a loop of one's own: no generate, no cache, no padding."""
    model, tokenizer = plain
    rendered = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(rendered, add_special_tokens=False).input_ids
    new: list[int] = []
    with torch.inference_mode():
        while len(new) < count and tokenizer.eos_token_id not in new:
            new.append(int(model(torch.tensor([ids + new])).logits[0, -1].argmax()))
    return str(tokenizer.decode(new, skip_special_tokens=True))


def test_a_batch_of_mixed_lengths_answers_as_each_alone(opened: Open, tiny: Path, plain: Any) -> None:
    requests = [chat(prompt, max_tokens=5 + 3 * (n % 4)) for n, prompt in enumerate(PROMPTS)]
    answers = opened(tiny).ask_all([*requests])
    expected = [greedy(plain, prompt, 5 + 3 * (n % 4)) for n, prompt in enumerate(PROMPTS)]
    assert [answer.text for answer in answers] == expected
    assert len(set(expected)) > 8


def test_what_generation_config_wishes_is_left_aside(opened: Open, tiny: Path, plain: Any) -> None:
    wishes = json.loads((tiny / "generation_config.json").read_text())
    assert wishes["repetition_penalty"] == 5.0
    assert opened(tiny).ask(chat(PROMPTS[3], max_tokens=12)).text == greedy(plain, PROMPTS[3], 12)
    drawn = {opened(tiny).ask(chat("A", max_tokens=1, temperature=3.0, seed=seed)).text for seed in range(40)}
    assert len(drawn) > 5  # top_k=3 would leave three


def test_usage_counts_the_prompt_without_padding_and_the_new_tokens(opened: Open, tiny: Path, plain: Any) -> None:
    answers = opened(tiny).ask_all([chat(PROMPTS[0], max_tokens=3), chat(PROMPTS[9], max_tokens=9)])
    for prompt, answer, count in zip((PROMPTS[0], PROMPTS[9]), answers, (3, 9), strict=True):
        ids = plain[1](CHATML_OF.format(prompt), add_special_tokens=False).input_ids
        assert answer.usage.input_tokens == len(ids)
        assert answer.usage.output_tokens == count
        assert answer.finish == "length"


CHATML_OF = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def test_seeds_tell_draws_apart_and_neighbours_do_not_matter(opened: Open, tiny: Path) -> None:
    asked: list[Request] = [chat(PROMPTS[n], max_tokens=12, temperature=1.0, top_p=0.95, seed=n) for n in range(8)]
    alone = [opened(tiny).ask(request) for request in asked]
    assert opened(tiny).ask_all(asked) == alone
    assert opened(tiny, batch=3).ask_all([*asked, *map(chat, PROMPTS)][:11])[:8] == alone
    others = {opened(tiny).ask(chat(PROMPTS[0], max_tokens=12, temperature=1.0, seed=seed)).text for seed in range(5)}
    assert len(others) == 5
    huge = chat("A", max_tokens=4, temperature=1.0, seed=2**70)
    assert opened(tiny).ask(huge) == opened(tiny).ask(huge)


def test_a_token_that_ends_an_answer_ends_it(opened: Open, tiny: Path, tmp_path: Path, plain: Any) -> None:
    prompt = PROMPTS[5]
    whole = opened(tiny).ask(chat(prompt, max_tokens=12))
    model, tokenizer = plain
    ids = tokenizer(CHATML_OF.format(prompt), add_special_tokens=False).input_ids
    with torch.inference_mode():
        new = model.generate(
            torch.tensor([ids]), max_new_tokens=12, do_sample=False, repetition_penalty=1.0, pad_token_id=0
        )[0, len(ids) :].tolist()
    end = next(token for n, token in enumerate(new) if n >= 3 and token not in new[:n])
    copy = shutil.copytree(tiny, tmp_path / "copy")
    settings = json.loads((copy / "generation_config.json").read_text())
    (copy / "generation_config.json").write_text(json.dumps({**settings, "eos_token_id": [2, end]}))
    answers = opened(copy).ask_all([chat(prompt, max_tokens=12), chat(PROMPTS[1], max_tokens=12)])
    count = new.index(end)
    assert answers[0].finish == "stop"
    assert answers[0].usage.output_tokens == count + 1
    assert answers[0].text == tokenizer.decode(new[:count], skip_special_tokens=True)
    assert whole.text.startswith(answers[0].text)


def test_stop_texts_are_left_out(opened: Open, tiny: Path) -> None:
    whole = opened(tiny).ask(chat(PROMPTS[4], max_tokens=30)).text
    for first in (2, 9, len(whole) // 2):
        stop = whole[first : first + 4]
        requests = [chat(PROMPTS[4], max_tokens=30, stop=("never to be seen", stop)), chat(PROMPTS[8], max_tokens=30)]
        cut, other = opened(tiny).ask_all([*requests])
        assert cut.finish == "stop"
        assert cut.text == whole.partition(stop)[0]
        assert cut.usage.output_tokens < 30
        assert other.usage.output_tokens == 30


def test_a_special_token_can_be_a_stop_text(opened: Open, tiny: Path) -> None:
    flat: dict[str, Any] = {"max_tokens": 8, "temperature": 1000.0}
    whole = opened(tiny).ask_all([chat("A", seed=seed, **flat) for seed in range(200)])
    stopped = opened(tiny).ask_all([chat("A", seed=seed, stop=("<|im_start|>",), **flat) for seed in range(200)])
    earlier = [pair for pair in zip(whole, stopped, strict=True) if pair[0].usage != pair[1].usage]
    assert earlier
    for one, other in earlier:
        assert other.finish == "stop"
        assert other.usage.output_tokens < one.usage.output_tokens
        assert one.text.startswith(other.text)


def test_raw_text_is_continued_without_a_template(opened: Open, tiny: Path, plain: Any) -> None:
    model, tokenizer = plain
    said = []
    for text in ("the lazy dog", "seven judges", "Paris is", "one, two;"):
        ids = tokenizer(text, add_special_tokens=False).input_ids
        with torch.inference_mode():
            expected = int(model(torch.tensor([ids])).logits[0, -1].argmax())
        answer = opened(tiny).ask(Text(text, Sampling(max_tokens=1)))
        assert answer.text == tokenizer.decode([expected], skip_special_tokens=True)
        assert answer.usage.input_tokens == len(ids)
        said.append(answer.text)
    assert len(set(said)) > 2
    with pytest.raises(RequestError, match="prompt is empty"):
        opened(tiny).ask(Text(""))


def test_the_beginning_token_is_set_once(opened: Open, tiny: Path, tmp_path: Path) -> None:
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoTokenizer

    copy = shutil.copytree(tiny, tmp_path / "copy")
    tokenizer = AutoTokenizer.from_pretrained(copy)
    tokenizer.add_special_tokens({"bos_token": "<|im_start|>"})
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.bos_token_id)]
    )
    tokenizer.save_pretrained(copy)
    bare, given = (Text(text, Sampling(max_tokens=3)) for text in ("fox", "<|im_start|>fox"))
    assert opened(copy).ask(bare) == opened(copy).ask(given)
    assert opened(copy).ask(bare).usage.input_tokens == opened(tiny).ask(bare).usage.input_tokens + 1
    request = chat("fox", max_tokens=2)
    assert opened(copy).ask(request).usage == opened(tiny).ask(request).usage


def test_context_overflow_loses_this_request_alone(opened: Open, tiny: Path) -> None:
    model = opened(tiny, n_ctx=40)
    with pytest.raises(RequestError, match=r"context overflow: \d+ tokens and an answer do not fit into n_ctx=40"):
        model.ask(chat("word " * 100))
    answer = model.ask(chat("fox fox", max_tokens=200))
    assert answer.finish == "length"
    assert answer.usage.input_tokens + answer.usage.output_tokens == 40
    with pytest.raises(RequestError, match="n_ctx=512"):  # the model's own limit
        opened(tiny).ask(chat("word " * 600))


def test_what_is_refused_says_why(opened: Open, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="max_tokens is 0"):
        opened(tiny).ask(chat("Hello!", max_tokens=0))
    with pytest.raises(RequestError, match="tokenizer refuses"):
        opened(tiny).ask(chat("half a \ud800 character"))
    strict = tmp_path / "strict.jinja"
    strict.write_text(
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + CHATML
    )
    model = opened(tiny, chat_template=str(strict))
    with pytest.raises(RequestError, match="the chat template refuses the conversation: no system role"):
        model.ask(Chat((Message("system", "Be brief."), *user("Hello!"))))
    assert model.ask(chat("Hello!", max_tokens=3)) == opened(tiny).ask(chat("Hello!", max_tokens=3))


def test_a_model_without_template_needs_one(opened: Open, tmp_path: Path, tiny: Path) -> None:
    bare = shutil.copytree(tiny, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(PermanentError, match="holds no chat template") as caught:
        opened(bare).ask(chat("Hello!"))
    assert "chat_template=FILE" in caught.value.hint
    assert opened(bare).ask(Text("fox", Sampling(max_tokens=2))) == opened(tiny).ask(
        Text("fox", Sampling(max_tokens=2))
    )
    (tmp_path / "own.jinja").write_text(CHATML)
    given = opened(bare, chat_template=str(tmp_path / "own.jinja"))
    assert given.ask(chat("Hello!", max_tokens=3)) == opened(tiny).ask(chat("Hello!", max_tokens=3))


def test_a_system_prompt_is_rendered_as_given(opened: Open, tiny: Path) -> None:
    said = opened(tiny).ask(Chat((Message("system", "Be brief."), *user("A")), Sampling(max_tokens=4)))
    raw = Text("<|im_start|>system\nBe brief.<|im_end|>\n" + CHATML_OF.format("A"), Sampling(max_tokens=4))
    assert opened(tiny).ask(raw).usage == said.usage
    assert said != opened(tiny).ask(chat("A", max_tokens=4))


def test_deterministic_gives_the_same_bits_whatever_else_is_asked(opened: Open, tiny: Path) -> None:
    requests = [chat(prompt, max_tokens=10, temperature=1.0, seed=n) for n, prompt in enumerate(PROMPTS)]
    one = opened(tiny, deterministic=True).ask_all([*requests])
    other = opened(tiny, deterministic=True, batch=5).ask_all([*requests[::-1], chat("x")])[:11][::-1]
    assert one == other
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_token_that_the_model_does_not_know_is_refused(opened: Open, tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    save(LlamaForCausalLM(tiny_config(vocab_size=300)), tmp_path / "narrow")
    with pytest.raises(RequestError, match="the model knows 300"):
        opened(tmp_path / "narrow").ask(Text("the quick brown fox jumps over the lazy dog while seven judges"))
    with pytest.raises(PermanentError, match="n_ctx is 513"):
        opened(tmp_path / "narrow", n_ctx=513)
    with pytest.raises(ConfigError, match="n_ctx is 1"):
        opened(tmp_path / "narrow", n_ctx=1)
