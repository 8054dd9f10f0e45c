"""Agreement with people's votes, against a loop over every vote and every pair of votes."""

import math
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components.measures.agreement import AgreementNonTie, AgreementS1, AgreementS2, Kappa

GROUPS = ("expert", "author")
OPTIONS = [
    {"voters": voters, "orders": orders, "inconsistent": inconsistent}
    for voters, orders, inconsistent in product(("expert", "author", "all"), ("agree", "average"), ("tie", "drop"))
]
CASES = [
    *(("agreement-s1", AgreementS1, options) for options in OPTIONS),
    *(("agreement-s2", AgreementS2, options) for options in OPTIONS),
    *(("agreement-non-tie", AgreementNonTie, {**OPTIONS[0], "judge_ties": ties}) for ties in ("drop", "wrong", "half")),
    *(("kappa", Kappa, {**options, "labels": "three"}) for options in OPTIONS[::3]),
    ("kappa", Kappa, {**OPTIONS[0], "labels": "two"}),
]


@st.composite
def tables(draw):
    clusters, subjects, units = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 10))
    pick = lambda values: np.array(draw(st.lists(values, min_size=units, max_size=units)))  # noqa: E731
    itself = pick(st.booleans())
    pairs = st.tuples(st.booleans(), st.booleans())
    planned = pick(st.sampled_from([(True, True), (True, False), (False, True)])).astype(bool)
    planned[itself] = (True, False)
    valid = planned & pick(pairs) & ~itself[:, None]
    chance = st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])
    few = st.integers(0, 3)
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=pick(st.integers(0, subjects - 1)),
        cluster=pick(st.integers(0, clusters - 1)),
        planned=planned,
        valid=valid,
        preference=pick(st.tuples(chance, chance)) * valid,
        itself=itself,
        inconsistent=pick(st.booleans()) & ~itself,
        votes={group: pick(st.tuples(few, few, few)).astype(float) for group in GROUPS},
    )


def label(p):
    return "a" if p > 0.5 else "b" if p < 0.5 else "tie"


def people(table, row, voters):
    found = []
    for group in GROUPS:
        if voters in (group, "all"):
            for name, number in zip(("a", "tie", "b"), table.votes[group][row], strict=True):
                found += [name] * int(number)
    return found


def verdict(table, row, orders, inconsistent):
    """A label; None: it is missing; "left out"."""
    given = [float(table.preference[row, k]) for k in (0, 1) if table.valid[row, k]]
    if len(given) < table.planned[row].sum():
        return None
    said = {label(p) for p in given}
    if inconsistent == "drop" and (len(said) > 1 or table.inconsistent[row]):
        return "left out"
    if orders == "average":
        return label(sum(given) / len(given))
    return said.pop() if len(said) == 1 else "tie"


def opinions(table, row, voters, orders, inconsistent, ordered):
    """Pairs (verdict, vote) of a unit; of people, every two of them once, or both ways round. And votes that wait."""
    votes = people(table, row, voters)
    if table.itself[row]:
        both = permutations(range(len(votes)), 2) if ordered else combinations(range(len(votes)), 2)
        return [(votes[i], votes[j]) for i, j in both], []
    said = verdict(table, row, orders, inconsistent)
    if said == "left out":
        return [], []
    return ([], votes) if said is None else ([(said, vote) for vote in votes], [])


def share(pairs, waiting, name, judge_ties="drop", **_):
    """(worth, votes that enter, votes that should)"""
    if name == "agreement-s1":
        return sum(a == b for a, b in pairs), len(pairs), len(pairs) + len(waiting)
    worth = []
    for said, vote in pairs:
        if vote == "tie" or (said == "tie" and judge_ties == "drop"):
            continue
        worth.append({"wrong": 0.0, "half": 0.5}[judge_ties] if said == "tie" else float(said == vote))
    return sum(worth), len(worth), len(worth) + sum(vote != "tie" for vote in waiting)


def cohen(pairs):
    if not pairs:
        return math.nan
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    chance = sum(
        sum(a == name for a, _ in pairs) * sum(b == name for _, b in pairs) / n**2 for name in ("a", "tie", "b")
    )
    return math.nan if chance > 1 - 1e-9 else 100 * (observed - chance) / (1 - chance)


def rows_of(table, subject, weights):
    """A subject's units, each as often as its cluster was drawn."""
    for row in range(len(table.subject)):
        if table.subject[row] == subject:
            yield from [row] * int(weights[table.cluster[row]])


def naive(table, subject, weights, name, options):
    rows = list(rows_of(table, subject, weights))
    plain = {key: options[key] for key in ("voters", "orders", "inconsistent")}
    if name == "kappa":
        pairs = []
        for row in rows:  # a judge's twice, so that people's pairs weigh one half either way round
            found, _ = opinions(table, row, **plain, ordered=True)
            pairs += found if table.itself[row] else 2 * found
        if options["labels"] == "two":
            pairs = [pair for pair in pairs if "tie" not in pair]
        return cohen(pairs)
    ordered = options.get("judge_ties", "drop") != "drop"
    sums = np.zeros(2)
    for row in rows:
        sums += share(*opinions(table, row, **plain, ordered=ordered), name, **options)[:2]
    return 100 * sums[0] / sums[1] if sums[1] else math.nan


