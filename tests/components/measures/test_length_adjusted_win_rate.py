"""length-adjusted-win-rate: figures solved by hand, a naive twin, planted effects of length, and coverage."""

import math

import numpy as np
import pytest
from diagnosed import pairs, plain, tabled, weights
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from tables import table

from judgebench import ConfigError
from judgebench.components.measures.length_adjusted_win_rate import COMPONENT as LengthAdjusted
from judgebench.plugin.options import build
from judgebench.stats import acceleration, bca, bootstrap_counts, jackknife_weights, percentile, rescaling

WIN, LOSS, TIE = [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]


def rows(*counts):
    """Pairs, given (verdict, lengths, how many)."""
    return pairs(*[{"preference": verdict, "length": length} for verdict, length, n in counts for _ in range(n)])


def point(measure, found):
    return measure.fit(found, np.ones((1, found.n_clusters)))[0]


HALF_AND_MORE = [(WIN, [50, 100], 1), (LOSS, [50, 100], 1), (WIN, [150, 100], 9), (LOSS, [150, 100], 1)]


def test_two_ratios_solved_by_hand():
    """1 of 2 won at half the length, 9 of 10 at one and a half: odds of 1 and 9, and at equal lengths of 3."""
    found = rows(*HALF_AND_MORE)
    assert point(LengthAdjusted(), found)[0] == pytest.approx(75.0, abs=1e-9)
    assert point(LengthAdjusted(at=1.5), found)[0] == pytest.approx(90.0, abs=1e-9)
    details = LengthAdjusted().prepare(found).details
    assert details["coefficient"][0] == pytest.approx(math.log(9.0), abs=1e-9)
    assert details["win rate"][0] == pytest.approx(100 * 10 / 12)
    support = LengthAdjusted().support(found)
    assert (support.n[0], support.missing[0], support.clusters[0]) == (12, 0, 12)


def test_log_ratios_solved_by_hand():
    """By the logarithm, half and double are as far from equal lengths."""
    found = rows((WIN, [50, 100], 1), (LOSS, [50, 100], 1), (WIN, [200, 100], 9), (LOSS, [200, 100], 1))
    assert point(LengthAdjusted(covariate="log-ratio"), found)[0] == pytest.approx(75.0, abs=1e-9)
    odds = 9.0 ** (1 / 3)  # by the ratio, 1 is a third of the way from a half to 2
    assert point(LengthAdjusted(), found)[0] == pytest.approx(100 * odds / (1 + odds), abs=1e-9)


def test_ties_are_half_a_win_or_what_is_asked_for():
    found = rows(*HALF_AND_MORE, (TIE, [50, 100], 2))
    assert point(LengthAdjusted(), found)[0] == pytest.approx(75.0, abs=1e-9)  # 2 of 4
    odds = math.sqrt(1 / 3 * 9)  # 1 of 4
    assert point(LengthAdjusted(ties="wrong"), found)[0] == pytest.approx(100 * odds / (1 + odds), abs=1e-9)
    skipped = LengthAdjusted(ties="skip")
    assert point(skipped, found)[0] == pytest.approx(75.0, abs=1e-9)
    assert (skipped.support(found).n[0], skipped.support(found).missing[0]) == (12, 0)
    assert [LengthAdjusted(ties=ties).prepare(found).notes for ties in ("half", "wrong", "skip")] == [
        (),
        ("length-adjusted-win-rate: ties count as lost",),
        ("length-adjusted-win-rate: ties are left out",),
    ]


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([(WIN, [50, 100], 5), (WIN, [150, 100], 5)], "everything is won"),
        ([(LOSS, [50, 100], 5), (LOSS, [150, 100], 5)], "everything is lost"),
        ([(LOSS, [50, 100], 5), (WIN, [150, 100], 5)], "the ratio of lengths tells wins from losses"),
        ([(LOSS, [50, 100], 5), (WIN, [150, 100], 5), (TIE, [150, 100], 1)], "tells wins from losses"),
        ([(LOSS, [150, 100], 5), (WIN, [300, 200], 5)], "the ratio of lengths is 1.5 throughout"),
    ],
)
def test_where_no_regression_is_most_likely_there_is_no_number(counts, reason):
    found = rows(*counts)
    prepared = LengthAdjusted().prepare(found)
    assert np.isnan(prepared.values(np.ones((3, found.n_clusters)))).all()
    assert reason in prepared.why[0]
    assert LengthAdjusted().support(found).n[0] == len(found.subject)
    assert np.isnan(prepared.details["coefficient"][0])


