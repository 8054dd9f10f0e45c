"""What is asked of a judge: both orders or a seeded one, repeats, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import Item, Response, Trial
from judgebench.engine.plan import TrialKey, slots
from judgebench.engine.plan import trials as trials_of
from judgebench.store.manifest import Planned

READY = tuple(Response((f"{name}",), name) for name in ("good", "bad"))


def items(number, **more):
    return [Item(f"i{n}", ("q",), responses=READY, baseline=Response(("b",), "base"), **more) for n in range(number)]


def planned(order="both", repeats=1, number=100, policy=None):
    """A plan over the first so many items."""
    return Planned("judge#1", policy, order, repeats, str(number))


def trials(plan, items, seed):
    return trials_of(plan, {plan.selection: items[: int(plan.selection)]}, seed)


def test_both_orders_of_every_item():
    found = list(trials(planned(), items(2), 0))
    assert [(key.item.id, key.order, key.repeat) for key in found] == [
        ("i0", (0, 1), 0),
        ("i0", (1, 0), 0),
        ("i1", (0, 1), 0),
        ("i1", (1, 0), 0),
    ]
    assert {(key.judge, key.slots) for key in found} == {("judge#1", ("good", "bad"))}
    assert found[1].record == ("judge#1", ("good", "bad"), "i0", (1, 0), 0, 0)


def test_a_trial_shows_the_responses_in_its_order():
    key = TrialKey("j", ("good", "bad"), items(1)[0], (1, 0), 2)
    assert key.trial(READY) == Trial(key.item, (READY[1], READY[0]), (1, 0), 2)
    assert key.trial(READY).responses[0].author == "bad"


@pytest.mark.parametrize("order", ["both", "seeded"])
def test_repeats_are_numbered(order):
    found = list(trials(planned(order, repeats=3), items(2), 0))
    assert [key.repeat for key in found] == ([0, 0, 1, 1, 2, 2] if order == "both" else [0, 1, 2]) * 2
    assert len({key.record for key in found}) == len(found)


def test_a_policy_meets_the_baseline_and_without_one_the_item_is_left_out():
    bare = Item("bare", ("q",), responses=READY)
    found = list(trials(planned(policy="p#1"), [bare, *items(1)], 0))
    assert {(key.item.id, key.slots) for key in found} == {("i0", ("p#1", "base"))}
    single = Item("single", ("q",), responses=READY[:1], baseline=READY[1])
    assert slots(single, None) is None
    assert [key.item.id for key in trials(planned("seeded"), [single, bare], 0)] == ["bare"]


def test_more_than_two_responses_are_shown_straight_and_reversed():
    item = Item("i", ("q",), responses=(*READY, Response(("c",), "third")))
    assert [key.order for key in trials(planned(), [item], 0)] == [(0, 1, 2), (2, 1, 0)]


@given(
    st.integers(0, 30), st.integers(0, 30), st.sampled_from(["both", "seeded"]), st.integers(1, 3), st.integers(0, 9)
)
def test_a_larger_plan_holds_every_trial_of_a_smaller_one(few, more, order, repeats, seed):
    everything = items(40)
    small = [key.record for key in trials(planned(order, repeats, few), everything, seed)]
    for wide in (
        trials(planned(order, repeats, few + more), everything, seed),
        trials(planned(order, repeats + 1, few), everything, seed),
        trials(planned("both", repeats, few), everything, seed),
    ):
        assert set(small) <= {key.record for key in wide}
    assert len(small) == min(few, 40) * repeats * (2 if order == "both" else 1)


def swaps(number, seed, repeats=1, policy=None):
    return [key.order == (1, 0) for key in trials(planned("seeded", repeats, number, policy), items(number), seed)]


def test_the_seeded_order_is_the_same_on_every_machine():
    assert "".join("01"[swap] for swap in swaps(32, 7)) == "01101011011000111101111001011000"


def test_the_seeded_order_is_fair_between_items_repeats_and_seeds():
    assert abs(sum(swaps(4000, 1)) - 2000) < 160  # five standard deviations
    assert abs(sum(swaps(1, 1, repeats=4000)) - 2000) < 160
    assert abs(sum(swaps(1, seed)[0] for seed in range(4000)) - 2000) < 160
    agree = sum(a == b for a, b in zip(swaps(4000, 1), swaps(4000, 2), strict=True))
    assert abs(agree - 2000) < 160


def test_all_policies_and_judges_see_an_item_in_the_same_order():
    assert swaps(50, 3, policy="p#1") == swaps(50, 3, policy="q#1") == swaps(50, 3)
