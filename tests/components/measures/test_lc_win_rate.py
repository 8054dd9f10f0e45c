"""lc-win-rate on tables: whose rows, whose difficulty, what is said. The regression itself: tests/stats."""

from dataclasses import replace

import numpy as np
import pytest
from tables import table

from judgebench import ConfigError
from judgebench.components.measures.lc_win_rate import COMPONENT as LcWinRate
from judgebench.stats.length_control import GamedRows, Rows, length_control

N = 60


def drawn(subjects=2, seed=0):
    """Every subject judged once on each of N items; items sorted by name, rows as in the subjects' files."""
    rng = np.random.default_rng(seed)
    cluster = np.tile(np.arange(N), subjects)
    subject = np.repeat(np.arange(subjects), N)
    units = len(cluster)
    difficulty = rng.normal(0, 1.5, N)
    one = np.column_stack([np.ones(units, bool), np.zeros(units, bool)])
    preference = rng.random(units) ** 2
    order = np.concatenate([rng.permutation(N) for _ in range(subjects)]).astype(float)
    return table(
        n_clusters=N,
        n_subjects=subjects,
        subject=subject,
        cluster=cluster,
        planned=one,
        preference=one * preference[:, None],
        length=rng.integers(50, 3000, (units, 2)).astype(float),
        item_features={"difficulty": difficulty[cluster]},
        features={"row": np.column_stack([order, np.full(units, np.nan)])},
        reference={
            "difficulty": rng.normal(0, 1.5, N),
            "gamed.preference": rng.random(30),
            "gamed.length_difference": rng.normal(0, 1, 30),
            "gamed.difficulty": rng.normal(0, 1, 30),
        },
    )


def by_hand(found, subject, difficulty):
    """The regression of a subject's units, put into the order of its file."""
    units = np.flatnonzero(found.subject == subject)
    units = units[np.argsort(found.features["row"][units, 0])]
    preference = np.where(found.valid[units, 0], found.preference[units, 0], np.nan)
    rows = Rows(found.length[units, 1] - found.length[units, 0], difficulty[units], preference)
    reference = found.reference
    gamed = GamedRows(
        reference["gamed.length_difference"], reference["gamed.difficulty"], reference["gamed.preference"]
    )
    return length_control(rows, gamed)


@pytest.mark.parametrize("mode", ["corrected", "official"])
def test_difficulty_is_looked_up_by_item_or_officially_by_row(mode):
    found = drawn()
    by_item = found.item_features["difficulty"]
    by_row = found.reference["difficulty"][found.features["row"][:, 0].astype(int)]
    prepared = LcWinRate(mode=mode).prepare(found)
    for subject in range(2):
        expected = by_hand(found, subject, by_item if mode == "corrected" else by_row)
        assert prepared.values(np.ones((1, N)))[0, subject] == pytest.approx(expected.win_rate, abs=1e-9)
        assert prepared.details["C"][subject] == expected.strength
        assert prepared.published.standard_error[subject] == pytest.approx(expected.published_error, abs=1e-9)
    assert any("gamed baselines, which its official judge judged" in note for note in prepared.notes)


def test_weights_of_clusters_are_weights_of_their_rows():
    found = drawn()
    counts = np.random.default_rng(1).multinomial(N, np.full(N, 1 / N), 5).astype(float)
    values = LcWinRate().fit(found, counts)
    control = by_hand(found, 1, found.item_features["difficulty"])
    units = np.flatnonzero(found.subject == 1)
    clusters = found.cluster[units[np.argsort(found.features["row"][units, 0])]]
    assert values[:, 1] == pytest.approx(control.refits(counts[:, clusters]), abs=1e-8)


def test_missing_verdicts_are_predicted_and_counted():
    found = drawn()
    valid = found.valid.copy()
    valid[:10, 0] = False
    holed = replace(found, valid=valid)
    support = LcWinRate().support(holed)
    assert (support.n.tolist(), support.missing.tolist()) == ([50, 60], [10, 0])
    expected = by_hand(holed, 0, found.item_features["difficulty"])
    assert LcWinRate().fit(holed, np.ones((1, N)))[0, 0] == pytest.approx(expected.win_rate, abs=1e-9)


def test_with_fewer_than_five_rows_there_is_no_estimate():
    found = drawn()
    valid = found.valid.copy()
    valid[4:N, 0] = False
    few = replace(found, valid=valid)
    assert LcWinRate().support(few).n.tolist() == [0, 60]
    assert np.isnan(LcWinRate().fit(few, np.ones((1, N)))[0, 0])
    unknown = replace(found, length=np.full_like(found.length, np.nan))
    assert LcWinRate().support(unknown).n.tolist() == [0, 0]


def test_own_prompts_do_without_difficulty_and_gamed_rows_and_the_board_says_so():
    own = replace(drawn(), item_features={}, reference={})
    prepared = LcWinRate().prepare(own)
    assert "lc-win-rate: fitted without the difficulty of prompts" in prepared.notes
    assert any("without rows of gamed baselines" in note for note in prepared.notes)
    assert prepared.details["coefficient of difficulty"].tolist() == [0.0, 0.0]
    with pytest.raises(ConfigError, match="not every item brings its difficulty"):
        LcWinRate(difficulty="given").prepare(own)


def test_difficulty_is_estimated_from_three_other_policies():
    own = replace(drawn(5), item_features={}, reference={})
    prepared = LcWinRate(difficulty="estimated").prepare(own)
    assert any("estimated from the other policies and held" in note for note in prepared.notes)
    odds = np.log(np.clip(own.preference[:, 0], 0.01, 0.99) / (1 - np.clip(own.preference[:, 0], 0.01, 0.99)))
    raw = np.array(
        [np.mean([odds[s * N + own.cluster[u]] for s in range(5) if s != own.subject[u]]) for u in range(5 * N)]
    )
    difficulty = (raw - raw.mean()) / raw.std()
    units = np.flatnonzero(own.subject == 2)
    units = units[np.argsort(own.features["row"][units, 0])]
    rows = Rows(own.length[units, 1] - own.length[units, 0], difficulty[units], own.preference[units, 0])
    assert prepared.values(np.ones((1, N)))[0, 2] == pytest.approx(length_control(rows).win_rate, abs=1e-8)
    lonely = LcWinRate(difficulty="estimated").prepare(replace(drawn(2), item_features={}, reference={}))
    assert any("too few other policies" in note for note in lonely.notes)