def test_equal_lengths_throughout_leave_nothing_to_adjust():
    found = rows((WIN, [100, 100], 3), (LOSS, [80, 80], 1))
    assert point(LengthAdjusted(), found)[0] == 75.0
    assert LengthAdjusted().prepare(found).why == {}


def test_a_resample_without_losses_has_the_limit_as_its_value():
    found = rows((WIN, [50, 100], 2), (WIN, [150, 100], 2), (LOSS, [100, 100], 1), (WIN, [60, 100], 1))
    resamples = np.array([[1.0, 1, 1, 1, 0, 1], [0, 0, 1, 1, 0, 0], [0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 0]])
    values = LengthAdjusted().fit(found, resamples)[:, 0]
    assert values[0] == 100.0
    assert np.isnan(values[1])  # all won, at another ratio than 1
    assert values[2] == 0.0  # a loss at 1, a win beyond
    assert np.isnan(values[3])


def test_what_has_no_ratio_is_missing_and_told():
    lacking = [(WIN, [0, 100], 2), (WIN, [100, 0], 1), (WIN, [None, 100], 1), ([1.0, None], [9, 9], 1)]
    found = rows(*HALF_AND_MORE, *lacking)
    assert point(LengthAdjusted(), found)[0] == pytest.approx(75.0, abs=1e-9)
    support = LengthAdjusted().support(found)
    assert (support.n[0], support.missing[0]) == (12, 5)
    note = "length-adjusted-win-rate: 3 left out: an empty response has no ratio of lengths"
    assert LengthAdjusted().prepare(found).notes == ((0, note),)


def test_a_value_beyond_all_ratios_is_told():
    found = rows((WIN, [150, 100], 3), (LOSS, [150, 100], 1), (WIN, [300, 100], 1), (LOSS, [300, 100], 1))
    ((subject, note),) = LengthAdjusted().prepare(found).notes
    assert subject == 0
    assert note.endswith("its value at 1 lies beyond the ratios of lengths that there are, 1.5 to 3")
    assert LengthAdjusted(at=2.0).prepare(found).notes == ()


def test_options_are_checked():
    assert LengthAdjusted().bounds == (0.0, 100.0)
    with pytest.raises(ConfigError, match="at"):
        build(LengthAdjusted, {"at": 0.0}, "measure")
    with pytest.raises(ConfigError, match="covariate"):
        build(LengthAdjusted, {"covariate": "difference"}, "measure")


LENGTHS = st.tuples(*[st.sampled_from([None, 0, 8, 10, 12, 20])] * 2).map(list)
SAID = st.sampled_from([0.0, 0.3, 0.5, 1.0, 1.0])


@st.composite
def judged(draw):
    clusters, subjects = draw(st.integers(2, 6)), draw(st.integers(1, 2))
    made = []
    for k in range(draw(st.integers(1, 24))):
        planned = draw(st.sampled_from([(True, True), (True, False)]))
        said = [draw(SAID) if there and draw(st.integers(0, 9)) else None for there in planned]
        subject, cluster = draw(st.integers(0, subjects - 1)), draw(st.integers(0, clusters - 1))
        made.append(
            plain(subject=subject, cluster=cluster, item=k, shown=k, planned=planned, preference=said)
            | {"length": draw(LENGTHS)}
        )
    return made, clusters, subjects


def naive(own, log, skip):
    """(ratio, worth, weight) of the rows that enter, and the prediction at 1: None where there may be none."""
    entered = []
    for row, w in own:
        said = [p for p, planned in zip(row["preference"], row["planned"], strict=True) if planned]
        if None in said or None in row["length"] or 0 in row["length"]:
            continue
        mean, ratio = sum(said) / len(said), row["length"][0] / row["length"][1]
        if not (skip and mean == 0.5):
            entered.append((math.log(ratio) if log else ratio, mean, w))
    won, lost = ([x for x, y, w in entered if w and y != end] for end in (0.0, 1.0))
    if not won or not lost or min(won) >= max(lost) or min(lost) >= max(won):
        return entered, None
    x, y, w = (np.array(column) for column in zip(*entered, strict=True))
    origin = 0.0 if log else 1.0

    def loss(line):
        z = line[0] + line[1] * (x - origin)
        gap = w * (1 / (1 + np.exp(-z)) - y)
        return w @ (np.logaddexp(0, z) - y * z), np.array([gap.sum(), gap @ (x - origin)])

    best = minimize(loss, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 5000})
    return entered, 100 / (1 + math.exp(-best.x[0]))


