"""Every ratio measure against a naive twin: plain loops over resampled units, one replicate at a time."""

import math
from dataclasses import MISSING, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components import judgebench_components
from judgebench.plugin.measure import Measure

MEASURES = {
    cls.name: cls()
    for cls in judgebench_components()
    if issubclass(cls, Measure) and all(field.default is not MISSING for field in fields(cls))
}


@st.composite
def tables(draw):
    clusters = draw(st.integers(1, 5))
    subjects = draw(st.integers(1, 3))
    units = draw(st.integers(1, 14))
    pick = lambda values: np.array(draw(st.lists(values, min_size=units, max_size=units)))  # noqa: E731
    planned = np.array(
        draw(st.lists(st.sampled_from([(1, 1), (1, 0), (0, 1)]), min_size=units, max_size=units)), dtype=bool
    )
    asked = planned & np.array(draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=units, max_size=units)))
    valid = asked & np.array(draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=units, max_size=units)))
    chance = st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0])
    preference = np.array(draw(st.lists(st.tuples(chance, chance), min_size=units, max_size=units))) * valid
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=pick(st.integers(0, subjects - 1)),
        cluster=pick(st.integers(0, clusters - 1)),
        planned=planned,
        asked=asked,
        valid=valid,
        preference=preference,
        gold=pick(st.sampled_from([math.nan, 0.0, 0.5, 1.0])),
        length=pick(st.integers(0, 900)).astype(float)[:, None] * np.ones(2),
    )


def sign(x):
    return (x > 0) - (x < 0)


def unit(table, row):
    """One unit as plain Python: planned orders (with: was it asked), verdicts by order, gold, length."""
    orders = {k: bool(table.asked[row, k]) for k in (0, 1) if table.planned[row, k]}
    verdicts = {k: float(table.preference[row, k]) for k in orders if table.valid[row, k]}
    return orders, verdicts, float(table.gold[row]), float(table.length[row, 0])


def win_rate(orders, verdicts, gold, length):
    return [100 * sum(verdicts.values()) / len(orders)] if len(verdicts) == len(orders) else []


def discrete_win_rate(orders, verdicts, gold, length):
    if len(verdicts) < len(orders):
        return []
    mean = sum(verdicts.values()) / len(verdicts)
    return [100.0 if mean > 0.5 else 50.0 if mean == 0.5 else 0.0]


def accuracy(orders, verdicts, gold, length):
    if math.isnan(gold) or gold == 0.5 or len(verdicts) < len(orders):
        return []
    mean = sum(verdicts.values()) / len(verdicts)
    return [50.0 if mean == 0.5 else 100.0 * ((mean > 0.5) == (gold > 0.5))]


def position_consistency(orders, verdicts, gold, length):
    return [100.0 * (sign(verdicts[0] - 0.5) == sign(verdicts[1] - 0.5))] if len(verdicts) == 2 else []


def position_consistent_accuracy(orders, verdicts, gold, length):
    if math.isnan(gold) or gold == 0.5 or len(verdicts) < 2:
        return []
    return [100.0 * all((v > 0.5) == (gold > 0.5) and v != 0.5 for v in verdicts.values())]


def right(verdict, gold):
    return 0.5 if verdict == 0.5 else float((verdict > 0.5) == (gold > 0.5))


def average_accuracy(orders, verdicts, gold, length):
    if math.isnan(gold) or gold == 0.5 or len(verdicts) < len(orders):
        return []
    return [100.0 * sum(right(v, gold) for v in verdicts.values()) / len(orders)]


def chosen_first(orders, verdicts, gold, length):
    return [100.0 * right(v, gold) for k, v in verdicts.items() if (k == 0 and gold > 0.5) or (k == 1 and gold < 0.5)]


def chosen_last(orders, verdicts, gold, length):
    return [100.0 * right(v, gold) for k, v in verdicts.items() if (k == 1 and gold > 0.5) or (k == 0 and gold < 0.5)]


def position_bias(orders, verdicts, gold, length):
    return [100 * (verdicts[0] + (1 - verdicts[1])) / 2 - 50] if len(verdicts) == 2 else []


