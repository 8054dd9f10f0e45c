"""lm-eval's class `hf` on real weights: log-probabilities beside those computed with transformers alone."""

from collections.abc import Callable
from typing import Any

import pytest

from judgebench import Chat, Message, NextToken, RequestError, Sampling, SequenceScore, Text, cache_folder
from judgebench.testing.opened import Opened

pytest.importorskip("lm_eval", reason="needs lm-eval")
torch = pytest.importorskip("torch", reason="needs torch")
transformers = pytest.importorskip("transformers", reason="needs transformers")
pytestmark = [pytest.mark.torch, pytest.mark.model, pytest.mark.filterwarnings("default")]
Open = Callable[..., Opened]
TALK = (Message("user", "What is the capital of France?"),)
FOLDER = cache_folder() / "models" / "hf" / "smollm2-135m"


@pytest.fixture
def opened(open_model: Open) -> Opened:
    if not (FOLDER / "model.safetensors").exists():
        pytest.skip(f"{FOLDER} is not there: judgebench-hf makes it")
    return open_model("hf", pretrained=str(FOLDER), device="cpu", dtype="float32", batch_size=2, max_length=64)


def log_probabilities(text: str) -> tuple[Any, Any]:
    """The tokens of a text, and the log-probabilities of the whole vocabulary after each of them."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False).input_ids
    with torch.no_grad():
        return ids[0].tolist(), torch.log_softmax(model(ids).logits[0].double(), -1)


def test_the_numbers_are_those_of_transformers(opened: Opened) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    turns = [{"role": "user", "content": TALK[0].content}]
    before = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(
        [*turns, {"role": "assistant", "content": "Paris, of course."}], tokenize=False
    )
    ids, values = log_probabilities(whole)
    start = len(tokenizer(before, add_special_tokens=False).input_ids)

    choices = opened.ask(NextToken(TALK, ("The", "Paris")))
    for text, value in choices.logprobs:
        (token,) = tokenizer(text, add_special_tokens=False).input_ids
        assert value == pytest.approx(float(values[start - 1, token]), abs=1e-4)
    assert {text.strip() for text, _ in choices.logprobs} == {"The", "Paris"}

    scored = opened.ask(SequenceScore(TALK, "Paris, of course."))
    assert scored.score == pytest.approx(sum(float(values[at - 1, ids[at]]) for at in range(start, len(ids))), abs=1e-3)
    assert (scored.usage.input_tokens, scored.usage.output_tokens) == (start, len(ids) - start)

    greedy = Sampling(max_tokens=4)
    said, raw = opened.ask_all([Chat(TALK, greedy), Text(before, greedy)])
    assert said.text == raw.text != ""

    with pytest.raises(RequestError, match=r"context overflow: .* do not fit into 64"):
        opened.ask(SequenceScore(TALK, "Paris. " * 60))
    with pytest.raises(RequestError, match="is more than one token"):
        opened.ask(NextToken(TALK, ("A", "Antidisestablishment")))
