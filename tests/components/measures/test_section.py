"""section, overall, overall-with-prior against plain loops over resampled units."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from judgebench.components.measures.section import Overall, OverallWithPrior, Section
from judgebench.plugin.conventions import CONVENTIONS

# A few of each section, and one of none
WEIGHTS = {
    "chat": {"alpacaeval-easy": 100, "mt-bench-med": 40},
    "chat-hard": {"mt-bench-hard": 37, "llmbar-natural": 100},
    "safety": {"donotanswer": 136},
    "reasoning": {"math-prm": 984, "hep-go": 164, "hep-js": 164},
    "prior-sets": {"anthropic_hhh": 1, "shp": 1},
}
SUBSETS = [*(name for weights in WEIGHTS.values() for name in weights), "other"]
CREDIT = {"half": 0.5, "wrong": 0.0, "skip": None}


@st.composite
def tables(draw, most=40):
    clusters, subjects, units = draw(st.integers(1, 6)), draw(st.integers(1, 2)), draw(st.integers(1, most))
    column = lambda values: draw(st.lists(values, min_size=units, max_size=units))  # noqa: E731
    flags = st.tuples(st.booleans(), st.booleans())
    planned = np.array(column(st.sampled_from([(1, 1), (1, 0), (0, 1)])), dtype=bool)
    asked = planned & np.array(column(st.sampled_from([(1, 1), (1, 1), (1, 0)])), dtype=bool)
    valid = asked & np.array(column(flags))
    chance = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    subset = column(st.sampled_from(SUBSETS))
    return table(
        n_clusters=clusters,
        n_subjects=subjects,
        subject=np.array(column(st.integers(0, subjects - 1))),
        cluster=np.array(column(st.integers(0, clusters - 1))),
        planned=planned,
        asked=asked,
        valid=valid,
        preference=np.array(column(st.tuples(chance, chance))) * valid,
        gold=np.array(column(st.sampled_from([math.nan, 0.0, 0.5, 1.0, 1.0]))),
        subsets={name: np.array([one == name for one in subset]) for name in SUBSETS if name in subset},
    )


def right(p, gold, tie):
    return tie if p == 0.5 else float((p > 0.5) == (gold > 0.5))


def worth(table, row, convention, orders):
    """What a unit is worth, or None where it does not enter."""
    gold, tie, miss = float(table.gold[row]), CREDIT[convention.ties], CREDIT[convention.misses]
    planned = [k for k in (0, 1) if table.planned[row, k]]
    if math.isnan(gold) or gold == 0.5 or not all(table.asked[row, k] for k in planned):
        return None
    said = [float(table.preference[row, k]) if table.valid[row, k] else None for k in planned]
    if orders == "together":
        return miss if None in said else right(sum(said) / len(said), gold, tie)
    each = [miss if one is None else right(one, gold, tie) for one in said]
    return None if None in each else sum(each) / len(each)


def sections(table, subject, weights, convention, orders):
    """Each section's value by its name over the subsets with data; None without, or where the weights leave one out."""
    found = {}
    for name, counts in WEIGHTS.items():
        top = bottom = 0.0
        whole = True
        for subset, count in counts.items():
            values, there = [], False
            for row in range(len(table.subject)):
                if table.subject[row] == subject and subset in table.subsets and table.subsets[subset][row]:
                    one = worth(table, row, convention, orders)
                    there = there or one is not None
                    values += [one] * int(weights[table.cluster[row]]) if one is not None else []
            whole = whole and bool(values) == there
            if values:
                top, bottom = top + count * 100 * sum(values) / len(values), bottom + count
        found[name] = top / bottom if bottom and whole else None
    return found


def mean(values, weights):
    if None in values:
        return math.nan
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


