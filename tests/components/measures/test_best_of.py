"""best-of-k, ties-score, overall-v2 against plain loops over resampled items."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components.measures.best_of import BEST_OF, BestOfK, OverallV2, TiesScore

NAN = math.nan
MOST = 5


def made(units, clusters=None, subjects=1):
    """A table of units: (subject, cluster, subset, right ones, scores of each order or None where it is missing).

    An order left out was not planned; `...` was not asked.
    """
    count = len(units)
    values, ratings = np.full((count, 2, MOST), NAN), np.full((count, MOST), NAN)
    planned, asked, valid = (np.zeros((count, 2), dtype=bool) for _ in range(3))
    slots = np.array([unit[4] for unit in units])
    for row, (_, _, _, good, size, orders) in enumerate(units):
        ratings[row, :size] = [1 / good] * good + [0.0] * (size - good)
        for k, scores in orders.items():
            planned[row, k], asked[row, k], valid[row, k] = True, scores is not ..., scores not in (None, ...)
            if valid[row, k]:
                values[row, k, :size] = scores
    names = {unit[2] for unit in units}
    return table(
        n_clusters=clusters or max(unit[1] for unit in units) + 1,
        n_subjects=subjects,
        subject=np.array([unit[0] for unit in units]),
        cluster=np.array([unit[1] for unit in units]),
        planned=planned,
        asked=asked,
        valid=valid,
        preference=np.zeros((count, 2)),
        slots=slots,
        values=values,
        ratings=ratings,
        subsets={name: np.array([unit[2] == name for unit in units]) for name in names},
    )


score = st.sampled_from([1.0, 2.0, 5.0, 5.5, 9.0])
order = st.sampled_from(["scores", "scores", "scores", None, ...])


@st.composite
def tables(draw):
    subjects = draw(st.integers(1, 2))
    units = []
    for subject in range(subjects):
        for cluster in range(4):  # of the best of k
            for _ in range(draw(st.integers(0, 2))):
                units.append((subject, cluster, draw(st.sampled_from(BEST_OF)), 1, draw(st.integers(2, 4))))
        for cluster in range(4, 8):  # prompts with many right ones, and those with one
            units += [(subject, cluster, "ties", 3, 5)] if draw(st.booleans()) else []
            units += [(subject, cluster, "ties", 1, 2)] if draw(st.booleans()) else []
    if not units:
        units = [(0, 0, "math", 1, 4)]
    whole = []
    for unit in units:
        size = unit[4]
        said = {k: draw(order) for k in draw(st.sampled_from([(0,), (1,), (0, 1)]))}
        scores = st.lists(score, min_size=size, max_size=size)
        whole.append((*unit, {k: draw(scores) if one == "scores" else one for k, one in said.items()}))
    return whole, subjects


def best_of(unit, ties, misses):
    """The worth of one item, or None where it does not enter."""
    *_, size, orders = unit
    found = []
    for scores in orders.values():
        if scores is ...:
            return None
        if scores is None:
            if misses == "skip":
                return None
            found.append(1 / size if misses == "chance" else 0.0)
        else:
            winners = [k for k, one in enumerate(scores) if one == max(scores)]
            share = (0 in winners) / len(winners)
            found.append(share if ties == "share" else float(winners == [0]))
    return sum(found) / len(found)


def stats(unit):
    """Accurate, spread and gap of one prompt of the ties, from its mean scores; without a verdict, the worst."""
    *_, good, _, orders = unit
    if any(scores in (None, ...) for scores in orders.values()):
        return False, 0.0, -math.inf
    scores = [sum(column) / len(orders) for column in zip(*orders.values(), strict=True)]
    gap = min(scores[:good]) - max(scores[good:])
    return gap > 0, max(scores[:good]) - min(scores[:good]), gap


def ties_score(units, weights, misses):
    """The official formula over prompts, each as often as its cluster weighs."""
    many, one = {}, {}
    for unit in units:
        said = unit[5].values()
        if ... in said or (misses == "skip" and None in said):
            continue
        for copy in range(int(weights[unit[1]])):
            (many if unit[3] > 1 else one)[unit[1], copy] = stats(unit)
    both = set(many) & set(one)
    if not both:
        return NAN
    accuracy = [sum(found[0] for found in group.values()) / len(group) for group in (many, one)]
    preferred = sum(many[name][2] > many[name][1] for name in both) / len(both)
    hard = sum(min(one[name][2], many[name][2]) > many[name][1] for name in both) / len(both)
    margin = 0.0
    for name in both:
        lesser, spread = min(one[name][2], many[name][2]), many[name][1]
        if spread:
            margin += math.tanh(lesser / spread - 1)
        elif lesser:
            margin += math.copysign(1, lesser)
    return 100 * (0.3 * sum(accuracy) + 0.2 * preferred + 0.2 * hard + 0.01 * margin / len(both))


@given(
    drawn=tables(),
    ties=st.sampled_from(["share", "wrong"]),
    misses=st.sampled_from(["chance", "wrong", "skip"]),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_each_equals_its_loop_over_replicates(drawn, ties, misses, data):
    units, subjects = drawn
    columns = made(units, 8, subjects)
    draws = data.draw(st.lists(st.lists(st.integers(0, 3), min_size=8, max_size=8), max_size=2))
    weights = np.array([[1] * 8, *draws], dtype=float)
    lenient = "skip" if misses == "skip" else "wrong"
    best = BestOfK(ties, misses).fit(columns, weights)
    tied = TiesScore(lenient).fit(columns, weights)
    overall = OverallV2(ties, misses).fit(columns, weights)
    for replicate, row in enumerate(weights):
        for subject in range(subjects):
            mine = [unit for unit in units if unit[0] == subject]
            worth = {name: [] for name in BEST_OF}
            for unit in mine:
                if unit[2] != "ties" and (one := best_of(unit, ties, misses)) is not None:
                    worth[unit[2]] += [100 * one] * int(row[unit[1]])
            every = [one for values in worth.values() for one in values]
            score = ties_score([unit for unit in mine if unit[2] == "ties"], row, lenient)
            parts = [sum(values) / len(values) if values else NAN for values in worth.values()]
            expected = sum(every) / len(every) if every else NAN
            assert best[replicate, subject] == pytest.approx(expected, abs=1e-9, nan_ok=True)
            assert tied[replicate, subject] == pytest.approx(score, abs=1e-9, nan_ok=True)
            assert overall[replicate, subject] == pytest.approx(sum([*parts, score]) / 6, abs=1e-9, nan_ok=True)


@given(drawn=tables())
@settings(max_examples=60, deadline=None)
def test_support_counts_items(drawn):
    units, subjects = drawn
    columns = made(units, 8, subjects)
    support, tied = BestOfK().support(columns), TiesScore().support(columns)
    for subject in range(subjects):
        mine = [unit for unit in units if unit[0] == subject and unit[2] != "ties"]
        entered = [unit for unit in mine if best_of(unit, "share", "chance") is not None]
        assert (support.n[subject], support.missing[subject]) == (len(entered), len(mine) - len(entered))
        assert support.clusters[subject] == len({unit[1] for unit in entered})
        mine = [unit for unit in units if unit[0] == subject and unit[2] == "ties"]
        entered = [unit for unit in mine if ... not in unit[5].values()]
        if math.isnan(ties_score(mine, [1] * 8, "wrong")):
            entered = mine = []
        assert (tied.n[subject], tied.missing[subject]) == (len(entered), len(mine) - len(entered))
        assert tied.clusters[subject] == len({unit[1] for unit in entered})


def whole(scores_of_ties=((9, 9, 9, 1, 1), (9, 1)), subject=0):
    """One item of each subset, all right."""
    many, one = scores_of_ties
    return [
        *((subject, k, name, 1, 4, {0: [9, 3, 3, 3]}) for k, name in enumerate(BEST_OF)),
        (subject, 5, "ties", 3, 5, {0: list(many)}),
        (subject, 5, "ties", 1, 2, {0: list(one)}),
    ]


def test_a_perfect_judge():
    found = OverallV2().prepare(made(whole()))
    assert found.values(np.ones((1, 6)))[0, 0] == pytest.approx((500 + 101) / 6)
    assert found.notes == ("overall-v2: m best responses count as 1/m, missing verdicts count as 1/k",)


def test_a_judge_that_names_one_response_has_no_score_of_ties():
    names = whole(((1, 0, 0, 0, 0), (1, 0)))
    columns = made([*names, *whole(subject=1)], subjects=2)
    found = TiesScore().prepare(columns)
    assert np.isnan(found.values(np.ones((1, 6)))[0]).tolist() == [True, False]
    ((subject, note),) = found.notes
    assert subject == 0
    assert "names one response" in note
    assert TiesScore().support(columns).n.tolist() == [0, 2]
    assert (0, "overall-v2: no estimate, since there is none of ties") in OverallV2().prepare(columns).notes
    assert OverallV2().support(columns).n.tolist() == [0, 7]


def test_repeats_go_with_each_other():
    """Of two repeats of both prompts, each sets right and wrong apart on one of them alone."""
    pairs = [((9, 9, 8, 1, 1), (1, 9)), ((9, 1, 1, 8, 1), (9, 1))]
    units = [(0, 0, "ties", 3, 5, {0: list(many)}) for many, _ in pairs]
    units += [(0, 0, "ties", 1, 2, {0: list(one)}) for _, one in pairs]
    margin = (math.tanh(-8 / 1 - 1) + math.tanh(-7 / 8 - 1)) / 2
    expected = 100 * (0.3 * 0.5 + 0.3 * 0.5 + 0.2 * 0.5 + 0.2 * 0.0 + 0.01 * margin)
    assert TiesScore().fit(made(units), np.ones((1, 1)))[0, 0] == pytest.approx(expected)


def test_what_ties_and_misses_count_stands_on_the_board():
    columns = made(whole())
    assert BestOfK("wrong", "skip").prepare(columns).notes == (
        "best-of-k: a tie for the best is wrong, missing verdicts are left out",
    )
    assert BestOfK(misses="wrong").prepare(columns).notes == (
        "best-of-k: m best responses count as 1/m, missing verdicts count as wrong",
    )


def test_ties_are_no_best_of_k():
    ties = made(whole()[5:], 6)
    assert np.isnan(BestOfK().fit(ties, np.ones((1, 6)))[0, 0])
    assert BestOfK().support(ties).n[0] == 0
