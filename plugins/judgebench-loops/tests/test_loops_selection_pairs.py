from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped, keep
from judgebench_loops.selection.pairs import Choice, best_against_worst, distinct, length_tiers, mean_score, within

QUARTERS = st.one_of(st.none(), st.integers(0, 20).map(lambda quarters: quarters / 4))
SCORES = st.lists(QUARTERS, max_size=8)


def test_the_pair_of_the_paper_is_chosen_by_mean_score():
    good, bad = mean_score((5, 4, 5)), mean_score((2, 3, 2))
    assert (round(good, 2), round(bad, 2)) == (4.67, 2.33)
    assert best_against_worst([bad, None, good, 3.0]) == Choice(chosen=2, rejected=0)


def test_the_mean_leaves_unread_judgments_out_and_knows_no_order():
    assert mean_score([4.0, None, 5.0]) == 4.5
    assert mean_score([None, None]) is None
    assert mean_score([]) is None
    assert mean_score([4.9, 4.75, 0.1, 5.0]) == mean_score([5.0, 0.1, 4.75, 4.9])
    with pytest.raises(ValueError, match="finite"):
        mean_score([4.0, float("nan")])


@given(SCORES, st.integers(0, 12))
def test_best_against_worst_agrees_with_sorting(scores, quarters):
    margin = quarters / 4
    order = sorted((score, index) for index, score in enumerate(scores) if score is not None)
    if len(order) < 2:
        expected = "fewer than two scored"
    elif order[0][0] == order[-1][0]:
        expected = "equal scores"
    elif order[-1][0] - order[0][0] < margin:
        expected = "below the margin"
    else:
        expected = Choice(scores.index(order[-1][0]), order[0][1])
    assert found(lambda: best_against_worst(scores, margin=margin)) == expected


@given(SCORES, st.integers(0, 1000))
def test_ties_at_an_end_may_be_drawn(scores, seed):
    choice = found(lambda: best_against_worst(scores, ties="random", rng=Random(seed)))
    first = found(lambda: best_against_worst(scores))
    if isinstance(first, str):
        assert choice == first
    else:
        assert scores[choice.chosen] == scores[first.chosen]
        assert scores[choice.rejected] == scores[first.rejected]
        assert choice == best_against_worst(scores, ties="random", rng=Random(seed))


def test_every_tied_response_can_be_drawn():
    drawn = {best_against_worst([5, 1, 5, 1, 3], ties="random", rng=Random(seed)) for seed in range(50)}
    assert drawn == {Choice(0, 1), Choice(0, 3), Choice(2, 1), Choice(2, 3)}


def test_scores_that_differ_by_rounding_are_equal():
    with pytest.raises(Dropped, match="equal scores"):
        best_against_worst([0.1 + 0.2, 0.3])
    assert best_against_worst([0.3, 0.1 + 0.2, 0.0]) == Choice(0, 2)
    assert best_against_worst([1.0, 0.1 + 0.2, 0.3]) == Choice(0, 1)
    assert best_against_worst([1.0, 0.1 + 0.2], margin=0.7) == Choice(0, 1)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="margin"):
        best_against_worst([1, 2], margin=-1)
    with pytest.raises(ValueError, match="rng"):
        best_against_worst([1, 2], ties="random")
    with pytest.raises(ValueError, match="finite"):
        best_against_worst([1, float("inf")])
    for rho in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="rho"):
            length_tiers([1, 2], [1, 2], rho=rho)
    with pytest.raises(ValueError, match="length"):
        length_tiers([1, 2], [1], rho=0)


def test_the_tiers_of_the_worked_example():
    scores, lengths = [5.0, 4.2, 3.5, 2.5, 2.0], [1900, 1500, 1200, 2400, 1800]
    assert length_tiers(scores, lengths, rho=0.32) == Choice(1, 3)
    assert length_tiers(scores, lengths, rho=0) == Choice(0, 4)
    assert length_tiers([4.04, 5.0, 2.0, 2.96], [1, 2, 1, 2], rho=0.32) == Choice(0, 3)  # on the edges
    # here both edges, 1.9 and 1.3, are rounded away from the scores on them
    assert length_tiers([2.6, 0.6, 1.9, 1.3], [9, 1, 2, 8], rho=0.35) == Choice(2, 3)


