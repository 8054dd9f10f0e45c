"""From a hand-written record to estimates: turned-back verdicts, missing units, intervals, names."""

from pathlib import Path

import pytest
from toys import known

from judgebench import DataError, Item, Miss, Preference, Response, Score, app
from judgebench.engine.columns import Axis
from judgebench.engine.units import first_slot
from judgebench.stats import wilson
from judgebench.store.lines import AnswerLine, ItemLine, VerdictLine
from judgebench.store.manifest import Manifest, Planned, Subject, save
from judgebench.store.record import Record

MEASURES = ("win-rate", "accuracy", "position-consistency", "position-bias", "miss-rate", "average-length")
JUDGE, POLICY = Subject("judge", "J", {"a": 1}), Subject("policy", "P", {"b": 2})


def write(folder: Path, lines, items, policies=(POLICY,), seed=0, order="both"):
    keys = [policy.key for policy in policies] or [None]
    planned = tuple(Planned(JUDGE.key, key, order, 1, "all") for key in keys)
    chosen = {"all": tuple(item.id for item in items)}
    software = {"judgebench": ("0",)}
    save(folder, Manifest("toy", {}, ("x",), MEASURES, seed, (JUDGE, *policies), planned, chosen, software))
    with Record(folder) as record:
        record.append([ItemLine(item) for item in items])
        record.append(lines)
    return folder


def items(n, **more):
    return [Item(f"i{k:02d}", ("q",), baseline=Response(("base",), "baseline"), **more) for k in range(n)]


def answer(k, text="x", policy=POLICY, finish=None):
    return AnswerLine(policy.key, f"i{k:02d}", Response((text,), "m", (finish,)))


def verdict(k, probs, order, slots=(POLICY.key, "baseline"), **more):
    preference = None if probs is None else Preference(probs)
    return VerdictLine(JUDGE.key, f"i{k:02d}", slots, order, 0, preference=preference, **more)


def estimates(folder, **inference):
    board = app.leaderboard([folder], known(), replicates=500, **inference)
    return {row.measure: row for row in board.estimates}, board


def test_shown_order_is_turned_back_once(tmp_path):
    lines = [answer(k) for k in range(4)]
    for k in range(4):
        lines += [verdict(k, (0.9, 0.1), (0, 1)), verdict(k, (0.3, 0.7), (1, 0))]
    found, _ = estimates(write(tmp_path, lines, items(4)))
    assert found["win-rate"].value == pytest.approx(80.0)
    assert found["position-consistency"].value == 100.0
    assert found["position-bias"].value == pytest.approx(10.0)
    assert (found["win-rate"].subject, found["win-rate"].judge, found["position-bias"].subject) == ("P", "J", "J")


def test_a_trial_that_was_planned_and_never_made_is_missing(tmp_path):
    lines = [answer(0), answer(1), answer(2), verdict(0, (1.0, 0.0), (0, 1)), verdict(0, (0.0, 1.0), (1, 0))]
    lines += [verdict(1, (1.0, 0.0), (0, 1)), verdict(1, None, (1, 0), miss=Miss("read", "no verdict"))]
    found, board = estimates(write(tmp_path, lines, items(4)))
    assert (found["win-rate"].n, found["win-rate"].missing) == (1, 3)
    assert found["miss-rate"].value == pytest.approx(100 * 1 / 4)
    assert (found["miss-rate"].n, found["miss-rate"].missing) == (4, 4)
    assert (found["average-length"].n, found["average-length"].missing) == (3, 1)
    notes = board.provenance["runs"][0]["notes"]
    assert "1 verdict of J is missing: no verdict" in notes
    assert "2 planned verdicts of J were not asked yet: run the same command again" in notes
    assert "2 verdicts of J wait for answers that P did not give" in notes


def test_no_data_gives_no_estimate(tmp_path):
    found, board = estimates(write(tmp_path, [], items(3)))
    assert found == {}
    assert "No estimate: no measure found data." in app.render(board, "markdown", known())
    notes = board.provenance["runs"][0]["notes"]
    assert notes == ["6 verdicts of J wait for answers that P did not give"]  # nothing about measures nobody named


def notes_on(folder, *measures):
    return app.leaderboard([folder], known(), measures=measures, replicates=100).provenance["runs"][0]["notes"]


