"""Which items a limit takes."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import DataError, Item, Response
from judgebench.engine.select import draw, ranked

seeds = st.integers(0, 2**40)
strata = st.lists(st.sampled_from(["", "a", "b", "c c"]), min_size=1, max_size=60)


def items(labels):
    return [Item(f"i{n}", ("q",), stratum=label) for n, label in enumerate(labels)]


def ids(found):
    return [item.id for item in found]


def test_draws_are_the_same_on_every_machine():
    assert [draw(7, "item", "a"), draw(7, "item", "b"), draw(8, "item", "a"), draw(0), draw(7, "order", "a", 1)] == [
        0.11840627249900913,
        0.34877086253305906,
        0.6396052253807809,
        0.516288615126363,
        0.7788199796384692,
    ]


def test_the_selection_is_the_same_on_every_machine():
    assert ids(ranked(items("aaaabbc" * 2), 7)) == [
        "i9",
        "i13",
        "i11",
        "i1",
        "i0",
        "i12",
        "i2",
        "i10",
        "i6",
        "i5",
        "i3",
        "i8",
        "i4",
        "i7",
    ]


@given(strata, seeds, st.randoms(use_true_random=False))
def test_every_item_once_in_whatever_order_they_came(labels, seed, random):
    given_items = items(labels)
    expected = ranked(given_items, seed)
    assert sorted(ids(expected)) == sorted(ids(given_items))
    random.shuffle(given_items)
    before = list(given_items)
    assert ranked(given_items, seed) == expected
    assert given_items == before


@given(strata, seeds)
def test_every_prefix_holds_the_strata_in_proportion(labels, seed):
    order = ranked(items(labels), seed)
    sizes = Counter(labels)
    for taken in range(len(order) + 1):
        counts = Counter(item.stratum for item in order[:taken])
        for label, size in sizes.items():
            share = Fraction(size, len(labels))
            # each stratum is within one of its own clock, and the clock within one item of each stratum
            assert abs(counts[label] - taken * share) < 1 + share * len(sizes)


@given(strata, seeds, st.integers(1, 30))
def test_within_a_stratum_the_order_does_not_depend_on_the_others(labels, seed, more):
    """So that items added to one stratum do not change which of another's come first."""
    alone = [item for item in ranked(items(labels), seed) if item.stratum == "a"]
    grown = [item for item in ranked(items([*labels, *"b" * more]), seed) if item.stratum == "a"]
    assert alone == grown


def test_another_seed_is_another_sample_and_every_item_has_its_turn():
    first = Counter(ranked(items("ab" * 10), seed)[0].id for seed in range(2000))
    assert len(first) == 20
    assert max(first.values()) < 150  # 100 are expected of each; the standard deviation is 10
    assert min(first.values()) > 50


def test_two_items_with_one_id_are_an_error():
    with pytest.raises(DataError, match="two items have the id 'i0'"):
        ranked([*items("ab"), Item("i0", ("other",), stratum="b")], 0)


@pytest.mark.parametrize("turns", [(), ("a", "b")])
@pytest.mark.parametrize("baseline", [False, True])
def test_a_response_with_other_turns_than_the_item_is_an_error(turns, baseline):
    odd, good = Response(turns, "odd"), Response(("a",), "good")
    item = (
        Item("i", ("q",), responses=(good, good), baseline=odd) if baseline else Item("i", ("q",), (), (), (good, odd))
    )
    with pytest.raises(DataError, match=rf"item 'i' has 1 user turn\(s\), its response by 'odd' {len(turns)}"):
        ranked([item], 0)


def test_an_item_without_a_turn_is_an_error():
    with pytest.raises(DataError, match="item 'i' asks nothing"):
        ranked([Item("i", ())], 0)