def same_position(orders, verdicts, gold, length):
    if len(verdicts) < 2:
        return []
    places = [sign(verdicts[0] - 0.5), -sign(verdicts[1] - 0.5)]  # 1: the response shown first, in that order
    return [100.0 * (places[0] == places[1] != 0)]


def miss_rate(orders, verdicts, gold, length):
    return [0.0 if k in verdicts else 100.0 for k, asked in orders.items() if asked]


def average_length(orders, verdicts, gold, length):
    return [length] if len(verdicts) == len(orders) else []


def outcome(verdicts):
    """1, 0 or -1 where all orders agree, else a tie."""
    signs = {sign(v - 0.5) for v in verdicts.values()}
    return signs.pop() if len(signs) == 1 else 0


def wins(orders, verdicts, gold, length):
    return [100.0 * (outcome(verdicts) > 0)] if len(verdicts) == len(orders) else []


def ties(orders, verdicts, gold, length):
    return [100.0 * (outcome(verdicts) == 0)] if len(verdicts) == len(orders) else []


def losses(orders, verdicts, gold, length):
    return [100.0 * (outcome(verdicts) < 0)] if len(verdicts) == len(orders) else []


TWINS = {
    "wins": wins,
    "ties": ties,
    "losses": losses,
    "win-rate": win_rate,
    "discrete-win-rate": discrete_win_rate,
    "accuracy": accuracy,
    "position-consistency": position_consistency,
    "position-consistent-accuracy": position_consistent_accuracy,
    "average-accuracy": average_accuracy,
    "chosen-first-accuracy": chosen_first,
    "chosen-last-accuracy": chosen_last,
    "position-bias": position_bias,
    "same-position": same_position,
    "miss-rate": miss_rate,
    "average-length": average_length,
}


def test_every_measure_has_a_twin():
    own = {"lc-win-rate", "arena-score", "arena-score-style", "bradley-terry"}  # files of their own have their twins
    own |= {"pairwise-accuracy", "exact-match", "five-best", "spearman", "kendall"}
    own |= {"overall", "overall-with-prior", "best-of-k", "ties-score", "overall-v2"}
    own |= {"agreement-s1", "agreement-s2", "agreement-non-tie", "kappa", "mt-bench-score"}
    own |= {"length-bias", "verbosity-bias", "length-matched-accuracy", "length-balanced-accuracy"}
    own |= {"self-preference", "self-preference-by-quality", "prefers-own", "self-consistency"}
    own |= {"calibration-error", "squared-calibration-error", "brier-score", "log-loss"}
    own |= {"score-mean", "score-spread", "share-at-maximum", "score-entropy", "tokens", "seconds"}
    own |= {"vote-accuracy", "jury-disagreement", "attack-effect"}
    own |= {"length-adjusted-win-rate", "harmless-rate", "meta-judge-score-bias", "meta-judge-position-bias"}
    assert {*TWINS, *own} == set(MEASURES)