def test_a_named_measure_without_data_says_why(tmp_path):
    ready = (Response(("a",), "a"), Response(("b",), "b"))
    unlabelled = write(tmp_path / "1", [], items(2, responses=ready), policies=(), order="seeded")
    assert "measure win-rate: no data (no policy in the run)" in notes_on(unlabelled, "win-rate", "miss-rate")
    assert "measure average-length: no data (no policy in the run)" in notes_on(unlabelled, "average-length")
    assert "measure accuracy: no data (no gold labels)" in notes_on(unlabelled, "accuracy")
    assert "measure position-bias: no data (one order only)" in notes_on(unlabelled, "position-bias")
    assert "measure miss-rate: no data (all 2 that were planned are missing)" in notes_on(unlabelled, "miss-rate")
    assert "measure position-consistent-accuracy: no data (no unit enters it)" in notes_on(
        unlabelled, "position-consistent-accuracy"
    )
    policy = write(tmp_path / "2", [answer(0), answer(1)], items(2))
    assert not [note for note in notes_on(policy, "average-length") if "no data" in note]


def test_the_board_says_which_direction_is_better(tmp_path):
    _, board = estimates(write(tmp_path, [answer(0)], items(1)))
    measures = board.provenance["runs"][0]["measures"]
    assert list(measures) == list(MEASURES)
    assert measures["miss-rate"] == {"unit": "%", "better": "lower"}
    assert measures["position-bias"] == {"unit": "points", "better": None}


def test_all_alike_takes_wilsons_interval_over_clusters(tmp_path):
    lines = [answer(k) for k in range(10)]
    for k in range(10):
        lines += [verdict(k, (1.0, 0.0), (0, 1)), verdict(k, (0.0, 1.0), (1, 0))]
    found, _ = estimates(write(tmp_path, lines, items(10)))
    low, high = wilson(10, 10, 0.95)
    assert (found["win-rate"].low, found["win-rate"].high) == (100 * low, 100 * high)
    assert found["win-rate"].method == "wilson"
    assert found["position-bias"].value == 0.0
    low, high = wilson(5, 10, 0.95)
    assert (found["position-bias"].low, found["position-bias"].high) == (100 * low - 50, 100 * high - 50)
    assert found["average-length"].method == "bca"  # it has no bounds


@pytest.mark.parametrize("interval", ["bca", "percentile"])
def test_a_judge_that_always_says_first_gets_an_interval_of_its_bias(tmp_path, interval):
    lines = [answer(k) for k in range(40)]
    for k in range(40):
        lines += [verdict(k, (0.8, 0.2), (0, 1)), verdict(k, (0.8, 0.2), (1, 0))]
    lines += [answer(40), verdict(40, (0.8, 0.2), (0, 1)), verdict(40, None, (1, 0), miss=Miss("read", "?"))]
    found, _ = estimates(write(tmp_path, lines, items(41)), interval=interval)
    bias = found["position-bias"]
    low, high = wilson(0.8 * 40, 40, 0.95)
    assert bias.value == pytest.approx(30.0)
    assert (bias.low, bias.high) == pytest.approx((100 * low - 50, 100 * high - 50))
    assert bias.method == "wilson"


def test_a_bias_near_its_bounds_is_warned_about(tmp_path):
    lines = [answer(k) for k in range(40)]
    for k in range(40):
        lines += [verdict(k, (1.0, 0.0), (0, 1)), verdict(k, (1.0 - 0.5 * (k == 0), 0.5 * (k == 0)), (1, 0))]
    _, board = estimates(write(tmp_path, lines, items(40)))
    assert any(
        "position-bias within 5 points of the border" in note and note.endswith(": J")
        for note in board.provenance["runs"][0]["notes"]
    )


def test_small_strata_do_not_narrow_an_interval(tmp_path):
    lines = [answer(k) for k in range(40)]
    for k in range(40):
        won = float(k % 4 in (0, 3))
        lines += [verdict(k, (won, 1 - won), (0, 1)), verdict(k, (1 - won, won), (1, 0))]
    alone = estimates(write(tmp_path / "a", lines, items(40)))[0]["win-rate"]
    paired = [Item(f"i{k:02d}", ("q",), baseline=Response(("b",), "baseline"), stratum=f"s{k // 2}") for k in range(40)]
    small = estimates(write(tmp_path / "b", lines, paired))[0]["win-rate"]
    assert (small.value, small.low, small.high) == (alone.value, alone.low, alone.high)
    assert set(Axis.of(paired).strata.tolist()) == {0}