@pytest.mark.parametrize(("log", "skip"), [(False, False), (True, False), (False, True)])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_it_equals_its_naive_twin(log, skip, data):
    made, clusters, subjects = data.draw(judged())
    found = tabled(made, clusters, subjects)
    measure = LengthAdjusted(covariate="log-ratio" if log else "ratio", ties="skip" if skip else "half")
    resamples = np.vstack([np.ones((1, clusters)), data.draw(weights(clusters))])
    fitted, support = measure.fit(found, resamples), measure.support(found)
    for subject in range(subjects):
        own = [row for row in made if row["subject"] == subject]
        for replicate, row_weights in enumerate(resamples.tolist()):
            entered, expected = naive([(row, row_weights[row["cluster"]]) for row in own], log, skip)
            assert support.n[subject] == len(entered)
            if expected is not None:
                assert fitted[replicate, subject] == pytest.approx(expected, abs=2e-3)
            elif not np.isnan(fitted[replicate, subject]) and entered:
                value, level = fitted[replicate, subject], [y for x, y, _ in entered if x == (0.0 if log else 1.0)]
                assert value in (0.0, 100.0) or level
        assert support.missing[subject] >= 0
        assert support.clusters[subject] <= min(support.n[subject], clusters)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_by_the_logarithm_two_policies_share_what_there_is(seed):
    """Of two that are compared with each other alone, the values sum to 100; by the ratio they need not."""
    rng = np.random.default_rng(seed)
    lengths, said = rng.integers(20, 90, (30, 2)).tolist(), rng.choice([0.0, 0.4, 1.0], 30).tolist()
    forth = [plain(item=k, cluster=k, preference=[said[k], said[k]], length=lengths[k]) for k in range(30)]
    back = [{**row, "subject": 1, "preference": [1 - p for p in row["preference"]], "length": row["length"][::-1]}
            for row in forth]  # fmt: skip
    found = tabled([*forth, *back], 30, 2)
    resamples = rng.integers(0, 3, (6, 30)).astype(float)
    values = LengthAdjusted(covariate="log-ratio").fit(found, resamples)
    np.testing.assert_allclose(values.sum(axis=1), 100.0, atol=1e-7)


def drawn(rng, items, level, effect, subjects=1):
    """Policies whose verdicts depend on the ratio of lengths, and on which item it is."""
    units = items * subjects
    ratio = np.exp(rng.normal(0.25, 0.35, units))
    lengths = np.stack([np.rint(1e6 * ratio), np.full(units, 1e6)], axis=1)
    chance = 1 / (1 + np.exp(-level - effect * (ratio - 1.0)))
    won = (rng.random(units) < chance).astype(float)
    one = np.column_stack([np.ones(units, bool), np.zeros(units, bool)])
    return table(
        n_clusters=items, n_subjects=subjects, subject=np.repeat(np.arange(subjects), items),
        cluster=np.tile(np.arange(items), subjects), planned=one, preference=one * won[:, None], length=lengths,
    )  # fmt: skip


def test_a_planted_effect_of_length_is_found_and_taken_away():
    """A policy that is no better at equal lengths, and wins where it is longer."""
    found = drawn(np.random.default_rng(5), 40_000, 0.0, 2.0)
    prepared = LengthAdjusted().prepare(found)
    assert prepared.values(np.ones((1, 40_000)))[0, 0] == pytest.approx(50.0, abs=1.0)
    assert prepared.details["win rate"][0] > 62.0
    assert prepared.details["coefficient"][0] == pytest.approx(2.0, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("items", "level"), [(50, 0.4), (200, -1.5), (200, 1.5)])
def test_intervals_cover_the_value_at_equal_lengths(items, level):
    """1,000 studies of 95 % intervals: uncertain by 1.4 points, twice the standard error."""
    studies, batch, strata = 1_000, 100, np.zeros(items, dtype=np.int64)
    rng = np.random.default_rng(11)
    truth, held = 100 / (1 + math.exp(-level)), {"bca": 0, "percentile": 0}
    resamples = bootstrap_counts(strata, 400, 3) * rescaling(strata)
    for _ in range(studies // batch):
        prepared = LengthAdjusted().prepare(drawn(rng, items, level, 1.0, batch))
        values = prepared.values(resamples)
        skew = acceleration(strata, prepared.values(jackknife_weights(strata)))
        centre = prepared.values(np.ones((1, items)))[0]
        for name, (low, high) in {
            "bca": bca(centre, values, skew, 0.95),
            "percentile": percentile(values, 0.95),
        }.items():
            held[name] += int(((low <= truth) & (truth <= high)).sum())
    shares = {name: 100 * count / studies for name, count in held.items()}
    print(f"{items} items, truth {truth:.1f}: {shares}")
    least = 92.0 if items < 100 else 93.0
    assert all(least <= share <= 97.0 for share in shares.values())
