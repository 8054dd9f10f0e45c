"""longer, random, first, constant: judges without a model."""

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Item, Preference, Response, Score, Trial, VerdictError, app
from judgebench.components.benchmarks.starter import Starter
from judgebench.components.judges.baselines import COMPONENTS, Constant, First, Longer, Random


def trial(*texts, item="1", repeat=0):
    responses = tuple(Response((text,), str(k)) for k, text in enumerate(texts))
    return Trial(Item(item, ("Q",)), responses, tuple(range(len(texts))), repeat)


@pytest.mark.parametrize("judge", COMPONENTS)
def test_nobody_is_asked(judge):
    async def ask(model, request, draw=0):
        raise AssertionError("asked")

    assert judge().needs() == ()
    assert asyncio.run(judge().sample(trial("a", "b"), ask)) == ()


def test_longer_counts_characters_and_shares_among_the_longest():
    assert Longer().read(trial("éé", "a"), ()) == Preference((1.0, 0.0))
    assert Longer().read(trial("a", "\U0001f600b"), ()) == Preference((0.0, 1.0))
    assert Longer().read(trial("ab", "cd"), ()) == Preference((0.5, 0.5))
    assert Longer().read(trial("", ""), ()) == Preference((0.5, 0.5))
    assert Longer().read(trial("ab", "c", "de", "f"), ()) == Preference((0.5, 0.0, 0.5, 0.0))


def test_longer_counts_all_turns_and_takes_a_length_for_a_text_that_is_not_there():
    shown = (Response(("a", "bcd"), "x"), Response((), "y", features={"length": 5.0}))
    assert Longer().read(Trial(Item("1", ("Q", "R")), shown, (0, 1)), ()).probs == (0.0, 1.0)
    with pytest.raises(VerdictError, match="length"):
        Longer().read(Trial(Item("1", ("Q",)), (shown[0], Response((), "y")), (0, 1)), ())


def test_first_knows_the_place_alone():
    assert First().read(trial("a", "b"), ()).probs == (1.0, 0.0)
    assert First().read(trial("b", "a"), ()).probs == (1.0, 0.0)
    assert First().read(trial("c", "a", "b"), ()).probs == (1.0, 0.0, 0.0)


def test_constant_gives_the_same_to_any_number():
    assert Constant().read(trial("a"), ()) == Score((0.0,))
    assert Constant(value=7.5).read(trial("a", "bb", ""), ()) == Score((7.5, 7.5, 7.5))
    assert Constant.responses[0] == 1


@given(st.lists(st.text(max_size=3), min_size=2, max_size=5), st.randoms(use_true_random=False), st.integers())
def test_random_does_not_know_the_order(texts, chance, seed):
    places = list(range(len(texts)))
    chance.shuffle(places)
    judge = Random(seed)
    here = judge.read(trial(*texts), ()).probs
    there = judge.read(trial(*(texts[place] for place in places)), ()).probs
    assert there == tuple(here[place] for place in places)
    assert math.isclose(sum(here), 1.0)
    winners = {text for text, share in zip(texts, here, strict=True) if share}
    assert len(winners) == 1


def wins(judge, repeats=1, items=4000):
    shown = [trial("left", "right", item=f"i{n}", repeat=r) for n in range(items) for r in range(repeats)]
    return [judge.read(one, ()).probs[0] for one in shown]


def test_random_is_fair_and_the_same_in_every_run():
    here = wins(Random())
    assert abs(sum(here) / len(here) - 0.5) < 4 * 0.5 / math.sqrt(len(here))
    assert set(here) == {0.0, 1.0}
    assert here[:16] == [*map(float, "0001000100111111")]


@pytest.mark.parametrize("other", [Random(1), Random(-1)])
def test_another_seed_throws_other_coins(other):
    here, there = wins(Random()), wins(other)
    agree = sum(a == b for a, b in zip(here, there, strict=True)) / len(here)
    assert abs(agree - 0.5) < 4 * 0.5 / math.sqrt(len(here))


def test_every_repeat_and_every_pair_of_an_item_is_a_throw_of_its_own():
    found = wins(Random(), repeats=2)
    agree = sum(a == b for a, b in zip(found[::2], found[1::2], strict=True)) / (len(found) / 2)
    assert abs(agree - 0.5) < 4 * 0.5 / math.sqrt(len(found) / 2)
    against = [[Random().read(trial("base", text, item=f"i{n}"), ()).probs[0] for n in range(4000)] for text in "ab"]
    agree = sum(a == b for a, b in zip(*against, strict=True)) / 4000  # that one beats `base` says nothing of the other
    assert abs(agree - 0.5) < 4 * 0.5 / math.sqrt(4000)


def test_random_cannot_tell_equal_texts_apart():
    assert Random().read(trial("a", "a"), ()).probs == (0.5, 0.5)
    shares = [Random().read(trial("a", "b", "a", item=f"i{n}"), ()).probs for n in range(3000)]
    assert set(shares) == {(0.5, 0.0, 0.5), (0.0, 1.0, 0.0)}
    assert abs(sum(middle for _, middle, _ in shares) / 3000 - 1 / 3) < 4 * 0.4714 / math.sqrt(3000)


def test_what_the_baselines_score_on_pairs_in_both_orders(tmp_path):
    judges = {judge.name: {"judge": judge.name} for judge in COMPONENTS}
    measures = ["accuracy", "position-consistency", "position-bias", "miss-rate"]
    board = app.run({"benchmark": "starter", "judges": judges, "measures": measures, "out": str(tmp_path / "run")})
    found = {(one.subject, one.measure): one.value for one in board.estimates}
    assert [found[name, "miss-rate"] for name in judges] == [0.0] * 4
    assert [found[name, "position-consistency"] for name in judges] == [100.0, 100.0, 0.0, 100.0]
    assert [found[name, "position-bias"] for name in judges] == [0.0, 0.0, 50.0, 0.0]
    assert (found["first", "accuracy"], found["constant", "accuracy"]) == (50.0, 50.0)
    pairs = [item for item in Starter().items() if item.gold == Preference((1.0, 0.0))]
    lengths = [[response.length for response in item.responses] for item in pairs]
    right = sum((good > bad) + 0.5 * (good == bad) for good, bad in lengths)
    assert found["longer", "accuracy"] == pytest.approx(100 * right / len(pairs))
