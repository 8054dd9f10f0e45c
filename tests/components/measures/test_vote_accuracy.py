"""vote-accuracy against loops over all choices of k votes, and its cases by hand."""

from dataclasses import replace
from itertools import combinations, product
from math import nan

import numpy as np
import pytest
from diagnosed import judged, pairs, tabled, value, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench import ConfigError
from judgebench.components.measures.accuracy import Accuracy, AverageAccuracy
from judgebench.components.measures.vote_accuracy import COMPONENT as VoteAccuracy
from judgebench.plugin.options import build

WORTH = {"half": 0.5, "wrong": 0.0, "skip": None}


def word(p):
    return "tie" if p == 0.5 else "first" if p > 0.5 else "second"


def voted(votes, rule):
    """P(slot 0 is better) of a vote: 1, 0.5 or 0."""
    if rule == "mean":
        apart = round(sum(votes) - len(votes) / 2, 9)
        return 0.5 + 0.5 * ((apart > 0) - (apart < 0))
    said = list(map(word, votes))
    most = [one for one in set(said) if said.count(one) == max(map(said.count, said))]
    if rule == "majority":
        most = [one for one in most if 2 * said.count(one) > len(said)]
    return {"first": 1.0, "second": 0.0, "tie": 0.5}[most[0]] if len(most) == 1 else 0.5


def right(p, gold, ties):
    return WORTH[ties] if p == 0.5 else float((p > 0.5) == (gold > 0.5))


def one_worth(said, gold, orders, ties, misses):
    """Of the verdicts in the planned orders, None for a missing one; None where the unit does not enter."""
    if orders == "together":
        return WORTH[misses] if None in said else right(sum(said) / len(said), gold, ties)
    each = [WORTH[misses] if p is None else right(p, gold, ties) for p in said]
    return None if None in each else sum(each) / len(each)


def expected_of(rows, measure):
    """Percent and the expected number of units, of rows with weights."""
    read = [[[p for p in order if p is not None] for order in row["parts"]] for row, _ in rows]
    if max((len(order) for orders in read for order in orders), default=0) < measure.k:
        return nan, 0.0
    top = bottom = n = 0.0
    for (row, weight), orders in zip(rows, read, strict=True):
        if row["gold"] in (None, 0.5):
            continue
        ways = [
            [voted(chosen, measure.rule) for chosen in combinations(order, min(measure.k, len(order)))]
            if order else [None]
            for order, planned in zip(orders, row["planned"], strict=True) if planned
        ]  # fmt: skip
        counting = measure.counting
        worths = [one_worth(s, row["gold"], measure.orders, counting.ties, counting.misses) for s in product(*ways)]
        entered = [worth for worth in worths if worth is not None]
        top += weight * sum(entered) / len(worths)
        bottom += weight * len(entered) / len(worths)
        n += len(entered) / len(worths)
    return (100 * top / bottom if bottom > 1e-12 else nan), n


measures = st.builds(
    VoteAccuracy,
    ties=st.sampled_from(["half", "wrong", "skip"]),
    misses=st.sampled_from(["half", "wrong", "skip"]),
    k=st.integers(1, 4),
    rule=st.sampled_from(["majority", "plurality"]),
    orders=st.sampled_from(["each", "together"]),
) | st.builds(VoteAccuracy, ties=st.sampled_from(["half", "skip"]), k=st.integers(1, 4), rule=st.just("mean"))


def judged_rows(data):
    """Rows in which an order that is not planned has no votes."""
    rows, clusters, subjects = data.draw(judged())
    for row in rows:
        row["parts"] = [
            parts if planned else [None] * 3 for parts, planned in zip(row["parts"], row["planned"], strict=True)
        ]
    return rows, clusters, subjects


@given(data=st.data(), measure=measures)
@settings(max_examples=150, deadline=None)
def test_it_equals_all_choices_one_by_one(data, measure):
    rows, clusters, subjects = judged_rows(data)
    found, resamples = tabled(rows, clusters, subjects), data.draw(weights(clusters))
    fitted, support = measure.fit(found, resamples), measure.support(found)
    for subject in range(subjects):
        own = [row for row in rows if row["subject"] == subject]
        for replicate, by_cluster in enumerate(resamples.tolist()):
            expected, n = expected_of([(row, by_cluster[row["cluster"]]) for row in own], measure)
            assert fitted[replicate, subject] == pytest.approx(expected, abs=1e-7, nan_ok=True)
            assert support.n[subject] == pytest.approx(n, abs=0.5 + 1e-9)
        assert support.missing[subject] >= 0


