"""The measures of rankings against plain loops over repeated units, and by hand."""

import math
import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rankings import drawn, groups, ranked, sign
from scipy.stats import kendalltau, spearmanr

from judgebench.components.measures.ranking import ExactMatch, FiveBest, Kendall, PairwiseAccuracy, Spearman

WORTH = {"half": 0.5, "wrong": 0.0}


def decided(unit):
    return [(i, j) for i, j in combinations(range(len(unit["ratings"])), 2) if unit["ratings"][i] != unit["ratings"][j]]


def pairwise(unit, scores, ties="half", misses="skip"):
    """The worth of each pair that enters."""
    found = []
    for i, j in decided(unit):
        if scores is None:
            found += [WORTH[misses]] if misses != "skip" and unit["whole"] else []
        elif (agree := sign(scores[i] - scores[j]) * sign(unit["ratings"][i] - unit["ratings"][j])) == 0:
            found += [WORTH[ties]] if ties != "skip" else []
        else:
            found.append(float(agree > 0))
    return found


def exact(unit, scores):
    if scores is None or not decided(unit):
        return []
    gold = unit["ratings"]
    return [float(all(sign(scores[i] - scores[j]) == sign(gold[i] - gold[j]) for i, j in decided(unit)))]


def five_best(unit, scores, threshold=5.0):
    if scores is None or not decided(unit):
        return []
    top = max(unit["ratings"])
    return [float(gold == top) for gold, score in zip(unit["ratings"], scores, strict=True) if score >= threshold]


def correlation(function, unit, scores, undefined="skip"):
    if scores is None or not decided(unit):
        return []
    if len({round(score, 9) for score in scores}) == 1:
        return [0.0] if undefined == "zero" else []
    return [float(function([round(score, 9) for score in scores], unit["ratings"]).statistic)]


def tau_a(unit, scores):
    if scores is None or not decided(unit):
        return []
    gold = unit["ratings"]
    pairs = list(combinations(range(len(gold)), 2))
    return [sum(sign(scores[i] - scores[j]) * sign(gold[i] - gold[j]) for i, j in pairs) / len(pairs)]


CASES = {
    "pairs": (PairwiseAccuracy(), pairwise),
    "pairs, tie wrong": (PairwiseAccuracy(convention="self-rewarding"), lambda u, s: pairwise(u, s, "wrong")),
    "pairs, tie left out": (PairwiseAccuracy(ties="skip"), lambda u, s: pairwise(u, s, "skip")),
    "pairs, miss half": (PairwiseAccuracy(convention="rewardbench"), lambda u, s: pairwise(u, s, misses="half")),
    "pairs, miss wrong": (PairwiseAccuracy(convention="llmbar"), lambda u, s: pairwise(u, s, "wrong", "wrong")),
    "exact": (ExactMatch(), exact),
    "five": (FiveBest(), five_best),
    "three": (FiveBest(threshold=3), lambda u, s: five_best(u, s, 3.0)),
    "spearman": (Spearman(), lambda u, s: correlation(spearmanr, u, s)),
    "spearman, zero": (Spearman(undefined="zero"), lambda u, s: correlation(spearmanr, u, s, "zero")),
    "kendall": (Kendall(), lambda u, s: correlation(kendalltau, u, s)),
    "kendall, zero": (Kendall(undefined="zero"), lambda u, s: correlation(kendalltau, u, s, "zero")),
    "kendall a": (Kendall(variant="a"), tau_a),
}


