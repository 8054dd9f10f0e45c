"""What the engine is asked for each class of requests, and what is made of its answers."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vllm_kit import user
from vllm_stand_in import PIECES, Engine, RequestOutputKind, Tokenizer, next_logprobs

from judgebench import (
    Chat,
    Message,
    NextToken,
    PermanentError,
    Request,
    RequestError,
    Reward,
    Sampling,
    SequenceScore,
    Text,
    TransientError,
    Usage,
)
from judgebench.testing.opened import Opened

Open = Callable[..., Opened]
TALK = (Message("system", "Be brief."), Message("user", "Is it?"))


def read(text: str) -> tuple[int, ...]:
    return tuple(Tokenizer()(text).input_ids)


def test_a_conversation_is_asked_as_its_tokens(open_model: Open, engines: list[Engine]) -> None:
    sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=40, stop=("###", "\n"), seed=11)
    answer = open_model().ask(Chat(TALK, sampling))
    asked = engines[0].asked[0]
    assert asked.ids == read("<system>Be brief.<end><user>Is it?<end><assistant>")
    params = asked.params
    assert (params.temperature, params.top_p, params.max_tokens, params.seed) == (0.7, 0.9, 40, 11)
    assert params.stop == ["###", "\n"]
    assert params.top_k == 0  # no bound: vLLM's own default
    assert params.output_kind is RequestOutputKind.FINAL_ONLY
    assert (params.logprobs, params.prompt_logprobs, params.detokenize) == (None, None, True)
    assert (answer.text, answer.finish) == ("An answer.", "stop")
    assert answer.usage == Usage(len(asked.ids), len(read("An answer.")))
    open_model().ask(Chat(TALK, Sampling(temperature=0.7, top_k=40)))
    assert engines[-1].asked[-1].params.top_k == 40


def test_a_text_is_asked_without_a_template(open_model: Open, engines: list[Engine]) -> None:
    model = open_model()
    engines[0].finish = "length"
    assert model.ask(Text("Once", Sampling(max_tokens=3))).finish == "length"
    assert engines[0].asked[0].ids == read("Once")
    assert engines[0].asked[0].params.seed is None


def test_a_text_begins_with_what_the_tokenizer_sets_there(
    open_model: Open, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tokenizer, "bos_token_id", 0)
    model = open_model()
    model.ask(Text("Once"))
    model.ask(Text("<s>Once"))
    model.ask(Chat(user("Once")))
    plain, given, chat = (asked.ids for asked in engines[0].asked)
    assert plain == given == read("<s>Once")[1:]
    assert chat[0] == read("<user>")[1]


def test_seeds_stay_apart_in_32_bits(open_model: Open, engines: list[Engine]) -> None:
    model = open_model()
    for seed in (1, 2**32 - 2, 2**32 + 5, 2**64 - 3, 2**40 + 1):
        model.ask(Chat(user("x"), Sampling(seed=seed)))
    seeds = [asked.params.seed for asked in engines[0].asked]
    assert len(set(seeds)) == 5
    assert all(seed is not None and 0 <= seed < 2**32 - 1 for seed in seeds)


@pytest.mark.parametrize(
    ("sampling", "told"),
    [
        (Sampling(temperature=0.005), "temperature is 0.005"),
        (Sampling(temperature=2.5), "temperature is 2.5"),
        (Sampling(max_tokens=0), "max_tokens is 0"),
        (Sampling(top_p=0.0), "vLLM refuses the request: top_p must be"),
    ],
)
def test_what_vllm_would_change_or_refuse_is_refused(
    open_model: Open, engines: list[Engine], sampling: Sampling, told: str
) -> None:
    with pytest.raises(RequestError, match=told):
        open_model().ask(Chat(TALK, sampling))
    assert engines[0].asked == []


def test_an_empty_stop_text_stops_nothing(open_model: Open, engines: list[Engine]) -> None:
    assert open_model().ask(Chat(TALK, Sampling(stop=("", "###")))).text == "An answer."
    assert engines[0].asked[0].params.stop == ["###"]


def test_the_next_token_is_read_from_the_whole_vocabulary(open_model: Open, engines: list[Engine]) -> None:
    answer = open_model().ask(NextToken(TALK, ("A", "B"), top=3))
    asked = engines[0].asked[0]
    values = next_logprobs(asked.ids)
    assert (asked.params.logprobs, asked.params.temperature, asked.params.max_tokens) == (-1, 0.0, 1)
    likely = sorted(values, key=lambda token: -values[token])[:3]
    spelled = [token for token, piece in enumerate(PIECES) if piece.strip() in ("A", "B")]
    assert len(spelled) == 5
    wanted = sorted({*likely, *spelled}, key=lambda token: -values[token])
    assert answer.logprobs == tuple((PIECES[token], values[token]) for token in wanted)
    assert answer.text == PIECES[likely[0]]
    assert answer.usage == Usage(len(asked.ids), 1)


def test_all_next_tokens_sum_to_one(open_model: Open, engines: list[Engine]) -> None:
    answer = open_model().ask(NextToken(TALK, ("A",), top=100_000))
    assert sum(math.exp(value) for _, value in answer.logprobs) == pytest.approx(1, abs=1e-12)
    assert len(answer.logprobs) == len(PIECES)


def test_a_response_is_scored_by_its_own_tokens(open_model: Open, engines: list[Engine]) -> None:
    answer = open_model().ask(SequenceScore(TALK, "It is."))
    asked = engines[0].asked[0]
    prompt, own = read("<system>Be brief.<end><user>Is it?<end><assistant>"), read("It is.<end>")
    assert asked.ids == (*prompt, *own)
    assert (asked.params.prompt_logprobs, asked.params.max_tokens, asked.params.logprobs) == (0, 1, None)
    naive = 0.0
    for at in range(len(prompt), len(asked.ids)):
        naive += next_logprobs(asked.ids[:at])[asked.ids[at]]
    assert answer.score == pytest.approx(naive, abs=1e-9)
    assert answer.usage == Usage(len(prompt), len(own))
    assert (answer.text, answer.finish) == ("", None)


def test_tokens_that_would_span_prompt_and_response_are_kept_apart(
    open_model: Open, engines: list[Engine], tmp_path: Path
) -> None:
    """The template ends its prompt with an `a`; a response that begins with `b` would be read as `ab`."""
    template = tmp_path / "template.jinja"
    template.write_text(
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}a{% else %}{{ m.content }}{% endif %}"
        "{% endfor %}"
    )
    answer = open_model(chat_template=str(template)).ask(SequenceScore(user("x"), "b!"))
    assert engines[0].asked[0].ids == (*read("xa"), *read("b!"))
    assert answer.usage == Usage(2, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ messages|length }}{% for m in messages %}{{ m.content }}{% endfor %}", "rewrites earlier turns"),
        ("{{ messages[0].content }}", "sets nothing for the response"),
        ("{{ messages[0].content + 1 }}", "the chat template refuses the conversation"),
    ],
)
def test_templates_that_leave_the_response_no_tokens_are_refused(
    open_model: Open, engines: list[Engine], tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "template.jinja").write_text(text)
    with pytest.raises(RequestError, match=told):
        open_model(chat_template=str(tmp_path / "template.jinja")).ask(SequenceScore(TALK, "y"))
    assert engines[0].asked == []


def test_a_checkpoint_without_template_is_not_given_one(
    open_model: Open, engines: list[Engine], tmp_path: Path
) -> None:
    model = open_model()
    engines[0].tokenizer.chat_template = None
    with pytest.raises(PermanentError, match="no chat template") as caught:
        model.ask(Chat(TALK))
    assert caught.value.hint == "give one: chat_template=FILE"
    assert model.ask(Text("Once")).text == "An answer."


LONG = "x" * 40


@pytest.mark.parametrize(
    "asked", [Chat(user(LONG)), Text(LONG), NextToken(user(LONG), ("A",)), SequenceScore(user("x"), LONG)]
)
def test_what_does_not_fit_is_refused_alone(open_model: Open, engines: list[Engine], asked: Request) -> None:
    model = open_model(n_ctx=40)
    assert engines[0].arguments.max_model_len == 40
    with pytest.raises(RequestError, match=r"context overflow: \d+ tokens .* n_ctx=40") as caught:
        model.ask(asked)
    assert "n_ctx" in caught.value.hint
    assert engines[0].asked == []
    assert model.ask(Text("x" * 39)).text == "An answer."


def test_a_response_needs_one_token_of_room(open_model: Open, engines: list[Engine]) -> None:
    whole = len(read("<system>Be brief.<end><user>Is it?<end><assistant>It is.<end>"))
    assert open_model(n_ctx=whole + 1).ask(SequenceScore(TALK, "It is.")).score is not None
    with pytest.raises(RequestError, match=f"context overflow: {whole} tokens and an answer .* n_ctx={whole}"):
        open_model(n_ctx=whole).ask(SequenceScore(TALK, "It is."))


def test_without_any_likely_token_the_choices_are_left(open_model: Open, engines: list[Engine]) -> None:
    answer = open_model().ask(NextToken(TALK, ("A",), top=0))
    values = next_logprobs(engines[0].asked[0].ids)
    assert answer.text == PIECES[max(values, key=lambda token: values[token])]
    assert {text.strip() for text, _ in answer.logprobs} == {"A"}


def test_half_a_character_is_refused(open_model: Open, engines: list[Engine]) -> None:
    with pytest.raises(RequestError, match="the tokenizer refuses the text"):
        open_model().ask(Text("half a \ud800 character"))


def test_an_empty_text_is_refused(open_model: Open, engines: list[Engine]) -> None:
    with pytest.raises(RequestError, match="the prompt is empty"):
        open_model().ask(Text(""))


def test_requests_are_in_the_engine_together(open_model: Open, engines: list[Engine]) -> None:
    answers = open_model(parallel=8).ask_all([Text(word) for word in "abcdefgh"])
    assert len(answers) == 8
    assert engines[0].flight == 8
    assert len({asked.name for asked in engines[0].asked}) == 8


def test_a_cancelled_request_is_taken_out_of_the_engine(open_model: Open, engines: list[Engine]) -> None:
    model = open_model()
    engines[0].waits = True

    async def cancelled() -> None:
        task = asyncio.create_task(model.session.complete(Text("Once")))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    model.runner.run(cancelled())
    assert (engines[0].aborted, engines[0].now) == (1, 0)


@pytest.mark.parametrize("finish", ["abort", "error", None])
def test_an_answer_that_broke_off_is_none(open_model: Open, engines: list[Engine], finish: str | None) -> None:
    model = open_model()
    engines[0].finish = finish
    with pytest.raises(TransientError, match=f"broke the answer off .{finish}"):
        model.ask(Text("Once"))


def test_log_probs_that_are_no_numbers_are_refused(
    open_model: Open, engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(before: Any) -> dict[int, float]:
        return dict.fromkeys(range(len(PIECES)), math.nan)

    monkeypatch.setattr("vllm_stand_in.next_logprobs", nothing)
    for asked in (NextToken(TALK, ("A",)), SequenceScore(TALK, "y")):
        with pytest.raises(RequestError, match="the model gives nan") as caught:
            open_model().ask(asked)
        assert "dtype=bfloat16" in caught.value.hint


def test_what_it_cannot_is_said(open_model: Open, engines: list[Engine]) -> None:
    with pytest.raises(PermanentError, match="vllm cannot answer Reward"):
        open_model().ask(Reward(TALK, "y"))
