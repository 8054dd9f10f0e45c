"""Figures of the four papers, worked out again from their counts (what is published with two decimals, truncated)."""

from math import floor

import numpy as np
import pytest
from tables import table

from judgebench.components.measures.accuracy import (
    Accuracy,
    AverageAccuracy,
    ChosenFirst,
    ChosenLast,
    PositionConsistentAccuracy,
)
from judgebench.components.measures.outcomes import Losses, Ties, Wins
from judgebench.stats.rewardbench import overall, overall_with_prior


def counted(counts, gold=1.0):
    """A table of one subject: each of the pairs of verdicts (straight, swapped; None: not asked) so many times."""
    rows = [orders for orders, number in counts for _ in range(number)]
    planned = np.array([[value is not None for value in orders] for orders in rows])
    preference = np.array([[0.0 if value is None else value for value in orders] for orders in rows])
    units = len(rows)
    return table(
        n_clusters=units,
        n_subjects=1,
        subject=np.zeros(units, int),
        cluster=np.arange(units),
        planned=planned,
        preference=preference,
        gold=np.full(units, gold),
    )


def value(measure, found):
    return float(measure.fit(found, np.ones((1, found.n_clusters)))[0, 0])


@pytest.mark.parametrize(
    ("sections", "prior", "four", "five"),
    [
        ([97.6, 58.9, 69.2, 78.5], 70.4, 76.05, 75.42),  # Llama-3-70B-Instruct
        ([95.3, 74.3, 87.2, 86.9], 70.9, 85.925, 84.26),  # GPT-4-0125
    ],
)
def test_rewardbench_has_two_averages(sections, prior, four, five):
    assert float(overall(np.array(sections))) == pytest.approx(four)
    assert round(float(overall_with_prior(np.array(sections), np.array(prior))), 2) == five


def test_the_released_self_taught_judge():
    assert round(float(overall(100 * np.array([0.969, 0.851, 0.896, 0.884]))), 1) == 90.0


def test_agreement_with_and_without_ties():
    """Meta-Rewarding, table 3, third iteration: 79 agree and 39 tie of 168."""
    found = counted([((1.0, None), 79), ((0.5, None), 39), ((0.0, None), 168 - 79 - 39)])
    agreement = value(Accuracy(convention="meta-rewarding"), found)
    assert floor(100 * agreement) / 100 == 58.63
    assert floor(100 * value(Accuracy(ties="skip"), found)) / 100 == 61.24
    assert value(Accuracy(convention="self-rewarding"), found) == pytest.approx(100 * 79 / 168)


def test_head_to_head_of_two_orders():
    """Self-Rewarding, figure 3: 78 wins, 99 ties and 79 losses of 256; orders that disagree are ties."""
    found = counted([((1.0, 1.0), 78), ((1.0, 0.0), 60), ((0.5, 0.5), 39), ((0.0, 0.0), 79)], gold=np.nan)
    assert [round(value(measure, found), 1) for measure in (Wins(), Ties(), Losses())] == [30.5, 38.7, 30.9]


def test_average_accuracy_is_the_consistent_one_and_half_of_what_flips():
    """Self-Taught Evaluators, HelpSteer2: 71.0 and 60.6 mean that 20.8 % of the pairs flip with the order."""
    found = counted([((1.0, 1.0), 606), ((1.0, 0.0), 108), ((0.0, 1.0), 100), ((0.0, 0.0), 186)])
    average, consistent = value(AverageAccuracy(), found), value(PositionConsistentAccuracy(), found)
    assert (average, consistent) == (pytest.approx(71.0), pytest.approx(60.6))
    assert 2 * (average - consistent) == pytest.approx(20.8)


def test_the_order_in_which_the_better_response_stands():
    """Self-Taught Evaluators, table 9: 85.5 with the winner first, 91.1 with the loser first, 88.3 on average."""
    found = counted([((1.0, 1.0), 800), ((1.0, 0.0), 55), ((0.0, 1.0), 111), ((0.0, 0.0), 34)])
    assert value(ChosenFirst(), found) == pytest.approx(85.5)
    assert value(ChosenLast(), found) == pytest.approx(91.1)
    assert value(AverageAccuracy(), found) == pytest.approx(88.3)


def test_a_soft_label_counts_by_its_larger_half():
    """RLAIF, section 3: [0.6, 0.4] is a preference for the first."""
    assert value(Accuracy(), counted([((0.6, None), 1)])) == 100.0
    assert value(Accuracy(), counted([((0.6, None), 1)], gold=0.0)) == 0.0
    # the two orders are averaged as probabilities: (0.9 + 0.2) / 2, where their odds would say the opposite of 0.97
    assert value(Accuracy(), counted([((0.9, 0.2), 1)])) == 100.0
