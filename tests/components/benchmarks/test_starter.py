from collections import Counter

import pytest

from judgebench.components.benchmarks.starter import COMPONENT as Starter

ITEMS = Starter().items()


def test_sixty_four_items_in_seven_categories():
    assert len({item.id for item in ITEMS}) == 64
    sizes = Counter(item.stratum for item in ITEMS)
    assert set(sizes) == {"writing", "reasoning", "coding", "maths", "extraction", "safety", "two-turn"}
    assert min(sizes.values()) >= 9


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_item_is_whole(item):
    turns = 2 if item.stratum == "two-turn" else 1
    good, worse = item.responses
    for response in (good, worse, item.baseline):
        assert len(response.turns) == len(item.turns) == turns
        assert all(text.strip() == text and text for text in response.turns)
    assert good.turns != worse.turns
    assert item.gold.probs == (1.0, 0.0)
    assert 0.75 <= good.length / worse.length <= 1.33


def test_length_does_not_give_the_good_answer_away():
    longer = sum(item.responses[0].length > item.responses[1].length for item in ITEMS)
    assert 30 <= longer <= 34
    difference = [item.responses[0].length - item.responses[1].length for item in ITEMS]
    assert abs(sum(difference)) / len(ITEMS) < 5


@pytest.mark.parametrize("mark", ["\n- ", "\n1. ", "**", "```", "#", "`"])
def test_formatting_does_not_give_it_away(mark):
    for item in ITEMS:
        good, worse = ("\n" + "\n".join(response.turns) for response in item.responses)
        assert (mark in good) == (mark in worse), (item.id, mark)