@pytest.mark.parametrize("case", CASES)
@given(units=drawn(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_measure_equals_its_loop_over_repeated_units(case, units, data):
    measure, twin = CASES[case]
    units, subjects = units
    repeats = data.draw(st.sampled_from(["each", "mean"]))
    measure = type(measure)(**{**vars(measure), "repeats": repeats})
    weights = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    found = ranked(units, subjects, n_clusters=3)
    values = measure.fit(found, np.array([weights], float))[0]
    support = measure.support(found)
    for subject in range(subjects):
        worth, once = [], []
        for unit, scores in groups(units, repeats):
            if unit["subject"] == subject:
                once += (one := twin(unit, scores))
                worth += one * weights[unit["cluster"]]
        expected = 100 * sum(worth) / len(worth) if worth else math.nan
        assert values[subject] == pytest.approx(expected, abs=1e-6, nan_ok=True)
        assert support.n[subject] == len(once)
        assert support.missing[subject] >= 0


def item(number, ratings, *scores):
    """One item, judged once in one order."""
    return {"item": number, "ratings": ratings, "values": [*scores, *[None] * (2 - len(scores))], "planned": (1, 0)}


def value(measure, *units):
    found = ranked(list(units))
    return measure.fit(found, np.ones((1, found.n_clusters)))[0, 0]


def test_the_mean_of_three_scores_makes_the_pair():
    """(5, 4, 5) has mean 4.67 and (2, 3, 2) mean 2.33; each repeat by itself is right too, a tie would not be."""
    repeats = [item(0, [2.0, 1.0], scores) for scores in ([5.0, 2.0], [4.0, 3.0], [5.0, 2.0])]
    assert value(PairwiseAccuracy(repeats="mean"), *repeats) == 100.0
    assert value(PairwiseAccuracy(repeats="mean", ties="wrong"), *repeats) == 100.0
    assert PairwiseAccuracy(repeats="mean").support(ranked(repeats)).n.tolist() == [1]
    assert PairwiseAccuracy().support(ranked(repeats)).n.tolist() == [3]
    close = [item(0, [2.0, 1.0], scores) for scores in ([4.0, 5.0], [5.0, 3.0], [4.0, 4.0])]  # 4.33 against 4.00
    assert value(PairwiseAccuracy(repeats="mean"), *close) == 100.0
    assert value(PairwiseAccuracy(), *close) == 50.0


def test_rankings_by_hand():
    """Gold 3 > 2 > 1. The first item is ordered rightly; of the second two of three pairs are, its best has a 5."""
    right, partly = item(0, [3.0, 2.0, 1.0], [5.0, 4.0, 1.0]), item(1, [3.0, 2.0, 1.0], [5.0, 2.0, 5.0])
    assert value(PairwiseAccuracy(ties="wrong"), right, partly) == pytest.approx(100 * 4 / 6)
    assert value(PairwiseAccuracy(ties="half"), right, partly) == pytest.approx(100 * 4.5 / 6)
    assert value(PairwiseAccuracy(ties="skip"), right, partly) == pytest.approx(100 * 4 / 5)
    assert value(ExactMatch(), right, partly) == 50.0
    assert value(FiveBest(), right, partly) == pytest.approx(100 * 2 / 3)
    assert value(FiveBest(threshold=4.0), right, partly) == pytest.approx(100 * 2 / 4)
    assert value(Spearman(), right, partly) == pytest.approx(50.0)
    assert value(Kendall(variant="a"), right, partly) == pytest.approx(50.0)


def test_a_judge_that_scores_all_alike_has_no_correlation():
    flat, right = item(0, [3.0, 2.0, 1.0], [4.0, 4.0, 4.0]), item(1, [3.0, 2.0, 1.0], [3.0, 2.0, 1.0])
    for measure in (Spearman, Kendall):
        assert value(measure(), flat, right) == pytest.approx(100.0)
        assert value(measure(undefined="zero"), flat, right) == pytest.approx(50.0)
        assert measure().support(ranked([flat, right])).n.tolist() == [1]
        assert measure().support(ranked([flat, right])).missing.tolist() == [0]
        assert math.isnan(value(measure(), flat))
    assert value(Kendall(variant="a"), flat, right) == pytest.approx(50.0)


def test_gold_ties_say_nothing():
    """Gold puts the first two together: either order of them is an exact match, and both are best."""
    tied, flat = item(0, [2.0, 2.0, 1.0], [5.0, 4.0, 1.0]), item(1, [1.0, 1.0, 1.0], [5.0, 4.0, 5.0])
    assert value(PairwiseAccuracy(), tied, flat) == 100.0
    assert PairwiseAccuracy().support(ranked([tied, flat])).n.tolist() == [2]
    assert value(ExactMatch(), tied, flat) == 100.0
    assert ExactMatch().support(ranked([tied, flat])).n.tolist() == [1]
    assert value(FiveBest(threshold=4.0), tied, flat) == 100.0
    assert FiveBest().support(ranked([tied, flat])).n.tolist() == [1]


def test_what_is_missing_is_counted_in_each_measures_own_terms():
    lost = {"item": 0, "ratings": [3.0, 2.0, 2.0], "values": [None, None], "planned": (1, 0), "asked": (1, 0)}
    missing = {m: m().support(ranked([lost])).missing[0] for m in (PairwiseAccuracy, ExactMatch, FiveBest, Spearman)}
    assert missing == {PairwiseAccuracy: 2, ExactMatch: 1, FiveBest: 3, Spearman: 1}


def test_the_board_says_by_which_convention():
    found = ranked([item(0, [3.0, 2.0], [5.0, 4.0])])
    assert PairwiseAccuracy().prepare(found).notes == ()
    (note,) = PairwiseAccuracy(convention="self-rewarding").prepare(found).notes
    assert note == ("pairwise-accuracy: ties count as wrong, missing verdicts are left out (convention self-rewarding)")


def test_one_item_of_many_responses_does_not_widen_the_others():
    """Padded to the widest, 1,000 units of 2 responses would hold 1,000 x 200 x 200 comparisons: 320 MB an array."""
    many = [float(k) for k in range(200)]
    units = [item(0, many, many), *(item(k, [2.0, 1.0], [2.0, 1.0]) for k in range(1, 1000))]
    found = ranked(units)
    tracemalloc.start()
    try:
        assert PairwiseAccuracy().support(found).n.tolist() == [200 * 199 / 2 + 999]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50e6
