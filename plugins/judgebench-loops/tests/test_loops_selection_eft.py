from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgebench_loops.kept import Dropped
from judgebench_loops.selection.eft import flatten, ranking_agrees
from judgebench_loops.selection.thinning import at_most


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=6), st.sampled_from(["wrong", "ignore"]))
def test_a_ranking_agrees_where_every_ordered_pair_does(responses, ties):
    scores, ranks = [float(score) for score, _ in responses], [float(rank) for _, rank in responses]
    ordered = [(a, b) for a in responses for b in responses if a[1] < b[1]]
    if ties == "ignore":
        ordered = [(a, b) for a, b in ordered if a[0] != b[0]]
    if any(a[0] <= b[0] for a, b in ordered):
        expected = "the ranking disagrees"
    else:
        expected = None if ordered else "no pair to compare"
    try:
        ranking_agrees(scores, ranks, ties=ties)
        found = None
    except Dropped as drop:
        found = drop.reason
    assert found == expected


def test_rankings_by_hand():
    ranking_agrees([5, 3, 1], [1, 2, 3])
    ranking_agrees([1, 5, 4], [3, 1, 1])  # humans do not order the last two
    ranking_agrees([5, 3, 3], [1, 2, 3], ties="ignore")
    for scores, ties in (([5, 3, 3], "wrong"), ([3, 5, 1], "ignore"), ([0.1 + 0.2, 0.3, 0], "wrong")):
        with pytest.raises(Dropped, match="the ranking disagrees"):
            ranking_agrees(scores, [1, 2, 3], ties=ties)
    for scores, ranks in (([5], [1]), ([], []), ([5, 1], [2, 2])):
        with pytest.raises(Dropped, match="no pair to compare"):
            ranking_agrees(scores, ranks)
    with pytest.raises(Dropped, match="no pair to compare"):
        ranking_agrees([4, 4], [1, 2], ties="ignore")
    with pytest.raises(ValueError, match="rank"):
        ranking_agrees([1, 2], [1])


@given(
    st.lists(st.sampled_from([0.0, 1.0, 4.0, 4.5]), max_size=40),
    st.integers(0, 99),
    st.one_of(st.none(), st.integers(1, 9)),
    st.sampled_from(["median", "least"]),
)
def test_no_score_keeps_more_rows_than_the_cap(scores, seed, cap, to):
    rows = list(enumerate(scores))
    kept = flatten(rows, lambda row: row[1], Random(seed), cap=cap, to=to)
    counts = Counter(scores)
    sizes = sorted(counts.values())
    if cap is None and sizes:
        half = len(sizes) // 2
        middle = sizes[half] if len(sizes) % 2 else (sizes[half - 1] + sizes[half]) // 2
        cap = middle if to == "median" else sizes[0]
    assert Counter(score for _, score in kept.rows) == {score: min(count, cap) for score, count in counts.items()}
    assert list(kept.rows) == sorted(kept.rows)
    out = len(rows) - len(kept.rows)
    assert kept.dropped == ({"score over-represented": out} if out else {})
    assert kept == flatten(rows, lambda row: row[1], Random(seed), cap=cap, to=to)


def test_the_most_frequent_score_is_thinned():
    scores = [4] * 50 + [5] * 10 + [3] * 8 + [0] * 2
    assert Counter(flatten(scores, float, Random(0)).rows) == {4: 9, 5: 9, 3: 8, 0: 2}
    assert Counter(flatten(scores, float, Random(0), to="least").rows) == {4: 2, 5: 2, 3: 2, 0: 2}
    with pytest.raises(ValueError, match="cap"):
        flatten(scores, float, Random(0), cap=0)


def test_thinning_refuses_a_negative_cap_and_can_empty():
    assert at_most("aab", str, 0, Random(0), "all").dropped == {"all": 3}
    with pytest.raises(ValueError, match="cap"):
        at_most("aab", str, -1, Random(0), "none")
