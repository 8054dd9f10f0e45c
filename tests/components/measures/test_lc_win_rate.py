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


def by_hand(found, subject, difficulty, gamed=True):
    """The regression of a subject's units, put into the order of its file."""
    units = np.flatnonzero((found.subject == subject) & np.isfinite(found.length).all(axis=1))
    units = units[np.argsort(found.features["row"][units, 0])]
    preference = np.where(found.valid[units, 0], found.preference[units, 0], np.nan)
    rows = Rows(found.length[units, 1] - found.length[units, 0], difficulty[units], preference)
    if not gamed:
        return length_control(rows)
    names = ("gamed.length_difference", "gamed.difficulty", "gamed.preference")
    return length_control(rows, GamedRows(*(found.reference[name] for name in names)))


def value(measure, found, subject=0):
    return measure.fit(found, np.ones((1, N)))[0, subject]


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


@pytest.mark.parametrize("reference", [True, False])
def test_items_without_difficulty_do_without_gamed_rows_too_and_the_board_says_so(reference):
    own = replace(drawn(), item_features={}, **({} if reference else {"reference": {}}))
    prepared = LcWinRate().prepare(own)
    why = ", which the run's items do not bring (the benchmark's own do: --items benchmark)" if reference else ""
    without = "the benchmark's rows of gamed baselines, which need its difficulty"
    if not reference:
        without = "rows of gamed baselines, which the benchmark does not bring"
    assert prepared.notes == (
        f"lc-win-rate: fitted without the difficulty of prompts{why}",
        f"lc-win-rate: fitted without {without}",
    )
    assert prepared.details["coefficient of difficulty"].tolist() == [0.0, 0.0]
    assert value(LcWinRate(), own) == pytest.approx(by_hand(own, 0, np.zeros(2 * N), gamed=False).win_rate, abs=1e-9)
    with pytest.raises(ConfigError, match="not every item brings its difficulty"):
        LcWinRate(difficulty="given").prepare(own)
    assert LcWinRate(difficulty="none").prepare(own).notes[0] == "lc-win-rate: fitted without the difficulty of prompts"


def test_officially_the_row_gives_the_difficulty_that_items_do_not_bring():
    own = replace(drawn(), item_features={})
    by_row = own.reference["difficulty"][own.features["row"][:, 0].astype(int)]
    official = LcWinRate(mode="official")
    for subject in range(2):
        assert value(official, own, subject) == pytest.approx(by_hand(own, subject, by_row).win_rate, abs=1e-9)
    assert official.prepare(own).notes == (
        "lc-win-rate: fitted with the benchmark's rows of gamed baselines, which its official judge judged",
    )


@pytest.mark.parametrize("unknown", [np.nan, -1.0, float(N), 0.5])
def test_officially_the_item_gives_the_difficulty_where_a_row_is_not_known(unknown):
    found = drawn()
    rows = found.features["row"].copy()
    rows[N + 7, 0] = unknown  # of one answer of the second
    found = replace(found, features={"row": rows})
    official = LcWinRate(mode="official")
    note = "lc-win-rate: difficulty looked up by item, not by row as the official code does"
    assert f"{note}: subject 1" in official.prepare(found).notes
    by_row = found.reference["difficulty"][found.features["row"][:N, 0].astype(int)]
    assert value(official, found) == pytest.approx(by_hand(found, 0, by_row).win_rate, abs=1e-9)
    by_item = by_hand(found, 1, found.item_features["difficulty"])
    assert value(official, found, 1) == pytest.approx(by_item.win_rate, abs=1e-9)
    assert note in official.prepare(replace(found, features={})).notes
    assert not any("looked up" in note for note in LcWinRate().prepare(found).notes)
    neither = replace(found, item_features={})
    notes = official.prepare(neither).notes
    assert any(note.endswith("(the benchmark's own do: --items benchmark): subject 1") for note in notes)
    assert any(note.endswith("judge judged: subject 0") for note in notes)
    assert any(note.endswith("which need its difficulty: subject 1") for note in notes)


def test_an_answer_that_is_missing_does_not_hide_the_others_rows():
    found = drawn()
    rows, length, valid = found.features["row"].copy(), found.length.copy(), found.valid.copy()
    rows[3], length[3], valid[3] = np.nan, np.nan, False
    holed = replace(found, features={"row": rows}, length=length, valid=valid, item_features={})
    place = np.where(np.isfinite(rows[:, 0]), rows[:, 0], 0).astype(int)
    expected = by_hand(holed, 0, holed.reference["difficulty"][place])
    assert value(LcWinRate(mode="official"), holed) == pytest.approx(expected.win_rate, abs=1e-9)


@pytest.mark.parametrize(("rows", "said"), [(600, False), (601, True)])
def test_it_is_said_where_the_gamed_rows_outweigh_the_judged_ones(rows, said):
    found, rng = drawn(), np.random.default_rng(2)
    valid = found.valid.copy()
    valid[:2, 0] = False
    length = found.length.copy()
    length[N:] = 100.0  # nothing to control: no regression, and nobody's rows
    names = ("gamed.preference", "gamed.length_difference", "gamed.difficulty")
    reference = found.reference | {name: rng.random(rows) for name in names}
    whole = replace(found, reference=reference)
    note = "weigh as much as 60 judged items, more than there are, so that the effects of length and difficulty are"
    assert [note in said for said in LcWinRate().prepare(whole).notes if "weigh" in said] == [True] * said
    if said:
        assert LcWinRate().prepare(whole).notes[-1].endswith("mostly theirs: subject 0 (60), subject 1 (60)")
    notes = LcWinRate().prepare(replace(whole, valid=valid, length=length)).notes
    assert notes[-1].endswith("mostly theirs: subject 0 (58)")
    assert not any("weigh" in note for note in LcWinRate(difficulty="none").prepare(whole).notes)


@pytest.mark.parametrize("difficulty", ["auto", "given", "estimated", "none"])
def test_what_was_not_fitted_is_not_spoken_of(difficulty):
    unknown = replace(drawn(5), length=np.full((5 * N, 2), np.nan), item_features={})
    for mode in ("corrected", "official"):
        assert LcWinRate(mode=mode, difficulty=difficulty).prepare(unknown).notes == ()


def test_difficulty_is_estimated_from_three_other_policies():
    own = replace(drawn(5), item_features={})
    prepared = LcWinRate(difficulty="estimated").prepare(own)
    assert prepared.notes == (
        "lc-win-rate: difficulty of prompts estimated from the other policies and held",
        "lc-win-rate: fitted without the benchmark's rows of gamed baselines, which need its difficulty",
    )
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
