"""Agreement with one of the judges against plain loops, and Meta-Rewarding's figures."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rankings import drawn, groups, ranked, sign

from judgebench import ConfigError
from judgebench.components.measures.agreement_with_judge import COMPONENT as Agreement
from judgebench.stats import ordering

NAMES = ["ref", "judge", "other"]


def decision(units, item, i, j):
    """What all complete verdicts of the reference say of two responses: 1, -1, or 0 where they differ or tie."""
    said = set()
    for unit in units:
        given = [values for values in unit["values"] if values is not None]
        if unit["subject"] == 0 and unit["item"] == item and len(given) == sum(unit["planned"]):
            said |= {sign(values[i] - values[j]) for values in given}
    return said.pop() if len(said) == 1 else 0


def all_pairs(units, unit, scores, ties):
    found = []
    for i in range(len(scores)):
        for j in range(i):
            if (right := decision(units, unit["item"], i, j)) and (mine := sign(scores[i] - scores[j])):
                found.append((float(mine == right), 1.0))
            elif right and ties != "skip":
                found.append(({"half": 0.5, "wrong": 0.0}[ties], 1.0))
    return found


def best_worst(units, unit, scores, ties):
    best = [k for k in range(len(scores)) if sign(max(scores) - scores[k]) == 0]
    worst = [k for k in range(len(scores)) if sign(min(scores) - scores[k]) == 0]
    said = [decision(units, unit["item"], i, j) for i in best for j in worst if i != j]
    said = [one for one in said if one]
    if not said:
        return []
    if sign(max(scores) - min(scores)) == 0:
        return [] if ties == "skip" else [({"half": 0.5, "wrong": 0.0}[ties], 1.0)]
    return [(sum(one > 0 for one in said) / len(said), 1.0)]


@pytest.mark.parametrize("pairs", ["all", "best-worst"])
@given(units=drawn(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_agreement_equals_its_loop_over_repeated_units(pairs, units, data):
    units, subjects = units
    ties = data.draw(st.sampled_from(["half", "wrong", "skip"]))
    repeats = data.draw(st.sampled_from(["each", "mean"]))
    weights = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    found = ranked(units, subjects, n_clusters=3, names=NAMES[:subjects])
    measure = Agreement("ref", pairs, ties, repeats)
    values, support = measure.fit(found, np.array([weights], float))[0], measure.support(found)
    twin = all_pairs if pairs == "all" else best_worst
    assert math.isnan(values[0])
    assert support.n[0] == 0
    for subject in range(1, subjects):
        worth, once = [], []
        for unit, scores in groups(units, repeats):
            if unit["subject"] == subject and scores is not None:
                once += (one := twin(units, unit, scores, ties))
                worth += one * weights[unit["cluster"]]
        expected = 100 * sum(a for a, _ in worth) / len(worth) if worth else math.nan
        assert values[subject] == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert support.n[subject] == len(once)
        assert support.missing[subject] >= 0


def pair(subject, number, *values):
    return {"subject": subject, "item": number, "ratings": [math.nan, math.nan], "values": list(values)}


def test_agreement_and_agreement_without_ties():
    """79 agree and 39 are ties of 168: (79 + 39/2) / 168 and 79 / 129 (Meta-Rewarding, table 3, iteration 3)."""
    units = []
    for number in range(168):
        scores = [4.0, 3.0] if number < 79 else [4.0, 4.0] if number < 118 else [3.0, 4.0]
        units += [pair(0, number, [1.0, 0.0], [1.0, 0.0]), pair(1, number, scores, scores)]
    found = ranked(units, 2, names=["gpt-4", "iteration 3"])
    ones = np.ones((1, 168))
    values = {ties: Agreement("gpt-4", ties=ties).fit(found, ones)[0, 1] for ties in ("half", "skip", "wrong")}
    assert values["half"] == pytest.approx(100 * 98.5 / 168)
    assert math.floor(100 * values["half"]) == 5863
    assert values["skip"] == pytest.approx(100 * 79 / 129)
    assert math.floor(100 * values["skip"]) == 6124
    assert values["wrong"] == pytest.approx(100 * 79 / 168)
    assert Agreement("gpt-4", ties="skip").support(found).n.tolist() == [0, 129]
    assert Agreement("gpt-4", ties="skip").support(found).missing.tolist() == [0, 0]
    assert Agreement("gpt-4").prepare(found).notes == ()


def test_what_the_reference_judges_both_ways_is_left_out_and_counted():
    units = [
        pair(0, 0, [1.0, 0.0], [0.0, 1.0]),
        pair(0, 1, [1.0, 0.0], [1.0, 0.0]),
        pair(0, 2, [0.5, 0.5], [0.5, 0.5]),
        pair(0, 3, [1.0, 0.0], [0.5, 0.5]),
        *(pair(1, number, [1.0, 0.0], [1.0, 0.0]) for number in range(4)),
    ]
    found = ranked(units, 2, names=["ref", "judge"])
    measure = Agreement("ref")
    assert measure.fit(found, np.ones((1, 4)))[0, 1] == 100.0
    assert measure.support(found).n.tolist() == [0, 1]
    assert measure.prepare(found).notes == (
        "agreement-with-judge: 3 of 4 pairs are left out, which ref ties or judges both ways",
    )


def test_the_judges_own_best_and_worst():
    """Of four responses the reference puts the third first; the judge puts it in the middle, or among its best two."""
    gold = {"item": 0, "ratings": [math.nan] * 4, "subject": 0, "values": [[2.0, 1.0, 4.0, 3.0], [2.0, 1.0, 4.0, 3.0]]}
    own = {**gold, "subject": 1, "values": [[1.0, 5.0, 3.0, 2.0], [1.0, 5.0, 3.0, 2.0]]}
    shared = {**gold, "subject": 2, "values": [[3.0, 5.0, 5.0, 2.0], [3.0, 5.0, 5.0, 2.0]]}
    found = ranked([gold, own, shared], 3, names=NAMES)
    values = Agreement("ref", "best-worst").fit(found, np.ones((1, 1)))[0]
    assert values[1] == 0.0  # its best is the second, its worst the first: 1 against 2
    assert values[2] == 50.0  # its worst is the fourth: the third beats it, the second does not
    flat = {**gold, "subject": 1, "values": [[3.0] * 4, [3.0] * 4]}
    found = ranked([gold, flat], 2, names=NAMES[:2])
    assert Agreement("ref", "best-worst").fit(found, np.ones((1, 1)))[0, 1] == 50.0
    assert math.isnan(Agreement("ref", "best-worst", "skip").fit(found, np.ones((1, 1)))[0, 1])


def test_a_missing_verdict_is_missing_and_the_votes_of_people_are_no_judge():
    units = [pair(0, 0, [1.0, 0.0], [1.0, 0.0]), pair(1, 0, None, [1.0, 0.0])]
    found = ranked(units, 2, names=["ref", "judge"])
    assert Agreement("ref").support(found).missing.tolist() == [0, 1]
    assert Agreement("ref", "best-worst").support(found).missing.tolist() == [0, 1]


def test_an_unknown_judge_is_an_error_that_names_the_nearest():
    found = ranked([pair(0, 0, [1.0, 0.0], [1.0, 0.0])], 1, names=["gpt-4"])
    with pytest.raises(ConfigError, match="no judge is called 'gpt-5'") as caught:
        Agreement("gpt-5").prepare(found)
    assert caught.value.hint == "did you mean 'gpt-4'?"


@given(units=drawn())
@settings(max_examples=60, deadline=None)
def test_it_does_not_depend_on_how_units_are_cut_into_blocks(units):
    units, subjects = units
    found, ones = ranked(units, subjects, n_clusters=3, names=NAMES[:subjects]), np.ones((1, 3))
    whole = Agreement("ref").prepare(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "BLOCK", 1)
        cut = Agreement("ref").prepare(found)
    assert cut.notes == whole.notes
    assert cut.values(ones) == pytest.approx(whole.values(ones), nan_ok=True)
