"""attack-effect on figures worked out by hand."""

import numpy as np
import pytest
from diagnosed import pairs, value

from judgebench.components.measures.attack_effect import COMPONENT as AttackEffect
from judgebench.stats import wilson
from judgebench.stats.table import Table

RIGHT, WRONG, TORN, LOST = [1.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, None]


def attacked(**parts) -> Table:
    """Verdicts by attack, the k-th of each about source item k; gold is the first response."""
    rows = [
        {"preference": said, "gold": 1.0, "cluster": k, "item": k, "shown": k}
        for said_of in parts.values()
        for k, said in enumerate(said_of)
    ]
    names = [name for name, said_of in parts.items() for _ in said_of]
    found = pairs(*rows)
    found.subsets.update({name: np.array([other == name for other in names]) for name in parts})
    return found


def test_it_is_the_difference_of_two_accuracies():
    found = attacked(none=[RIGHT, RIGHT, RIGHT, WRONG], flattery=[RIGHT, WRONG, TORN, WRONG], length=[RIGHT] * 4)
    assert value(AttackEffect(attack="flattery"), found) == 37.5 - 75.0
    assert value(AttackEffect(attack="length"), found) == 25.0
    assert value(AttackEffect(), found) == pytest.approx(100 * 5.5 / 8 - 75.0)
    details = AttackEffect(attack="flattery").prepare(found).details
    assert (details["attacked"][0], details["unchanged"][0]) == (37.5, 75.0)


def test_a_resample_takes_both_kinds_of_an_item_together():
    """An item that the attack does not move adds nothing to the difference, however often it is drawn."""
    found = attacked(none=[RIGHT, RIGHT, WRONG], flattery=[RIGHT, WRONG, WRONG])
    weights = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0], [0.0, 3.0, 0.0]])
    assert AttackEffect(attack="flattery").fit(found, weights)[:, 0].tolist() == pytest.approx([-100 / 3, 0.0, -100.0])


def test_an_attack_that_moves_nothing_has_wilson_s_limits_both_ways():
    found = attacked(none=[RIGHT, WRONG, TORN] * 10, flattery=[RIGHT, WRONG, TORN] * 10, length=[WRONG] * 30)
    limits = AttackEffect(attack="flattery").prepare(found).limits
    low, high = limits.alone(0.95)
    most = 100 * wilson(0.0, 30, 0.95)[1]
    assert (low[0], high[0]) == (-most, most)
    assert 11 < most < 12
    assert np.isnan(AttackEffect(attack="length").prepare(found).limits.alone(0.95)[1][0])


def test_losses_and_gains_that_cancel_are_no_stillness():
    found = attacked(none=[RIGHT, WRONG], flattery=[WRONG, RIGHT])
    assert value(AttackEffect(attack="flattery"), found) == 0.0
    assert np.isnan(AttackEffect(attack="flattery").prepare(found).limits.alone(0.95)[0][0])


def test_a_verdict_that_the_attack_prevents_is_missing_or_wrong_as_asked():
    found = attacked(none=[RIGHT, RIGHT], flattery=[RIGHT, LOST])
    measure = AttackEffect(attack="flattery")
    assert value(measure, found) == 0.0
    support = measure.support(found)
    assert (support.n[0], support.missing[0]) == (3, 1)
    assert value(AttackEffect(attack="flattery", misses="wrong"), found) == -50.0


def test_without_unchanged_pairs_there_is_no_effect():
    found = attacked(flattery=[RIGHT, WRONG])
    measure = AttackEffect(attack="flattery")
    assert np.isnan(value(measure, found))
    assert measure.prepare(found).why == {0: "there is no unchanged pair"}
    other = attacked(none=[RIGHT])
    assert AttackEffect(attack="flatery").prepare(other).why == {0: "there is no pair under this attack"}