@given(case=st.sampled_from(CASES), table=tables(), data=st.data())
@settings(max_examples=160, deadline=None)
def test_values_are_those_of_a_loop_over_votes(case, table, data):
    name, measure, options = case
    draws = st.lists(st.integers(0, 3), min_size=table.n_clusters, max_size=table.n_clusters)
    weights = np.array(data.draw(st.lists(draws, min_size=1, max_size=3)), dtype=float)
    fitted = measure(**options).fit(table, weights)
    assert fitted.shape == (len(weights), table.n_subjects)
    for replicate, row in enumerate(weights):
        for subject in range(table.n_subjects):
            expected = naive(table, subject, row, name, options)
            assert fitted[replicate, subject] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(case=st.sampled_from(CASES), table=tables())
@settings(max_examples=80, deadline=None)
def test_support_counts_votes_and_those_without_a_verdict(case, table):
    name, measure, options = case
    support = measure(**options).support(table)
    plain = {key: options[key] for key in ("voters", "orders", "inconsistent")}
    ordered = options.get("judge_ties", "drop") != "drop"
    two = options.get("labels") == "two"
    for subject in range(table.n_subjects):
        entered = planned = 0
        clusters = set()
        for row in rows_of(table, subject, np.ones(table.n_clusters)):
            pairs, waiting = opinions(table, row, **plain, ordered=ordered)
            counted = "agreement-s1" if name == "kappa" and not two else "agreement-s2" if two else name
            _, n, of = share(pairs, waiting, counted, options.get("judge_ties", "drop"))
            entered, planned = entered + n, planned + of
            clusters |= {int(table.cluster[row])} if n else set()
        assert (support.n[subject], support.missing[subject]) == (entered, planned - entered)
        assert support.clusters[subject] == len(clusters)


@given(table=tables(), scale=st.sampled_from([0.25, 1.5, 3.0]))
@settings(max_examples=20, deadline=None)
def test_weights_are_relative(table, scale):
    ones = np.ones((1, table.n_clusters))
    for measure in (AgreementS1(), AgreementNonTie(judge_ties="wrong"), Kappa()):
        assert measure.fit(table, scale * ones) == pytest.approx(measure.fit(table, ones), nan_ok=True)


def two_judges(votes):
    """A judge in both orders, one that contradicts itself, and the people, on one item."""
    return table(
        n_clusters=1,
        n_subjects=3,
        subject=np.arange(3),
        cluster=np.zeros(3, int),
        planned=np.array([[True, True], [True, True], [True, False]]),
        valid=np.array([[True, True], [True, True], [False, False]]),
        preference=np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]),
        itself=np.array([False, False, True]),
        votes={"expert": np.array([votes] * 3, dtype=float)},
    )


@pytest.mark.parametrize(
    ("measure", "values", "n"),
    [
        (AgreementS1(), (60.0, 20.0, 30.0), (5, 5, 10)),  # of ten pairs: three agree on a
        (AgreementS2(), (75.0, None, 50.0), (4, 0, 6)),
        (AgreementNonTie(judge_ties="wrong"), (75.0, 0.0, 37.5), (4, 4, 16)),  # 4 votes, each against 4 others
        (AgreementNonTie(judge_ties="half"), (75.0, 50.0, 50.0), (4, 4, 16)),
        (AgreementS1(inconsistent="drop"), (60.0, None, 30.0), (5, 0, 10)),
    ],
    ids=["s1", "s2", "wrong", "half", "drop"],
)
def test_three_for_a_one_tie_one_for_b(measure, values, n):
    found = two_judges((3, 1, 1))
    fitted = measure.fit(found, np.ones((1, 1)))[0]
    assert [None if math.isnan(value) else value for value in fitted] == pytest.approx(values)
    assert tuple(measure.support(found).n) == n


def test_no_vote_is_no_estimate_and_a_note():
    found = two_judges((0, 0, 0))
    for measure in (AgreementS1(), Kappa(voters="author")):
        assert np.isnan(measure.fit(found, np.ones((1, 1)))).all()
        assert measure.support(found).n.sum() == 0
        (note,) = measure.prepare(found).notes
        assert note.startswith(f"{measure.name}: there is no vote of")


def test_the_board_says_whose_votes_count_and_how_ties_do():
    found = two_judges((3, 1, 1))
    notes = [
        note
        for measure in (AgreementS1(), AgreementS2(), AgreementNonTie(judge_ties="wrong"), Kappa(inconsistent="drop"))
        for note in measure.prepare(found).notes
    ]
    counted = "n counts votes of experts (humans: pairs of votes on one item); orders that disagree are"
    assert notes == [
        f"agreement-s1: {counted} a tie",
        f"agreement-s2: {counted} a tie",
        f"agreement-non-tie: {counted} a tie",
        "agreement-non-tie: people's ties are left out; a tie of the judge counts as wrong",
        f"kappa: {counted} left out",
    ]


def test_kappa_of_a_table_by_hand():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = 0.7, p_e = 0.5, kappa = 0.4."""
    votes = np.array([[20.0, 0, 5], [10.0, 0, 15]])
    found = table(
        n_clusters=1,
        n_subjects=1,
        subject=np.zeros(2, int),
        cluster=np.zeros(2, int),
        planned=np.array([[True, False]] * 2),
        preference=np.array([[1.0, 0.0], [0.0, 0.0]]),
        votes={"expert": votes},
    )
    assert Kappa().fit(found, np.ones((1, 1)))[0, 0] == pytest.approx(40.0)
