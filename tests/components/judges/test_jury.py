"""jury: several judges on one trial; the jurors are judges that ship."""

import asyncio

import pytest

from judgebench import Completion, ConfigError, Item, Preference, Response, Sample, Score, Trial, VerdictError
from judgebench.components.judges.jury import COMPONENT as Jury
from judgebench.components.judges.listwise import COMPONENT as Listwise
from judgebench.components.judges.rating import COMPONENT as Rating
from judgebench.components.judges.verdict import COMPONENT as Verdict
from judgebench.components.judges.vote import COMPONENT as Vote

ITEM = Item("1", ("Name a prime.",))
PAIR = Trial(ITEM, (Response(("8",), "x"), Response(("7",), "y")), (0, 1))
ALONE = Trial(ITEM, (Response(("8",), "x"),), (0,))
JURORS = (Verdict(model="a"), Verdict(model="b"), Verdict(model="c"))
RATERS = (Rating(model="a"), Rating(model="b", most=100))


def jury(*judges, **options):
    return Jury(of=tuple("abcdef"[: len(judges)]), **options).over(judges)


def asked(judge, texts, trial=PAIR):
    """Samples and calls; `texts` holds the answers of each model, in turn."""
    left, seen = {model: list(said) for model, said in texts.items()}, []

    async def ask(model, request, draw=0):
        seen.append((model, request, draw))
        return Sample(model, Completion(left[model].pop(0), "stop"))

    return asyncio.run(judge.sample(trial, ask)), seen


def said(judge, texts, trial=PAIR):
    samples, _ = asked(judge, texts, trial)
    return judge.read(trial, samples), judge.parts(trial, samples)


def letters(text):
    """One juror a letter."""
    return {model: [f"[[{letter}]]"] for model, letter in zip("abcdef", text, strict=False)}


def test_a_jurors_calls_are_those_of_the_judge_alone():
    samples, seen = asked(jury(*JURORS), letters("ABC"))
    assert [sample.part for sample in samples] == [0, 1, 2]
    for juror, call in zip(JURORS, seen, strict=True):
        assert asked(juror, letters("ABC"))[1] == [call]


@pytest.mark.parametrize(
    ("options", "texts", "probs"),
    [
        ({}, "AAB", (1.0, 0.0)),
        ({}, "ACB", (0.5, 0.5)),
        ({}, "A?B", (0.5, 0.5)),
        ({}, "??B", (0.0, 1.0)),
        ({"rule": "plurality"}, "CCA", (0.5, 0.5)),
        ({"rule": "mean"}, "AAC", (2.5 / 3, 0.5 / 3)),
        ({"rule": "weighted", "weights": (3, 1, 1)}, "ABB", (0.6, 0.4)),
        ({"rule": "weighted", "weights": (2, 1, 1)}, "ABB", (0.5, 0.5)),
        ({"rule": "weighted", "weights": (2, 1, 1)}, "?AB", (0.5, 0.5)),
        ({"rule": "weighted", "weights": (3, 1, 0)}, "AB?", (0.75, 0.25)),
    ],
)
def test_the_rules(options, texts, probs):
    found, parts = said(jury(*JURORS, **options), letters(texts))
    assert found.probs == pytest.approx(probs)
    known = {"A": (1.0, 0.0), "B": (0.0, 1.0), "C": (0.5, 0.5), "?": ()}
    assert parts == [known[letter] for letter in texts]


def test_no_juror_to_be_read_or_none_with_a_weight_is_a_miss():
    judge = jury(*JURORS)
    samples, _ = asked(judge, letters("???"))
    with pytest.raises(VerdictError, match=r"none of 3 jurors can be read: .*\(3\)"):
        judge.read(PAIR, samples)
    judge = jury(*JURORS, rule="weighted", weights=(1, 1, 0))
    samples, _ = asked(judge, letters("??A"))
    with pytest.raises(VerdictError, match="no verdict of a judge with a weight"):
        judge.read(PAIR, samples)


