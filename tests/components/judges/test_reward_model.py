"""reward-model: a number for each response, whatever the order."""

import asyncio
import json
import math

import pytest

from judgebench import (
    Completion,
    ConfigError,
    Item,
    Message,
    Response,
    Reward,
    Sample,
    Score,
    Trial,
    VerdictError,
    app,
    run,
)
from judgebench.components.judges.reward_model import COMPONENT as RewardModel
from judgebench.engine.spec import from_mapping

TALK = Item("1", ("Hello", "And now?"), context=(Message("system", "Be kind."),))
LONG, SHORT = Response(("Hi", "Now this."), "x"), Response(("Yes", "That."), "y")


def asked(judge, trial):
    seen = []

    async def ask(model, request, draw=0):
        seen.append(request)
        return Sample(model, Completion(score=float(len(request.response))))

    return asyncio.run(judge.sample(trial, ask)), seen


def test_the_last_turn_is_scored_given_the_dialogue_as_the_response_has_it():
    samples, seen = asked(RewardModel(model="m", system="You judge."), Trial(TALK, (LONG, SHORT), (0, 1)))
    before = (Message("system", "You judge."), Message("system", "Be kind."), Message("user", "Hello"))
    assert seen[0] == Reward((*before, Message("assistant", "Hi"), Message("user", "And now?")), "Now this.")
    assert seen[1] == Reward((*before, Message("assistant", "Yes"), Message("user", "And now?")), "That.")
    assert RewardModel(model="m").read(Trial(TALK, (LONG, SHORT), (0, 1)), samples) == Score((9.0, 5.0))


def test_a_judge_of_first_turns_sees_no_more():
    trial = Trial(TALK.first_turns(1), (LONG.first_turns(1), SHORT.first_turns(1)), (0, 1))
    assert asked(RewardModel(model="m"), trial)[1][0].messages == (*TALK.context, Message("user", "Hello"))


@pytest.mark.parametrize("score", [None, math.nan, math.inf])
def test_no_number_is_no_verdict(score):
    with pytest.raises(VerdictError, match="the model gave"):
        RewardModel(model="m").read(Trial(TALK, (LONG,), (0,)), [Sample("m", Completion(score=score))])


def test_an_empty_response_is_no_verdict():
    with pytest.raises(VerdictError, match="no text"):
        asked(RewardModel(model="m"), Trial(TALK, (Response((), "x"),), (0,)))


@pytest.fixture
def pairs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        ("longest of all", "short", "a"),
        ("short", "longest of all", "b"),
        ("same", "also", "a"),
        ("long one", "x", "b"),
    ]
    with (tmp_path / "pairs.jsonl").open("w") as file:
        for number, (a, b, gold) in enumerate(rows):
            row = {"prompt": f"q{number}", "response_a": a, "response_b": b, "gold": gold}
            file.write(json.dumps(row) + "\n")
    # longer is better here: the scripted reward is minus the length unless a rule says otherwise
    rules = [{"match": text, "score": score} for text, score in (("longest", 3), ("long one", 2), ("short", 1))]
    (tmp_path / "rules.jsonl").write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    return "pairs:pairs.jsonl"


def test_a_run_counts_a_tie_by_the_benchmarks_convention_and_buys_each_score_once(pairs):
    spec = {"benchmark": pairs, "judges": {"rm": "reward-model@scripted:rules.jsonl,default=none"}, "out": "run"}
    calls = []
    board = run(spec, observers=[lambda event: calls.append(event) if hasattr(event, "cached") else None])
    found = {row.measure: row for row in board.estimates}
    assert found["accuracy"].value == pytest.approx(100 * 2.5 / 4)  # right, right, a tie, wrong
    assert found["position-consistency"].value == 100
    assert [call.cached for call in calls].count(False) == 8  # not 16: the other order asks the same


def test_a_backend_without_a_reward_head_is_refused(pairs):
    spec = {"benchmark": pairs, "judges": {"rm": "reward-model@openai:m,base_url=http://127.0.0.1:9/v1"}}
    with pytest.raises(ConfigError, match="'rm' needs Reward, which backend 'openai' cannot do"):
        app.plan(from_mapping(spec, "test"), app.registry())
