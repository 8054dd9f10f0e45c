"""From a hand-written record to estimates: turned-back verdicts, missing units, intervals, names."""

from pathlib import Path

import pytest
from toys import known

from judgebench import DataError, Item, Miss, Preference, Response, Score, app
from judgebench.engine.columns import first_slot
from judgebench.stats import wilson
from judgebench.store.lines import AnswerLine, ItemLine, VerdictLine
from judgebench.store.manifest import Manifest, Planned, Subject, save
from judgebench.store.record import Record

MEASURES = ("win-rate", "accuracy", "position-consistency", "position-bias", "miss-rate", "average-length")
JUDGE, POLICY = Subject("judge", "J", {"a": 1}), Subject("policy", "P", {"b": 2})


def write(folder: Path, lines, items, policies=(POLICY,), seed=0, order="both"):
    keys = [policy.key for policy in policies] or [None]
    planned = tuple(Planned(JUDGE.key, key, order, 1, len(items)) for key in keys)
    save(folder, Manifest("toy", {}, ("x",), MEASURES, seed, (JUDGE, *policies), planned, {"judgebench": ("0",)}))
    with Record(folder) as record:
        record.append([ItemLine(item, rank) for rank, item in enumerate(items)])
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
    assert found["miss-rate"].value == pytest.approx(100 * 5 / 8)
    assert (found["average-length"].n, found["average-length"].missing) == (3, 1)
    assert "1 verdicts of J are missing: no verdict" in board.provenance["runs"][0]["notes"]


def test_no_data_gives_no_estimate(tmp_path):
    found, board = estimates(write(tmp_path, [], items(3)))
    assert set(found) == {"miss-rate"}
    assert found["miss-rate"].value == 100.0
    assert "## miss-rate" in app.render(board, "markdown", known())


def test_all_alike_takes_wilsons_interval_over_clusters(tmp_path):
    lines = [answer(k) for k in range(10)]
    for k in range(10):
        lines += [verdict(k, (1.0, 0.0), (0, 1)), verdict(k, (0.0, 1.0), (1, 0))]
    found, _ = estimates(write(tmp_path, lines, items(10)))
    low, high = wilson(10, 10, 0.95)
    assert (found["win-rate"].low, found["win-rate"].high) == (100 * low, 100 * high)
    assert found["win-rate"].method == "wilson"
    assert found["position-bias"].method == "bca"


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
    lines = [answer(0, finish="length"), answer(1, finish="stop")]
    _, board = estimates(write(tmp_path, lines, items(2)))
    assert "1 of 2 answers of P were cut at its max_tokens" in board.provenance["runs"][0]["notes"]


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
