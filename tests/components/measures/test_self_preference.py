"""self-preference and its kin on figures worked out by hand."""

import numpy as np
import pytest
from diagnosed import pairs, value

from judgebench.components.measures.self_preference import PrefersOwn, SelfPreference, SelfPreferenceByQuality

FIRST, SECOND, TORN = [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]
MINE, THEIRS = [True, False], [False, True]


def verdict(preference, own, gold=None, **more):
    return {"preference": preference, "own": own, "gold": gold, **more}


def test_the_excess_is_taken_over_the_same_pairs():
    found = pairs(
        verdict(FIRST, MINE, 0.0), verdict(SECOND, THEIRS, 0.0), verdict(TORN, MINE, 1.0), verdict(FIRST, THEIRS, 0.5),
        verdict(FIRST, MINE), verdict(FIRST, [True, True], 0.0), verdict(FIRST, [False, False], 0.0),
    )  # fmt: skip
    prepared = SelfPreference().prepare(found)
    assert value(SelfPreference(), found) == pytest.approx(100 * (2.5 - 2.5) / 4)
    assert (prepared.details["own"][0], prepared.details["reference"][0]) == (62.5, 62.5)
    assert SelfPreference().support(found).n[0] == 4
    assert value(PrefersOwn(), found) == pytest.approx(100 * 3.5 / 5)
    assert PrefersOwn().support(found).n[0] == 5


def test_chance_errors_on_bad_responses_look_like_self_preference_but_not_by_quality():
    """Its own responses are worse in three of four pairs, and it errs on half of either kind."""
    kinds = [verdict(said, MINE, gold) for gold in (0.0, 0.0, 0.0, 1.0) for said in (FIRST, SECOND)]
    found = pairs(*kinds)
    assert value(SelfPreference(), found) == pytest.approx(25.0)
    assert value(SelfPreferenceByQuality(), found) == 0.0
    always = pairs(*[verdict(FIRST, MINE, gold) for gold in (0.0, 1.0)])
    assert value(SelfPreferenceByQuality(), always) == 100.0


def test_other_judges_are_those_who_wrote_neither_and_not_itself():
    same = {"shown": 0, "item": 0, "cluster": 0}
    found = pairs(
        verdict(FIRST, MINE, **same),
        verdict(SECOND, [False, False], subject=1, **same),
        verdict(TORN, [False, False], subject=2, **same),
        verdict(FIRST, THEIRS, subject=3, **same),  # wrote the other one
        verdict([None, 1.0], [False, False], subject=4, **same),  # half a verdict
        verdict(FIRST, [False, False], subject=1, shown=1, item=1, cluster=1),
    )
    measure = SelfPreference(against="judges")
    values = measure.fit(found, np.ones((1, 2)))[0]
    assert values[0] == pytest.approx(100 * (1 - 0.25))
    assert values[3] == pytest.approx(100 * (0 - 0.75))
    assert np.isnan(values[[1, 2, 4]]).all()
    assert measure.joint
    assert not SelfPreference().joint


def test_people_are_the_reference_where_they_voted():
    found = pairs(verdict(FIRST, MINE, 1.0, votes=[1, 1, 2]), verdict(SECOND, MINE, 1.0))
    assert value(SelfPreference(against="votes"), found) == pytest.approx(100 * (1 - 0.375))
    assert SelfPreference(against="votes").support(found).n[0] == 1


def test_a_judge_without_responses_of_its_own_has_no_estimate():
    found = pairs(verdict(FIRST, [False, False], 1.0))
    for measure in (SelfPreference(), SelfPreferenceByQuality(), PrefersOwn()):
        assert np.isnan(value(measure, found))
        assert measure.support(found).n[0] == measure.support(found).missing[0] == 0


def test_a_missing_verdict_counts_as_missing():
    found = pairs(verdict([1.0, None], MINE, 1.0), verdict(FIRST, MINE, 1.0))
    for measure in (SelfPreference(), SelfPreferenceByQuality(), PrefersOwn()):
        support = measure.support(found)
        assert (support.n[0], support.missing[0]) == (1, 1)
    assert SelfPreferenceByQuality().prepare(found).why == {0: "there is no pair whose better response is the other's"}