def test_of_equally_good_and_equally_long_ones():
    assert length_tiers([5, 5, 1, 1], [9, 8, 7, 8], rho=0) == Choice(1, 3)
    assert length_tiers([4, 5, 2, 1], [8, 8, 8, 8], rho=0.3) == Choice(1, 3)
    assert length_tiers([5, 5, 1, 1], [8, 8, 8, 8], rho=0.3) == Choice(0, 2)


def test_overlapping_tiers_give_no_pair():
    with pytest.raises(Dropped, match="tiers overlap"):
        length_tiers([5, 1], [9, 3], rho=1)  # each end lies in both tiers
    with pytest.raises(Dropped, match="tiers overlap"):
        length_tiers([5, 3, 1], [5, 5, 4], rho=1)
    with pytest.raises(Dropped, match="tiers overlap"):
        length_tiers([3, 3, 5, 1], [4, 9, 5, 5], rho=0.5)  # two of one score, the shorter and the longer
    assert length_tiers([5, 1], [3, 9], rho=1) == Choice(0, 1)


@given(st.lists(st.tuples(QUARTERS, st.integers(0, 5)), max_size=8), st.integers(0, 100))
def test_length_tiers_agree_with_exact_arithmetic(responses, percent):
    scores, lengths = [score for score, _ in responses], [length for _, length in responses]
    choice = found(lambda: length_tiers(scores, lengths, rho=percent / 100))
    assert choice == exact_tiers(scores, lengths, Fraction(percent, 100))


@given(SCORES, st.integers(0, 100))
def test_of_equal_lengths_best_goes_against_worst(scores, percent):
    tiers = found(lambda: length_tiers(scores, [7] * len(scores), rho=percent / 100))
    assert tiers == found(lambda: best_against_worst(scores))


def test_what_is_too_long_is_dropped():
    kept = keep([2499, 2500, 2501], lambda length: within(length, 2500, "chosen response"))
    assert len(kept.rows) == 2
    assert kept.dropped == {"chosen response too long": 1}
    within(10**9, None, "chosen response")


@given(st.lists(st.sampled_from("abc"), max_size=12), st.one_of(st.none(), st.integers(0, 4)))
def test_distinct_keeps_so_many_copies(texts, most):
    stay = distinct(texts, most_duplicates=most)
    for text in set(texts):
        places = [index for index, other in enumerate(texts) if other == text]
        assert [index for index in stay if texts[index] == text] == places[: None if most is None else most + 1]
    assert stay == sorted(stay)


def test_distinct_keeps_first_occurrences():
    assert distinct(["a", "b", "a", "c", "b"]) == [0, 1, 3]
    with pytest.raises(ValueError, match="most_duplicates"):
        distinct(["a"], most_duplicates=-1)


def found(choose):
    try:
        return choose()
    except Dropped as drop:
        return drop.reason


def exact_tiers(scores, lengths, rho):
    scored = {index: Fraction(score) for index, score in enumerate(scores) if score is not None}
    if len(scored) < 2:
        return "fewer than two scored"
    most, least = max(scored.values()), min(scored.values())
    if most == least:
        return "equal scores"
    top = [i for i, score in scored.items() if (1 - rho) * most + rho * least <= score]
    bottom = [i for i, score in scored.items() if score <= (1 - rho) * least + rho * most]
    chosen = sorted(top, key=lambda i: (lengths[i], -scored[i], i))[0]
    rejected = sorted(bottom, key=lambda i: (-lengths[i], scored[i], i))[0]
    return Choice(chosen, rejected) if scored[chosen] > scored[rejected] else "tiers overlap"