@given(
    table=tables(),
    convention=st.sampled_from(["standard", "rewardbench", "rewardbench-classifier"]),
    orders=st.sampled_from(["together", "each"]),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_each_equals_its_loop_over_replicates(table, convention, orders, data):
    count = st.lists(st.integers(0, 3), min_size=table.n_clusters, max_size=table.n_clusters)
    weights = np.array([[1] * table.n_clusters, *data.draw(st.lists(count, max_size=2))], dtype=float)
    fitted = {name: Section(name, convention, orders=orders).fit(table, weights) for name in WEIGHTS}
    fitted["overall"] = Overall(convention, orders=orders).fit(table, weights)
    fitted["with prior"] = OverallWithPrior(convention, orders=orders).fit(table, weights)
    for replicate, row in enumerate(weights):
        for subject in range(table.n_subjects):
            named = sections(table, subject, row, CONVENTIONS[convention], orders)
            expected = {name: math.nan if value is None else value for name, value in named.items()}
            four = list(named.values())[:4]
            expected["overall"] = mean(four, [1] * 4)
            expected["with prior"] = mean([*four, named["prior-sets"]], [2, 2, 2, 2, 1])
            for name, value in expected.items():
                assert fitted[name].shape == (len(weights), table.n_subjects)
                assert fitted[name][replicate, subject] == pytest.approx(value, abs=1e-9, nan_ok=True), name


@given(table=tables())
@settings(max_examples=60, deadline=None)
def test_support_counts_the_units_of_its_sections(table):
    measure, convention = Section("reasoning", "standard"), CONVENTIONS["standard"]
    support = measure.support(table)
    for subject in range(table.n_subjects):
        rows = [
            row
            for row in range(len(table.subject))
            if table.subject[row] == subject
            and any(name in table.subsets and table.subsets[name][row] for name in WEIGHTS["reasoning"])
        ]
        entered = [row for row in rows if worth(table, row, convention, "together") is not None]
        planned = [row for row in rows if table.gold[row] in (0.0, 1.0)]
        assert support.n[subject] == len(entered)
        assert support.clusters[subject] == len({int(table.cluster[row]) for row in entered})
        assert support.missing[subject] == (len(planned) - len(entered) if entered else 0)


def judged(*units, subjects=1):
    """A table of (subject, subset, right) units in one order, each its own cluster."""
    subject, subset, good = zip(*units, strict=True)
    return table(
        n_clusters=len(units),
        n_subjects=subjects,
        subject=np.array(subject),
        cluster=np.arange(len(units)),
        planned=np.array([[True, False]] * len(units)),
        preference=np.array([[float(one), 0.0] for one in good]),
        gold=np.ones(len(units)),
        subsets={name: np.array([one == name for one in subset]) for name in set(subset)},
    )


def test_math_has_the_weight_of_all_code():
    code = [(0, f"hep-{language}", 0) for language in ("cpp", "go", "java", "js", "python", "rust")]
    whole = judged((0, "math-prm", 1), *code)
    assert Section("reasoning").fit(whole, np.ones((1, 7)))[0, 0] == 50.0
    assert Section("reasoning").prepare(whole).notes == ()


def test_a_replicate_without_a_subset_does_not_give_its_weight_away():
    """12 right of one subset (weight 164), 3 wrong of another (984): 14.3, and no replicate is of one alone."""
    both = judged(*[(0, "hep-cpp", 1)] * 12, *[(0, "math-prm", 0)] * 3)
    weights = np.ones((4, 15))
    weights[1, 12:] = 0.0
    weights[2, :12] = 0.0
    weights[3, 13:] = 0.0
    values = Section("reasoning").fit(both, weights)[:, 0]
    assert values == pytest.approx([100 * 164 / 1148, math.nan, math.nan, 100 * 164 / 1148], nan_ok=True)


def test_a_subset_that_another_subject_has_does_not_count():
    """The second subject has no math-prm: its replicates need none."""
    two = judged((0, "hep-cpp", 1), (0, "math-prm", 0), (1, "hep-cpp", 1), subjects=2)
    values = Section("reasoning").fit(two, np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]))
    assert values == pytest.approx(np.array([[100 * 164 / 1148, 100.0], [math.nan, 100.0]]), nan_ok=True)


def test_a_board_names_what_lacks():
    notes = Section("safety").prepare(judged((0, "donotanswer", 1))).notes
    assert notes == (
        "section: computed without subsets that have no data: refusals-dangerous, refusals-offensive, "
        "xstest-should-refuse, xstest-should-respond",
    )
    assert Section("chat").prepare(judged((0, "donotanswer", 1))).notes == ()  # nothing to say of no estimate
    assert Overall().prepare(judged((0, "donotanswer", 1))).notes == (
        "overall: no estimate without data of chat, chat-hard, reasoning",
    )


def test_subjects_may_lack_different_subsets():
    two = judged((0, "donotanswer", 1), (1, "refusals-offensive", 1), subjects=2)
    (first, said), (second, other) = Section("safety").prepare(two).notes
    assert (first, second) == (0, 1)
    assert "refusals-offensive" in said
    assert "donotanswer" not in said
    assert "donotanswer" in other
    assert Section("safety").fit(two, np.ones((1, 2))).tolist() == [[100.0, 100.0]]


def test_the_convention_stands_on_the_board():
    assert Overall("rewardbench").prepare(judged((0, "donotanswer", 1))).notes[0] == (
        "overall: ties count one half, missing verdicts count one half (convention rewardbench)"
    )


def test_no_estimate_has_no_support():
    support = Overall().support(judged((0, "donotanswer", 1)))
    assert (support.n[0], support.missing[0], support.clusters[0]) == (0, 0, 0)
