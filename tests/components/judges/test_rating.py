"""rating: every response by itself."""

import asyncio

import pytest

from judgebench import Completion, ConfigError, Item, Message, Response, Sample, Score, Trial, VerdictError
from judgebench.components.judges.rating import COMPONENT as Rating

ITEM = Item("1", ("Name a prime.",), reference=("7",))
TRIAL = Trial(ITEM, (Response(("8",), "x"), Response(("7",), "y"), Response(("8",), "z")), (2, 1, 0))


def asked(judge, trial):
    seen = []

    async def ask(model, request, draw=0):
        seen.append((model, request, draw))
        return Sample(model, Completion("[[1]]"))

    return asyncio.run(judge.sample(trial, ask)), seen


def test_each_response_is_shown_alone_in_shown_order():
    samples, seen = asked(Rating(model="m", system="Be fair.", max_tokens=5), TRIAL)
    assert len(samples) == 3
    prompts = [request.messages[-1].content for _, request, _ in seen]
    assert ["# Answer\n8\n" in prompt for prompt in prompts] == [True, False, True]
    assert "# An answer known to be right\n7\n" in prompts[0]
    assert prompts[0] == prompts[2]  # the same answer is the same request: it is not bought twice
    assert seen[0][1].messages[0] == Message("system", "Be fair.")
    assert seen[0][1].sampling.max_tokens == 5


def test_one_response_may_stand_alone_and_the_scale_is_told():
    samples, seen = asked(Rating(model="m", least=0, most=5), Trial(ITEM, TRIAL.responses[:1], (0,)))
    assert len(samples) == 1
    assert "from 0 (useless) to 5 (nothing to improve)" in seen[0][1].messages[-1].content


def read(judge, *texts):
    return judge.read(TRIAL, [Sample("m", Completion(text, "stop")) for text in texts])


def test_the_verdict_is_a_score_for_each():
    assert read(Rating(model="m"), "[[9]]", "[[2.5]]", "[[9]]") == Score((9.0, 2.5, 9.0))
    assert read(Rating(model="m", parser="rewardbench"), "9", "8/10", "so: 1") == Score((9.0, 10.0, 1.0))


def test_one_unread_or_impossible_rating_is_a_miss():
    with pytest.raises(VerdictError, match="no verdict"):
        read(Rating(model="m"), "[[9]]", "nine", "[[1]]")
    with pytest.raises(VerdictError, match="outside of 1 to 10"):
        read(Rating(model="m"), "[[9]]", "[[11]]", "[[1]]")
    assert read(Rating(model="m", least=0, most=100), "[[90]]", "[[11]]", "[[0]]").values == (90.0, 11.0, 0.0)


def test_an_unread_rating_may_be_the_lowest():
    """The official rule: on 1 to 10 it is -1, and the best of the others win."""
    judge = Rating(model="m", unread="lowest")
    assert read(judge, "[[9]]", "nine", "[[1]]") == Score((9.0, -1.0, 1.0))
    assert read(judge, "[[1]]", "[[11]]", "[[1]]") == Score((1.0, -1.0, 1.0))
    assert read(Rating(model="m", least=0, most=5, unread="lowest"), "", "[[0]]", "[[5]]").values == (-2.0, 0.0, 5.0)


def test_no_rating_at_all_is_a_miss_whatever_the_rule():
    with pytest.raises(VerdictError, match="outside of 1 to 10"):
        read(Rating(model="m", unread="lowest"), "nine", "ten", "[[11]]")
    alone = Trial(ITEM, TRIAL.responses[:1], (0,))
    with pytest.raises(VerdictError, match="no verdict"):  # a policy by itself has one rating alone
        Rating(model="m", unread="lowest").read(alone, [Sample("m", Completion("nine"))])


def test_a_scale_must_go_up_and_a_template_must_render(tmp_path):
    with pytest.raises(ConfigError, match="the scale is 5 to 5"):
        Rating(model="m", least=5, most=5)
    path = tmp_path / "own.txt"
    path.write_text("{{ question }} {{ answers[1] }}")
    with pytest.raises(ConfigError, match=r"own\.txt"):
        Rating(model="m", template=str(path)).fingerprint()
    path.write_text("{{ question }}: {{ answers[0] }} of {{ most }}")
    assert asked(Rating(model="m", template=str(path)), TRIAL)[1][1][1].messages[-1].content == "Name a prime.: 7 of 10"
