"""vote: several samples of one judge, counted; its inner judges are the ones that ship."""

import asyncio

import pytest

from judgebench import Completion, ConfigError, Item, Preference, Response, Sample, Score, Trial, VerdictError
from judgebench.components.judges.listwise import COMPONENT as Listwise
from judgebench.components.judges.logprob import COMPONENT as Logprob
from judgebench.components.judges.rating import COMPONENT as Rating
from judgebench.components.judges.rlaif import COMPONENT as Rlaif
from judgebench.components.judges.verdict import COMPONENT as Verdict
from judgebench.components.judges.vote import COMPONENT as Vote
from judgebench.core.request import NextToken
from judgebench.plugin.options import build

ITEM = Item("1", ("Name a prime.",))
PAIR = Trial(ITEM, (Response(("8",), "x"), Response(("7",), "y")), (1, 0))
FOUR = Trial(ITEM, tuple(Response((str(n),), str(n)) for n in range(4)), (0, 1, 2, 3))
PLAIN = Verdict(model="m", temperature=0.7)


def vote(inner=PLAIN, **options):
    return Vote(of=("inner",), **options).over([inner])


def asked(judge, trial=PAIR, texts=()):
    """Samples and (model, request, draw) of the calls; the n-th call is answered by the n-th text."""
    seen = []

    async def ask(model, request, draw=0):
        seen.append((model, request, draw))
        text = texts[len(seen) - 1] if texts else "[[A]]"
        logprobs = (("1", -0.5), ("2", -1.0)) if isinstance(request, NextToken) else ()
        return Sample(model, Completion(text, "stop", logprobs=logprobs))

    return asyncio.run(judge.sample(trial, ask)), seen


def said(judge, *texts, trial=PAIR):
    samples, _ = asked(judge, trial, texts)
    return judge.read(trial, samples), judge.parts(trial, samples)


def test_every_vote_draws_anew_and_is_marked():
    samples, seen = asked(vote(samples=4))
    assert [sample.part for sample in samples] == [0, 1, 2, 3]
    assert len({draw for *_, draw in seen}) == 4
    assert len({request for _, request, _ in seen}) == 1


def test_the_first_vote_is_what_the_inner_judge_asks_alone():
    _, alone = asked(PLAIN)
    _, seen = asked(vote(samples=3))
    assert seen[0] == alone[0]
    _, fewer = asked(vote(samples=2))
    assert seen[:2] == fewer  # more votes go on where fewer ended


@pytest.mark.parametrize(
    ("rule", "texts", "verdict"),
    [
        ("majority", "AAB", (1.0, 0.0)),
        ("majority", "AABC", (0.5, 0.5)),
        ("plurality", "AABC", (1.0, 0.0)),
        ("plurality", "AABBC", (0.5, 0.5)),
        ("mean", "AABC", (0.625, 0.375)),
        ("majority", "A??", (1.0, 0.0)),  # what cannot be read does not vote
        ("majority", "AB??", (0.5, 0.5)),
        ("mean", "AB?B", (1 / 3, 2 / 3)),
    ],
)
def test_the_rules(rule, texts, verdict):
    found, parts = said(vote(samples=len(texts), rule=rule), *(f"[[{letter}]]" for letter in texts))
    assert found == Preference(verdict)
    known = {"A": (1.0, 0.0), "B": (0.0, 1.0), "C": (0.5, 0.5), "?": ()}
    assert parts == [known[letter] for letter in texts]


def test_a_vote_that_no_one_casts_counts_the_reasons():
    judge = vote(samples=3)
    samples, _ = asked(judge, texts=["", "[[A]] or [[B]]", ""])
    with pytest.raises(VerdictError, match=r"none of 3 votes can be read: .*\(2\); .*\(1\)"):
        judge.read(PAIR, samples)
    assert judge.parts(PAIR, samples) == [(), (), ()]


def test_a_text_that_repeats_a_response_is_no_vote():
    trial = Trial(ITEM, (Response(("[[A]]",), "x"), Response(("7",), "y")), (0, 1))
    quoted = "It says [[A]], which is no number."
    found, parts = said(vote(samples=3), quoted, quoted, "It says so. [[B]]", trial=trial)
    assert (found, parts) == (Preference((0.0, 1.0)), [(), (), (0.0, 1.0)])


def test_one_sample_is_the_inner_judge():
    judge = vote(samples=1)
    samples, seen = asked(judge, texts=["[[B]]"])
    alone, asks = asked(PLAIN, texts=["[[B]]"])
    assert (list(samples), seen) == (list(alone), asks)
    assert judge.read(PAIR, samples) == PLAIN.read(PAIR, alone) == Preference((0.0, 1.0), "B")
    assert vote(Verdict(model="m"), samples=1).judges[0].temperature == 0


@pytest.mark.parametrize("rule", ["majority", "plurality", "mean"])
def test_scores_are_averaged_whatever_the_rule(rule):
    judge = vote(Rating(model="m", temperature=1.0), samples=3, rule=rule)
    assert judge.responses[0] == 1
    found, parts = said(judge, "[[9]]", "[[1]]", "[[2]]", "[[3]]", "[[?]]", "[[5]]")
    assert found == Score((5.5, 2.0))  # the third vote lacks a rating
    assert parts == [(9.0, 1.0), (2.0, 3.0), ()]


def test_more_than_two_responses():
    judge = vote(Listwise(model="m", temperature=1.0), samples=5, rule="plurality")
    found, _ = said(judge, *(f"[[{letter}]]" for letter in "DABDA"), trial=FOUR)
    assert found == Preference((0.5, 0.0, 0.0, 0.5))


def test_an_inner_judge_with_parts_and_a_vote_of_votes_keep_their_samples_apart():
    soft = Rlaif(model="m", reasoning=True, rationales=2, temperature=0.7)
    judge = vote(soft, samples=3, rule="mean")
    samples, seen = asked(judge, texts=[f"reason {n}" for n in range(12)])
    p = soft.read(PAIR, asked(soft, texts=["a", "", "b", ""])[0])
    assert judge.read(PAIR, samples).probs == pytest.approx(p.probs)
    assert judge.parts(PAIR, samples) == [p.probs] * 3
    twice = vote(vote(samples=3), samples=3)
    samples, seen = asked(twice, texts=[f"[[{letter}]]" for letter in "AABABBAAB"])
    assert len({draw for *_, draw in seen}) == 9
    assert twice.parts(PAIR, samples) == [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0)]
    assert twice.read(PAIR, samples) == Preference((1.0, 0.0))


@pytest.mark.parametrize(
    ("inner", "why", "hint"),
    [
        (Verdict(model="m"), "'verdict' would be the same: at temperature 0", "temperature=0.7"),
        (Logprob(model="m"), "'logprob' would be the same: it draws no text", "name a judge that writes"),
        (vote(Verdict(model="m"), samples=1), "would be the same", ""),
    ],
)
def test_votes_that_would_all_be_the_same_are_refused(inner, why, hint):
    with pytest.raises(ConfigError) as caught:
        vote(inner, samples=2)
    assert why in caught.value.message
    assert hint in caught.value.hint


def test_it_is_made_of_one_judge_and_of_a_number_of_samples():
    with pytest.raises(ConfigError, match="`of` names 2 judges"):
        Vote(of=("a", "b")).over([PLAIN, PLAIN])
    for samples in (0, 4097):
        with pytest.raises(ConfigError, match="samples"):
            build(Vote, {"of": ("a",), "samples": samples}, "judge 'v'")