def test_scores_vote_by_their_comparison():
    judge = jury(*RATERS, Verdict(model="c"))
    texts = {"a": ["[[3]]", "[[2]]"], "b": ["[[50]]", "[[90]]"], "c": ["[[A]]"]}
    assert said(judge, texts) == (Preference((1.0, 0.0)), [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0)])
    texts = {"a": ["[[3]]", "[[3]]"], "b": ["[[50]]", "[[90]]"]}
    assert said(jury(*RATERS, rule="mean"), texts) == (Preference((0.25, 0.75)), [(0.5, 0.5), (0.0, 1.0)])


def test_scores_are_averaged_where_that_is_asked_for():
    judge = jury(*RATERS, rule="mean-score")
    texts = {"a": ["[[3]]", "[[2]]"], "b": ["[[50]]", "[[90]]"]}
    assert said(judge, texts) == (Score((26.5, 46.0)), [(3.0, 2.0), (50.0, 90.0)])
    assert said(judge, {"a": ["[[3]]", "?"], "b": ["[[50]]", "[[90]]"]})[0] == Score((50.0, 90.0))
    assert judge.responses[0] == 1
    assert said(judge, {"a": ["[[3]]"], "b": ["[[50]]"]}, ALONE)[0] == Score((26.5,))
    mixed = jury(Rating(model="a"), Verdict(model="b"), rule="mean-score")
    samples, _ = asked(mixed, {"a": ["[[3]]", "[[2]]"], "b": ["[[A]]"]})
    with pytest.raises(ConfigError, match="'verdict' gives no scores"):
        mixed.read(PAIR, samples)


def test_a_juror_that_votes_keeps_its_votes():
    voter = Vote(of=("v",), samples=3).over([Verdict(model="a", temperature=1.0)])
    judge = jury(voter, Verdict(model="b"), rule="mean")
    samples, seen = asked(judge, {"a": ["[[A]]", "[[A]]", "[[B]]"], "b": ["[[B]]"]})
    assert seen[:3] == asked(voter, {"a": ["[[A]]"] * 3})[1]
    assert judge.parts(PAIR, samples) == [(1.0, 0.0), (0.0, 1.0)]
    assert judge.read(PAIR, samples) == Preference((0.5, 0.5))


def test_how_many_responses_it_can_be_shown():
    assert jury(*RATERS).responses[0] == 2  # alone there is nothing to vote on
    assert jury(Listwise(model="a"), Rating(model="b")).responses == Listwise.responses
    assert jury(Listwise(model="a"), Verdict(model="b")).responses == (2, 2)


@pytest.mark.parametrize(
    ("judges", "options", "why", "hint"),
    [
        (JURORS, {"rule": "weighted"}, "rule=weighted without weights", "give weights=[1,1,1], say"),
        (JURORS, {"weights": (1, 1, 1)}, "rule=majority with weights", "give rule=weighted"),
        (JURORS, {"rule": "weighted", "weights": (1, 1)}, "2 weights for 3 judges", "one for each"),
        (JURORS, {"rule": "weighted", "weights": (0, 0, 0)}, "weights [0, 0, 0]", "one at least is above"),
        (JURORS, {"rule": "weighted", "weights": (1, -1, 1)}, "weights [1, -1, 1]", "none is below 0"),
        (JURORS, {"rule": "weighted", "weights": (1, float("inf"), 1)}, "weights [1, inf, 1]", ""),
        ((*JURORS, Verdict(model="a")), {}, "judge 4 of `of` is there twice", "give it a weight"),
        ((), {}, "`of` names 0 judges", "at least one"),
    ],
)
def test_what_cannot_be_a_jury(judges, options, why, hint):
    with pytest.raises(ConfigError) as caught:
        jury(*judges, **options)
    assert why in caught.value.message
    assert hint in caught.value.hint
