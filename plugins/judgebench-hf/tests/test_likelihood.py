import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import CHATML, tiny_model, user
from judgebench_hf import likelihood

from judgebench import Chat, Message, NextToken, RequestError, Sampling, SequenceScore
from judgebench.testing.opened import Opened

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]
WORDS = ("fox", "dog", "seven", "judges", "answers", "Paris", "France", "better")
TEXTS = [" ".join(WORDS[n % 5 :] * (1 + n)) for n in range(11)]
SCORES = [SequenceScore(user(text), TEXTS[(3 * n + 1) % 11][: 10 + 7 * n]) for n, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def plain(tiny: Path) -> Any:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(tiny)


def naive(plain: Any, request: SequenceScore) -> tuple[float, int, int]:
    """Score, tokens of the prompt and of the response: one token after the other, each by a pass of its own."""
    model, tokenizer = plain
    before = [{"role": message.role, "content": message.content} for message in request.messages]
    whole = [*before, {"role": "assistant", "content": request.response}]
    prompt = tokenizer(tokenizer.apply_chat_template(before, tokenize=False, add_generation_prompt=True)).input_ids
    ids = tokenizer(tokenizer.apply_chat_template(whole, tokenize=False)).input_ids
    total = 0.0
    with torch.inference_mode():
        for end in range(len(prompt), len(ids)):
            logits = model(torch.tensor([ids[:end]])).logits[0, -1].double()
            total += float(torch.log_softmax(logits, dim=-1)[ids[end]])
    return total, len(prompt), len(ids) - len(prompt)


def test_a_response_scores_the_sum_over_its_tokens(opened: Open, tiny: Path, plain: Any) -> None:
    answers = opened(tiny).ask_all([*SCORES])
    for request, answer in zip(SCORES, answers, strict=True):
        score, prompt, response = naive(plain, request)
        assert answer.score is not None
        assert answer.score == pytest.approx(score, abs=1e-5 * response)
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (prompt, response)
        assert answer.text == ""
        assert answer.logprobs == ()


def test_little_memory_for_logits_changes_nothing(opened: Open, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [answer.score for answer in opened(tiny).ask_all([*SCORES])]
    heads = [answer.logprobs for answer in opened(tiny).ask_all([NextToken(user(text), ("A",)) for text in TEXTS])]
    monkeypatch.setattr(likelihood, "ROOM", 4 * 400 * 25)  # 25 positions of one row
    monkeypatch.setattr(likelihood, "_STEP", 7)
    again = [answer.score for answer in opened(tiny).ask_all([*SCORES])]
    assert again == pytest.approx(scores, abs=1e-4)
    found = opened(tiny).ask_all([NextToken(user(text), ("A",)) for text in TEXTS])
    for answer, head in zip(found, heads, strict=True):
        assert dict(answer.logprobs) == pytest.approx(dict(head), abs=1e-4)


def test_rows_are_taken_as_far_as_their_logits_have_room() -> None:
    spans = [range(90, 100), range(40, 80), range(5, 9)]
    room = likelihood.ROOM // 4
    assert likelihood._fitting(spans, room // (2 * 60)) == 2
    assert likelihood._fitting(spans, room // (2 * 60) + 1) == 1
    assert likelihood._fitting(spans, room // (3 * 95)) == 3
    assert likelihood._fitting(spans[:1], room) == 1


def test_the_next_token_is_that_of_the_whole_vocabulary(opened: Open, tiny: Path, plain: Any) -> None:
    model, tokenizer = plain
    answers = opened(tiny).ask_all([NextToken(user(text), ("A", "B"), top=7) for text in TEXTS])
    for text, answer in zip(TEXTS, answers, strict=True):
        rendered = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
        )
        ids = tokenizer(rendered).input_ids
        with torch.inference_mode():
            values = torch.log_softmax(model(torch.tensor([ids])).logits[0, -1].double(), dim=-1).tolist()
        order = sorted(range(len(values)), key=lambda token: -values[token])
        spelled = {token for token in range(400) if tokenizer.decode([token]).strip() in ("A", "B")}
        wanted = sorted({*order[:7], *spelled}, key=lambda token: -values[token])
        assert [token for token, _ in answer.logprobs] == [tokenizer.decode([token]) for token in wanted]
        assert [value for _, value in answer.logprobs] == pytest.approx([values[token] for token in wanted], abs=1e-5)
        assert {"A", "B"} <= {token.strip() for token, _ in answer.logprobs}
        assert answer.text == tokenizer.decode([order[0]])
        assert answer.finish == "length"
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (len(ids), 1)


def test_all_probabilities_add_up_to_one(opened: Open, tiny: Path) -> None:
    answer = opened(tiny).ask(NextToken(user("A or B?"), ("A", "B"), top=10**6))
    assert len(answer.logprobs) == 400
    assert sum(math.exp(value) for _, value in answer.logprobs) == pytest.approx(1, abs=1e-5)
    few = opened(tiny).ask(NextToken(user("A or B?"), (), top=5))
    assert few.logprobs == answer.logprobs[:5]
    greedy = opened(tiny).ask(Chat(user("A or B?"), Sampling(max_tokens=1)))
    assert greedy.text == few.text


def test_batches_change_nothing_but_rounding(opened: Open, tiny: Path) -> None:
    scores = [opened(tiny, batch=n).ask_all([*SCORES]) for n in (1, 3, 8)]
    tokens = [opened(tiny, batch=n).ask_all([NextToken(user(text), ("A",), 400) for text in TEXTS]) for n in (1, 3, 8)]
    for other in (1, 2):
        for one, two in zip(scores[0], scores[other], strict=True):
            assert one.score == pytest.approx(two.score, abs=1e-4)
        for one, two in zip(tokens[0], tokens[other], strict=True):
            assert dict(one.logprobs) == pytest.approx(dict(two.logprobs), abs=1e-4)


def test_deterministic_is_the_same_to_the_bit(opened: Open, tiny: Path) -> None:
    requests = [*SCORES, *(NextToken(user(text), ("A",), 50) for text in TEXTS)]
    one = opened(tiny, deterministic=True)
    found = one.ask_all(requests)
    assert opened(tiny, deterministic=True, batch=4).ask_all(requests[::-1])[::-1] == found
    assert [one.ask(request) for request in requests] == found


def test_a_template_that_rewrites_earlier_turns_is_told(opened: Open, tiny: Path, tmp_path: Path) -> None:
    counting = tmp_path / "counting.jinja"
    counting.write_text("{{ messages | length }}" + CHATML)
    with pytest.raises(RequestError, match="rewrites earlier turns"):
        opened(tiny, chat_template=str(counting)).ask(SCORES[0])
    deaf = tmp_path / "deaf.jinja"
    deaf.write_text("{{ messages[0].content }}")
    with pytest.raises(RequestError, match="sets nothing for the response"):
        opened(tiny, chat_template=str(deaf)).ask(SCORES[0])


def test_a_response_whose_first_piece_joins_the_prompt_is_scored_apart(
    opened: Open, tiny: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.jinja"
    bare.write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    joined = opened(tiny, chat_template=str(bare)).ask(SequenceScore(user("the qu"), "ick brown"))
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    prompt, response, whole = (len(tokenizer(text).input_ids) for text in ("the qu", "ick brown", "the quick brown"))
    assert whole < prompt + response  # "quick" is one token
    assert (joined.usage.input_tokens, joined.usage.output_tokens) == (prompt, response)


def test_a_conversation_beyond_the_context_is_refused(opened: Open, tiny: Path) -> None:
    model = opened(tiny, n_ctx=64)
    with pytest.raises(RequestError, match="context overflow"):
        model.ask(SequenceScore(user("A"), "word " * 100))
    with pytest.raises(RequestError, match="context overflow"):
        model.ask(NextToken(user("word " * 100), ("A",)))
    assert model.ask(SequenceScore(user("A"), "word")).score is not None


def test_several_turns_count_with_the_last(opened: Open, tiny: Path, plain: Any) -> None:
    turns = (Message("system", "S"), *user("A"), Message("assistant", "one"), *user("B"))
    request = SequenceScore(turns, "two")
    assert opened(tiny).ask(request).score == pytest.approx(naive(plain, request)[0], abs=1e-4)


def test_numbers_that_are_none_are_refused(opened: Open, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = tiny_model(tmp_path / "broken")
    weights = load_file(model / "model.safetensors")
    weights["model.norm.weight"][:] = math.nan
    save_file(weights, model / "model.safetensors", metadata={"format": "pt"})
    for request in (SCORES[0], NextToken(user("A"), ("A",)), Chat(user("A"))):
        with pytest.raises(RequestError, match=r"not numbers|gives nan"):
            opened(model).ask(request)