def test_the_seed_moves_intervals_and_no_point_estimate(tmp_path):
    lines = [answer(k) for k in range(12)]
    for k in range(12):
        lines += [verdict(k, (k / 12, 1 - k / 12), (0, 1)), verdict(k, (0.0, 1.0), (1, 0))]
    folder = write(tmp_path, lines, items(12))
    one, other = (estimates(folder, seed=seed)[0]["win-rate"] for seed in (1, 2))
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)
    narrow = estimates(folder, confidence=0.5)[0]["win-rate"]
    assert narrow.high - narrow.low < one.high - one.low
    assert estimates(folder, interval="percentile")[0]["win-rate"].method == "percentile"


def test_items_of_a_cluster_are_resampled_together(tmp_path):
    lines = [answer(k) for k in range(40)]
    for k in range(40):
        won = 1.0 if (k // 4) % 2 else 0.0
        lines += [verdict(k, (won, 1 - won), (0, 1)), verdict(k, (1 - won, won), (1, 0))]
    alone = estimates(write(tmp_path / "a", lines, items(40)))[0]["win-rate"]
    together = [
        Item(f"i{k:02d}", ("q",), baseline=Response(("b",), "baseline"), cluster=f"c{k // 4}") for k in range(40)
    ]
    joint = estimates(write(tmp_path / "b", lines, together))[0]["win-rate"]
    assert joint.value == alone.value == 50.0
    assert 1.6 < (joint.high - joint.low) / (alone.high - alone.low) < 2.4


def test_a_cluster_in_two_strata_is_an_error(tmp_path):
    split = [
        Item(f"i{k:02d}", ("q",), baseline=Response(("b",), "baseline"), cluster="c", stratum=str(k)) for k in (0, 1)
    ]
    with pytest.raises(DataError, match="two strata"):
        estimates(write(tmp_path, [], split))


def test_answers_cut_short_are_noted(tmp_path):
    lines = [answer(0, finish="length"), answer(1, finish="stop"), answer(2, finish="content_filter")]
    _, board = estimates(write(tmp_path, lines, items(3)))
    notes = board.provenance["runs"][0]["notes"]
    assert "1 of 3 answers of P were cut at its max_tokens" in notes
    assert "1 of 3 answers of P were stopped by a content filter" in notes


def test_better_subjects_stand_first_and_names_are_told_apart(tmp_path):
    twin = Subject("policy", "P", {"b": 3})
    lines = [answer(k) for k in range(3)] + [answer(k, policy=twin) for k in range(3)]
    for k in range(3):
        for order, probs in (((0, 1), (0.4, 0.6)), ((1, 0), (0.6, 0.4))):
            lines += [verdict(k, probs, order), verdict(k, probs[::-1], order, slots=(twin.key, "baseline"))]
    folder = write(tmp_path, lines, items(3), policies=(POLICY, twin))
    board = app.leaderboard([folder], known(), measures=["win-rate"], replicates=100)
    assert [row.subject for row in board.estimates] == [twin.key, POLICY.key]


@pytest.mark.parametrize(
    ("verdict", "order", "expected"),
    [
        (Preference((0.2, 0.8)), (0, 1), 0.2),
        (Preference((0.2, 0.8)), (1, 0), 0.8),
        (Score((3.0, 1.0)), (0, 1), 1.0),
        (Score((3.0, 1.0)), (1, 0), 0.0),
        (Score((2.0, 2.0)), (1, 0), 0.5),
        (Preference((0.1, 0.2, 0.7)), (2, 0, 1), 0.2),
    ],
)
def test_first_slot(verdict, order, expected):
    assert first_slot(verdict, order) == expected


def test_verdicts_on_a_policy_called_as_the_baseline_are_asked_like_others(tmp_path):
    policy = Subject("policy", "baseline", {"b": 2})
    lines = [answer(k, policy=policy) for k in range(3)]
    lines += [
        verdict(k, (0.9, 0.1), order, slots=(policy.key, "baseline")) for k in range(3) for order in ((0, 1), (1, 0))
    ]
    found, _ = estimates(write(tmp_path, lines, items(3), policies=(policy,)))
    assert (found["miss-rate"].n, found["miss-rate"].missing) == (6, 0)