@pytest.mark.parametrize("name", sorted(TWINS))
@given(table=tables(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_measure_equals_its_loop_over_replicates(name, table, data):
    measure, twin = MEASURES[name], TWINS[name]
    weights = np.array(
        data.draw(
            st.lists(
                st.lists(st.integers(0, 3), min_size=table.n_clusters, max_size=table.n_clusters),
                min_size=1,
                max_size=3,
            )
        ),
        dtype=float,
    )
    fitted = measure.fit(table, weights)
    assert fitted.shape == (len(weights), table.n_subjects)
    for replicate, row_weights in enumerate(weights):
        for subject in range(table.n_subjects):
            values = []
            for row in range(len(table.subject)):
                if table.subject[row] == subject:
                    values += twin(*unit(table, row)) * int(row_weights[table.cluster[row]])
            expected = sum(values) / len(values) if values else math.nan
            assert fitted[replicate, subject] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", sorted(TWINS))
@given(table=tables())
@settings(max_examples=60, deadline=None)
def test_support_counts_what_entered_and_what_is_missing(name, table):
    support = MEASURES[name].support(table)
    for subject in range(table.n_subjects):
        entered, clusters = 0, set()
        for row in range(len(table.subject)):
            if table.subject[row] == subject and (values := TWINS[name](*unit(table, row))):
                entered += len(values)
                clusters.add(int(table.cluster[row]))
        assert support.n[subject] == entered
        assert support.clusters[subject] == len(clusters)
        assert support.missing[subject] >= 0


def one_pair(orders, preference, valid=(True, True), gold=1.0, asked=(True, True)):
    return table(
        n_clusters=1,
        n_subjects=1,
        subject=np.zeros(1, int),
        cluster=np.zeros(1, int),
        planned=np.array([orders], bool),
        asked=np.array([asked], bool),
        valid=np.array([valid], bool),
        preference=np.array([preference], float),
        gold=np.array([gold]),
    )


def test_a_judge_that_always_says_first_has_full_bias_half_accuracy_no_consistency():
    always_first = one_pair((True, True), (1.0, 0.0))
    ones = np.ones((1, 1))
    value = {name: measure.fit(always_first, ones)[0, 0] for name, measure in MEASURES.items()}
    assert value["position-bias"] == 50.0
    assert value["accuracy"] == 50.0
    assert value["position-consistency"] == 0.0
    assert value["position-consistent-accuracy"] == 0.0


def test_half_a_pair_is_missing_not_half_counted():
    half = one_pair((True, True), (1.0, 0.0), valid=(True, False))
    for name in ("win-rate", "accuracy", "position-consistency", "position-bias"):
        support = MEASURES[name].support(half)
        assert (support.n[0], support.missing[0]) == (0, 1), name
    assert MEASURES["miss-rate"].fit(half, np.ones((1, 1)))[0, 0] == 50.0


def test_a_trial_that_was_never_asked_is_no_miss_of_the_judge():
    half = one_pair((True, True), (1.0, 0.0), valid=(True, False), asked=(True, False))
    measure = MEASURES["miss-rate"]
    assert measure.fit(half, np.ones((1, 1)))[0, 0] == 0.0
    support = measure.support(half)
    assert (support.n[0], support.missing[0]) == (1, 1)
    nothing = one_pair((True, True), (0.0, 0.0), valid=(False, False), asked=(False, False))
    assert math.isnan(measure.fit(nothing, np.ones((1, 1)))[0, 0])
    assert (measure.support(nothing).n[0], measure.support(nothing).missing[0]) == (0, 2)


@pytest.mark.parametrize("name", sorted(TWINS))
@given(table=tables())
@settings(max_examples=40, deadline=None)
def test_values_lie_within_the_bounds(name, table):
    measure = MEASURES[name]
    expected = {"average-length": None, "position-bias": (-50.0, 50.0)}
    assert measure.bounds == expected.get(name, (0.0, 100.0))
    if measure.bounds is not None:
        values = measure.fit(table, np.ones((1, table.n_clusters)))
        values = values[np.isfinite(values)]
        assert ((measure.bounds[0] - 1e-9 <= values) & (values <= measure.bounds[1] + 1e-9)).all()


def test_a_pair_lost_in_one_order_is_wrong_whatever_the_other_would_say():
    pair = table(
        n_clusters=1, n_subjects=1, subject=np.zeros(1, int), cluster=np.zeros(1, int), planned=np.ones((1, 2), bool),
        asked=np.ones((1, 2), bool), valid=np.array([[True, False]]), preference=np.zeros((1, 2)), gold=np.ones(1),
    )  # fmt: skip
    of = {miss: type(MEASURES["position-consistent-accuracy"])(misses=miss) for miss in ("half", "wrong", "skip")}
    found = {miss: measure.fit(pair, np.ones((1, 1)))[0, 0] for miss, measure in of.items()}
    assert (found["half"], found["wrong"]) == (0.0, 0.0)
    assert np.isnan(found["skip"])


def test_ties_that_are_left_out_are_not_missing():
    pairs = table(
        n_clusters=3, n_subjects=1, subject=np.zeros(3, int), cluster=np.arange(3), planned=np.ones((3, 2), bool),
        valid=np.array([[True, True], [True, True], [True, False]]), gold=np.ones(3), asked=np.ones((3, 2), bool),
        preference=np.array([[1.0, 1.0], [0.5, 0.5], [1.0, 0.0]]),
    )  # fmt: skip
    found = type(MEASURES["accuracy"])(ties="skip").support(pairs)
    assert (found.n[0], found.missing[0]) == (1, 1)
