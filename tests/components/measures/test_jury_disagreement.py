"""jury-disagreement: pairs of jurors that say different things."""

from itertools import combinations
from math import nan

import pytest
from diagnosed import judged, pairs, tabled, value, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.components.measures.jury_disagreement import COMPONENT as JuryDisagreement
from judgebench.components.measures.self_consistency import COMPONENT as SelfConsistency


def word(p):
    return "tie" if p == 0.5 else p > 0.5


def apart(row):
    """The share of different pairs, averaged over the orders that have one; None without any."""
    shares = []
    for order in row["parts"]:
        two = list(combinations([word(p) for p in order if p is not None], 2))
        if two:
            shares.append(sum(a != b for a, b in two) / len(two))
    return sum(shares) / len(shares) if shares else None


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_it_equals_all_pairs_one_by_one(data):
    rows, clusters, subjects = data.draw(judged())
    found, resamples = tabled(rows, clusters, subjects), data.draw(weights(clusters))
    fitted, support = JuryDisagreement().fit(found, resamples), JuryDisagreement().support(found)
    for subject in range(subjects):
        shares = [(apart(row), row["cluster"]) for row in rows if row["subject"] == subject]
        known = [(share, cluster) for share, cluster in shares if share is not None]
        assert support.n[subject] == len(known)
        assert support.missing[subject] == (len(shares) - len(known) if known else 0)
        for replicate, by_cluster in enumerate(resamples.tolist()):
            total = sum(by_cluster[cluster] for _, cluster in known)
            expected = sum(share * by_cluster[cluster] for share, cluster in known) / total if total else nan
            assert fitted[replicate, subject] == pytest.approx(100 * expected, abs=1e-9, nan_ok=True)


def test_by_hand():
    found = pairs(
        {"parts": [[1.0, 0.9, 0.1], [1.0, 0.5, None]]},  # 2 of 3 pairs differ; the one pair differs
        {"parts": [[0.2, 0.4, None], [0.3, None, None]]},  # the one pair agrees; no pair
        {"parts": [[0.2, None, None], [None, None, None]]},  # no pair at all
    )
    assert value(JuryDisagreement(), found) == pytest.approx(100 * ((2 / 3 + 1) / 2 + 0) / 2)
    support = JuryDisagreement().support(found)
    assert (support.n[0], support.missing[0]) == (2, 1)
    assert value(JuryDisagreement(), found) == pytest.approx(100 - value(SelfConsistency(of="samples"), found))