@pytest.mark.parametrize(("orders", "plain_measure"), [("each", AverageAccuracy), ("together", Accuracy)])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_of_all_votes_it_is_the_accuracy_of_the_vote(orders, plain_measure, data):
    """Where the record's verdict is the majority of three votes, k=3 measures that verdict."""
    rows, clusters, subjects = judged_rows(data)
    for row in rows:
        row["preference"] = [voted(votes, "majority") if (votes := [p for p in order if p is not None]) else None
                             for order in row["parts"]]  # fmt: skip
    for row in rows[:subjects]:  # each subject has three votes somewhere
        row["subject"] = rows.index(row)
        row["parts"][0], row["preference"][0] = [1.0, 1.0, 0.0], 1.0
    rows = [row for row in rows if row["subject"] < min(subjects, len(rows))]
    found, ones = tabled(rows, clusters, subjects), np.ones((1, clusters))
    for ties in ("half", "skip"):
        whole = VoteAccuracy(k=3, orders=orders, ties=ties)
        np.testing.assert_allclose(whole.fit(found, ones), plain_measure(ties=ties).fit(found, ones), atol=1e-9)
        assert (whole.support(found).n == plain_measure(ties=ties).support(found).n).all()
        assert (whole.support(found).missing == plain_measure(ties=ties).support(found).missing).all()


def test_by_hand():
    found = pairs(
        {"gold": 1.0, "parts": [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]},
        {"gold": 0.0, "parts": [[0.9, 0.8, 0.2], [0.5, 0.5, 0.1]]},
    )
    assert value(VoteAccuracy(k=1), found) == pytest.approx(100 * ((2 / 3 + 1) / 2 + (1 / 3 + 2 / 3) / 2) / 2)
    assert value(VoteAccuracy(k=3), found) == pytest.approx(100 * (1 + (0 + 0.5) / 2) / 2)
    assert value(VoteAccuracy(k=3, rule="mean"), found) == pytest.approx(100 * (1 + (0 + 1) / 2) / 2)
    assert value(VoteAccuracy(k=3, orders="together"), found) == pytest.approx(100 * (1 + 0) / 2)


def test_more_votes_than_there_are_give_no_estimate_and_say_so():
    found = pairs(
        {"gold": 1.0, "parts": [[1.0, 1.0, None], [1.0, 0.0, None]]},
        {"gold": 1.0, "subject": 1, "parts": [[None] * 3, [1.0, 1.0, 1.0]]},
        {"gold": 1.0, "subject": 2, "parts": [[None] * 3, [None] * 3]},
    )
    measure = VoteAccuracy(k=3)
    support, prepared = measure.support(found), measure.prepare(found)
    assert prepared.why == {0: "no verdict of it has 3 votes that could be read, but 2 at most"}
    assert (support.n.tolist(), support.missing.tolist()) == ([0, 0, 0], [1, 1, 0])  # the last has no votes at all
    values = measure.fit(found, np.ones((1, found.n_clusters)))[0]
    assert np.isnan(values).all()
    assert VoteAccuracy(k=3, misses="wrong").fit(found, np.ones((1, found.n_clusters)))[0, 1] == 50.0


def test_fewer_votes_than_k_are_all_counted_and_none_is_a_miss():
    rows = [{"gold": 1.0, "parts": [[1.0, 1.0, 0.0]] * 2}, {"gold": 1.0, "parts": [[0.0, None, None]] * 2}]
    assert value(VoteAccuracy(k=3), pairs(*rows)) == 50.0
    rows.append({"gold": 1.0, "parts": [[None] * 3] * 2})
    assert value(VoteAccuracy(k=3), pairs(*rows)) == 50.0
    assert VoteAccuracy(k=3).support(pairs(*rows)).missing[0] == 1
    assert value(VoteAccuracy(k=3, misses="wrong"), pairs(*rows)) == pytest.approx(100 / 3)


def test_scores_are_averaged_as_scores():
    """Two of three votes prefer slot 1 by a little, one prefers slot 0 by much."""
    scores = np.array([[[[9.0, 1.0], [4.0, 5.0], [4.0, 5.0]]] * 2])
    found = replace(pairs({"gold": 1.0}), part_values=scores, scored=np.ones((1, 2), bool))
    assert value(VoteAccuracy(k=3), found) == 0.0
    assert value(VoteAccuracy(k=3, rule="mean"), found) == 100.0
    assert value(VoteAccuracy(k=2, rule="mean"), found) == pytest.approx(100 * 2 / 3)


def test_what_it_cannot_measure_is_refused():
    with pytest.raises(ConfigError, match="rule=mean says which"):
        VoteAccuracy(rule="mean", orders="together")
    with pytest.raises(ConfigError, match="k"):
        build(VoteAccuracy, {"k": "0"}, "measure 'vote-accuracy'", strict=False)
