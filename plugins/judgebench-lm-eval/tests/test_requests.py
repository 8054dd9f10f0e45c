"""What a model class is asked for each class of requests, and what is made of its answers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judgebench_lm_eval.backend import LmEval

from judgebench import (
    Chat,
    ConfigError,
    Message,
    NextToken,
    PermanentError,
    PluginError,
    Request,
    RequestError,
    Reward,
    Sampling,
    SequenceScore,
    Text,
)
from judgebench.testing.opened import Opened, no_secret

pytest.importorskip("lm_eval", reason="needs lm-eval")

from toy_lm import log_probability

Open = Callable[..., Opened]
TALK = (Message("system", "Be brief."), Message("user", "4 + 5"))
SHOWN = "<system>Be brief.<end><user>4 + 5<end><assistant>"


def toy(model: Opened) -> Any:
    session: Any = model.session
    return session._answers._model


def test_a_conversation_is_asked_through_the_class_s_template(open_model: Open) -> None:
    model = open_model()
    answer = model.ask(Chat(TALK, Sampling(max_tokens=7, stop=("\n", ""))))
    settings = {"until": ["\n"], "max_gen_toks": 7, "do_sample": False, "temperature": 0.0}
    assert toy(model).calls == [("generate_until", [(SHOWN, settings)])]
    assert (answer.text, answer.finish) == (" 9", None)


def test_a_text_is_asked_as_it_is(open_model: Open) -> None:
    model = open_model(blind=2)
    assert model.ask(Text("Q: 4 + 5\nA:", Sampling(stop=("\n",)))).text == " 10"
    assert toy(model).calls[0][1][0][0] == "Q: 4 + 5\nA:"


def test_a_drawn_answer_says_so_and_draws_from_its_seed(open_model: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    drawn = []
    model = open_model()
    monkeypatch.setattr(toy(model), "_answer", lambda context, settings: drawn.append(random.random()) or "x")
    sampling = Sampling(temperature=0.7, top_p=0.9, seed=11)
    model.ask_all([Text("1 + 1", sampling), Text("1 + 2", Sampling(temperature=0.7, seed=12)), Text("1 + 1", sampling)])
    assert drawn[0] == drawn[2] != drawn[1]
    assert len(toy(model).calls) == 3
    settings = toy(model).calls[0][1][0][1]
    assert (settings["do_sample"], settings["temperature"], settings["top_p"]) == (True, 0.7, 0.9)


def test_the_next_token_is_the_choices_in_both_spellings(open_model: Open) -> None:
    answer = open_model().ask(NextToken(TALK, ("e", " z")))
    by_hand = {text: log_probability(SHOWN, text) for text in ("e", " e", "z", " z")}
    assert dict(answer.logprobs) == pytest.approx(by_hand, abs=1e-12)
    values = [value for _, value in answer.logprobs]
    assert values == sorted(values, reverse=True)
    assert answer.text == "e" == max(by_hand, key=lambda text: by_hand[text])


def test_a_response_is_scored_with_the_end_of_its_turn(open_model: Open) -> None:
    model = open_model()
    assert model.ask(SequenceScore(TALK, "Nine.")).score == pytest.approx(log_probability(SHOWN, "Nine.<end>"))
    assert toy(model).calls == [("loglikelihood", [(SHOWN, "Nine.<end>")])]


def test_requests_that_wait_together_are_asked_together(open_model: Open) -> None:
    model = open_model()
    asked: list[Request] = [Text(f"{n} + 1", Sampling(stop=("\n",))) for n in (1, 2, 4)]
    asked += [NextToken(TALK, ("A", "B")), SequenceScore(TALK, "x")]
    answers = model.ask_all(asked)
    assert [answer.text for answer in answers[:3]] == [" 2", " 3", " 5"]
    assert [(method, len(calls)) for method, calls in toy(model).calls] == [("generate_until", 3), ("loglikelihood", 5)]
    alone = [model.ask(request) for request in asked]
    assert alone == answers


def test_one_that_fails_takes_no_other_with_it(open_model: Open) -> None:
    model = open_model()

    async def together() -> list[Any]:
        asked = [Text("1 + 1"), Text("boom"), Text("2 + 1")]
        return await asyncio.gather(*map(model.session.complete, asked), return_exceptions=True)

    first, broken, last = model.runner.run(together())
    assert (first.text[:2], last.text[:2]) == (" 2", " 3")
    assert type(broken) is RequestError
    assert broken.message == "lm-eval's model class 'judgebench-toy' fails: RuntimeError: the toy is broken"


def test_a_failure_before_any_success_ends_the_run(open_model: Open) -> None:
    with pytest.raises(PermanentError, match="the toy is broken") as caught:
        open_model().ask(Text("boom"))
    assert not isinstance(caught.value, RequestError)
    assert "args" in caught.value.hint


def test_a_cancelled_request_is_dropped(open_model: Open) -> None:
    model = open_model()

    async def cancelled() -> str:
        task = asyncio.create_task(model.session.complete(Text("1 + 1")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return (await model.session.complete(Text("2 + 2", Sampling(stop=("\n",))))).text

    assert model.runner.run(cancelled()) == " 4"


@pytest.mark.parametrize("asked", [Chat(TALK), NextToken(TALK, ("A",)), SequenceScore(TALK, "x")])
def test_a_class_without_template_is_not_given_one(open_model: Open, asked: Request) -> None:
    model = open_model("judgebench-silent")
    assert model.ask(Text("is it?")).text == "yes"
    with pytest.raises(PermanentError, match="has no chat template") as caught:
        model.ask(asked)
    assert "hf with an instruct model" in caught.value.hint


def test_a_class_without_log_probabilities_says_so(open_model: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    model = open_model("judgebench-silent")
    monkeypatch.setattr(toy(model), "apply_chat_template", lambda turns, add_generation_prompt: "x")
    with pytest.raises(PermanentError, match="cannot do this: no log-probabilities from this service"):
        model.ask(NextToken(TALK, ("A",)))


def test_lm_eval_s_own_dummy_answers(open_model: Open) -> None:
    model = open_model("dummy")
    assert model.ask(Text("anything")).text == "lol"


def test_what_it_cannot_is_said(open_model: Open) -> None:
    with pytest.raises(PermanentError, match="lm-eval cannot answer Reward"):
        open_model().ask(Reward(TALK, "y"))


def test_after_closing_nothing_is_asked(open_model: Open) -> None:
    async def late() -> None:
        async with LmEval("judgebench-toy").open(no_secret) as session:
            pass
        await session.complete(Text("1 + 1"))

    with pytest.raises(PermanentError, match="closed"):
        asyncio.run(late())


def test_an_unknown_class_is_told_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="no model class 'judgebench-toi'") as caught:
        LmEval("judgebench-toi").fingerprint()
    assert caught.value.hint == "did you mean 'judgebench-toy'?"


def test_a_class_that_lacks_a_package_is_told(open_model: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lm_eval.models.mamba_lm", None)
    with pytest.raises(PluginError, match="'mamba_ssm' lacks a package") as caught:
        open_model("mamba_ssm")
    assert "pip install" in caught.value.hint


def test_arguments_that_the_class_does_not_take_are_told(open_model: Open) -> None:
    with pytest.raises(ConfigError, match="unexpected keyword argument 'colour'"):
        open_model("judgebench-silent", colour="blue")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", {}),
        ("pretrained=DIR", {"pretrained": "DIR"}),
        ("a=1,b=0.5,c=true,d=x=y", {"a": 1, "b": 0.5, "c": True, "d": "x=y"}),
        ('{"pretrained": "a,b", "n": 2}', {"pretrained": "a,b", "n": 2}),
        ({"n": 2}, {"n": 2}),
    ],
)
def test_arguments_are_read_in_both_forms(given: Any, meant: dict[str, Any]) -> None:
    assert LmEval("judgebench-toy", given).arguments == meant


@pytest.mark.parametrize(
    ("given", "told"),
    [("pretrained", "has no value"), ("{x}", "args:"), ({"api_key": "abc"}, "a run keeps its options")],
)
def test_arguments_that_cannot_be_are_refused(given: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        LmEval("judgebench-toy", given)
    assert "abc" not in caught.value.message + caught.value.hint
    with pytest.raises(ConfigError, match="parallel is 0"):
        LmEval("judgebench-toy", parallel=0)


def test_another_checkpoint_in_the_same_folder_is_another_model(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("first")

    def identity(given: Any) -> Any:
        return LmEval("judgebench-toy", given).fingerprint()

    before = identity({"pretrained": str(tmp_path)})
    assert before == identity(f"pretrained={tmp_path}")
    assert before != identity({"pretrained": str(tmp_path), "blind": 2})
    (tmp_path / "weights").write_text("later")
    assert before != identity({"pretrained": str(tmp_path)})
