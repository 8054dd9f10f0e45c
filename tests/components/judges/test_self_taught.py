"""self-taught: one of two, never a tie; what a text with both tags is, is an option."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench import app
from judgebench.components.judges.self_taught import SelfTaught
from judgebench.core.errors import VerdictError
from judgebench.core.item import Item, Preference, Response, Sample, Trial
from judgebench.core.request import Completion, Sampling
from judgebench.plugin.options import build

trial = Trial(Item("1", ("Which is larger?",)), (Response(("5",), "a"), Response(("3",), "b")), (0, 1))
A, B = Preference((1.0, 0.0), "A"), Preference((0.0, 1.0), "B")


def read(judge, text, finish="stop"):
    return judge.read(trial, [Sample("m", Completion(text, finish))])


def test_one_tag_is_the_verdict_and_a_tie_is_none():
    judge = SelfTaught("m")
    assert read(judge, "So it is [[A]]") == A
    assert read(judge, "[[B]]") == B
    for text in ("[[C]]", "A", "", "[[D]]"):
        with pytest.raises(VerdictError):
            read(judge, text)


@given(st.lists(st.sampled_from(["[[A]]", "[[B]]", "[[C]]", "[A]", "and "]), max_size=6).map("".join))
@settings(deadline=None)
def test_the_two_rules_differ_only_where_both_tags_are(text):
    """As the training filter and the RewardBench scorer of the release read it."""
    both, a, b = "[[A]]" in text and "[[B]]" in text, "[[A]]" in text, "[[B]]" in text
    for judge, expected in (
        (SelfTaught("m"), None if both else A if a else B if b else None),
        (SelfTaught("m", both_tags="first-letter"), A if a else B if b else None),
    ):
        if expected is None:
            with pytest.raises(VerdictError):
                read(judge, text)
        else:
            assert read(judge, text) == expected


def test_presets_and_wordings():
    asked = []

    async def ask(model, request, draw=0):
        asked.append(request)
        return Sample(model, Completion("[[A]]"))

    for values in (*SelfTaught.presets.values(), {"plan": True}):
        asyncio.run(build(SelfTaught, {"model": "m", **values}, "judge").sample(trial, ask))
    assert [request.sampling for request in asked] == [
        Sampling(0.0, 1.0, 2048),
        Sampling(0.7, 0.9, 2048),
        Sampling(0.7, 0.9, 4096),
        Sampling(0.0, 1.0, 2048),
    ]
    direct, planned = asked[0].messages[0].content, asked[3].messages[0].content
    assert "criteria" in planned
    assert "criteria" not in direct
    assert "[[C]]" not in direct + planned
    assert SelfTaught("m").fingerprint() == SelfTaught("m", plan=True).fingerprint()  # one template, an option apart


def test_a_vote_of_it_takes_the_papers_settings(tmp_path):
    script = tmp_path / "rules.jsonl"
    script.write_text('{"reply": "[[A]]"}\n')
    spec = {
        "benchmark": "starter",
        "limit": 2,
        "judges": {"v": f"vote:self-taught@scripted:{script},preset=self-taught,samples=3"},
        "out": str(tmp_path / "run"),
    }
    board = app.run(spec)
    consistency = next(row.value for row in board.estimates if row.measure == "position-consistency")
    assert consistency == 0.0  # it always says A
