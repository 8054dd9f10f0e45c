"""The leanings of a judge of judgments: published figures from counts, naive twins, and a run on `ranked`."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from tables import table

import judgebench
from judgebench.components.measures.meta_judge_bias import MetaJudgePositionBias, MetaJudgeScoreBias
from judgebench.components.measures.position_bias import PositionBias, SamePosition

FIRST, SECOND, TIE = (1.0, 1.0), (0.0, 0.0), (0.5, 0.5)
"""What both orders say, turned back: the judgment in slot 0, the one in slot 1, neither."""
AHEAD, BEHIND = (1.0, 0.0), (0.0, 1.0)
"""The first place in both orders, the second place in both."""


def judged(*rows):
    """Pairs of judgments, given (verdicts by order, scores, how many, cluster or None for one of its own)."""
    whole = [row for row in rows for _ in range(row[2] if len(row) > 2 else 1)]
    said = np.array([[math.nan if v is None else v for v in row[0]] for row in whole])
    units = len(whole)
    cluster = [row[3] if len(row) > 3 else k for k, row in enumerate(whole)]
    return table(
        n_clusters=max(cluster) + 1, n_subjects=1, subject=np.zeros(units, int), cluster=np.array(cluster),
        planned=np.ones((units, 2), bool), valid=np.isfinite(said), preference=np.nan_to_num(said),
        ratings=np.array([(math.nan, math.nan) if row[1] is None else row[1] for row in whole]),
    )  # fmt: skip


def value(measure, found):
    return float(measure.fit(found, np.ones((1, found.n_clusters)))[0, 0])


def counts(measure, found):
    support = measure.support(found)
    return int(support.n[0]), int(support.missing[0]), int(support.clusters[0])


def test_score_bias_of_the_first_iteration():
    """Meta-Rewarding, table 5: 63.04 and 36.96, here as 58 of 92 decided comparisons; ties and equal scores beside."""
    found = judged(
        (FIRST, (5, 4), 20), (SECOND, (4, 5), 5), (FIRST, (4, 5), 13), (AHEAD, (5, 3), 8), (TIE, (5, 3), 7),
        (FIRST, (4, 4), 30), (FIRST, None, 4),
    )  # fmt: skip
    measure = MetaJudgeScoreBias()
    assert round(value(measure, found), 2) == 63.04
    details = measure.prepare(found).details
    assert round(details["lower"][0], 2) == 36.96
    assert counts(measure, found) == (92, 0, 46)
    # 25 pairs lean to the higher score in both orders, 13 to the lower one, 8 to neither
    assert details["p"][0] == pytest.approx(binomtest(25, 38).pvalue)


def test_score_bias_of_the_second_iteration():
    """97.68 and 2.32, which are 337 and 8 of 345: all comparisons of one order."""
    found = judged(((1.0, None), (5, 4), 337), ((0.0, None), (5, 4), 8))
    one = table(**{**columns(found), "planned": np.stack([np.ones(345, bool), np.zeros(345, bool)], axis=1)})
    assert round(value(MetaJudgeScoreBias(), one), 2) == 97.68
    assert round(MetaJudgeScoreBias().prepare(one).details["lower"][0], 2) == 2.32
    assert counts(MetaJudgeScoreBias(), one) == (345, 0, 345)
    assert counts(MetaJudgeScoreBias(), found) == (345, 345, 345)  # had both orders been planned


def columns(found):
    names = ("n_clusters", "n_subjects", "subject", "cluster", "planned", "valid", "preference", "ratings")
    return {name: getattr(found, name) for name in names}


def test_only_pairs_whose_orders_agree():
    found = judged((FIRST, (5, 4), 3), (SECOND, (5, 4), 1), (AHEAD, (5, 4), 5), (TIE, (5, 4)), ((1.0, 0.5), (5, 4)))
    agree = MetaJudgeScoreBias(orders="agree")
    assert value(agree, found) == 75.0
    assert counts(agree, found) == (4, 0, 4)
    assert counts(agree, judged((FIRST, (5, 4)), ((1.0, None), (5, 4)))) == (1, 1, 1)
    assert value(MetaJudgeScoreBias(), found) == pytest.approx(100 * (6 + 5 + 1) / (8 + 10 + 1))


def test_position_bias_of_the_first_iteration():
    """Table 5: 47.79 of the same score, 41.12 of different ones, 43.92 of all; 362 and 501 pairs are the fewest."""
    found = judged(
        (AHEAD, (4, 4), 120), (BEHIND, (4, 4), 53), (FIRST, (4, 4), 100), (SECOND, (4, 4), 89),
        (AHEAD, (4, 5), 102), (BEHIND, (5, 4), 104), (FIRST, (5, 4), 200), (SECOND, (4.5, 4), 95),
    )  # fmt: skip
    measured = {among: MetaJudgePositionBias(among=among) for among in ("same", "different", "all")}
    figures = {among: (round(value(one, found), 2), counts(one, found)[0]) for among, one in measured.items()}
    assert figures == {"same": (47.79, 362), "different": (41.12, 501), "all": (43.92, 863)}
    details = measured["same"].prepare(found).details
    assert details["first"][0] == pytest.approx(100 * 120 / 173)
    assert details["p"][0] == pytest.approx(binomtest(120, 173).pvalue)


def test_a_tie_has_no_place_or_is_left_out():
    found = judged((AHEAD, (4, 4), 1), (FIRST, (4, 4), 1), ((1.0, 0.5), (4, 4), 1), (TIE, (4, 4), 1))
    assert value(MetaJudgePositionBias(), found) == 25.0
    skipped = MetaJudgePositionBias(ties="skip")
    assert value(skipped, found) == 50.0
    assert counts(skipped, found) == (2, 0, 2)
    half = judged((AHEAD, (4, 4), 1), ((1.0, None), (4, 4), 1))
    assert counts(MetaJudgePositionBias(), half) == counts(skipped, half) == (1, 1, 1)


def test_the_share_of_the_first_place_is_another_reading():
    found = judged((AHEAD, (4, 4), 3), (BEHIND, (4, 4), 1), (FIRST, (4, 5), 3), ((1.0, 0.5), (4, 5), 1))
    first = MetaJudgePositionBias(place="first")
    assert value(first, found) == pytest.approx(100 * (3 + 0 + 1.5 + 0.75) / 8)
    assert value(first, found) == pytest.approx(50 + value(PositionBias(), found))
    assert first.prepare(found).details["p"][0] == pytest.approx(PositionBias().prepare(found).details["p"][0])
    assert value(MetaJudgePositionBias(place="first", among="different"), found) == pytest.approx(100 * 2.25 / 4)


def test_without_scores_there_are_no_parts_and_all_is_the_plain_measure():
    found = judged((AHEAD, None, 3), (FIRST, None, 2), (BEHIND, None, 1))
    assert value(MetaJudgePositionBias(), found) == value(SamePosition(), found)
    ours, plain = MetaJudgePositionBias().prepare(found).details, SamePosition().prepare(found).details
    assert {name: float(ours[name][0]) for name in ("first", "p")} == {name: float(plain[name][0]) for name in plain}
    parts = [MetaJudgePositionBias(among=among) for among in ("same", "different")]
    for measure in (*parts, MetaJudgeScoreBias()):
        assert math.isnan(value(measure, found))
        assert counts(measure, found) == (0, 0, 0)


VERDICT = st.sampled_from([None, 0.0, 0.25, 0.5, 1.0, 1.0])
SCORES = st.one_of(st.none(), st.tuples(*[st.sampled_from([3.0, 4.0, 4.5])] * 2))
ROWS = st.lists(st.tuples(st.tuples(VERDICT, VERDICT), SCORES, st.just(1), st.integers(0, 3)), min_size=1, max_size=16)


def sign(x):
    return (x > 0) - (x < 0)


def score_bias(row, agree):
    """(worth, entered, planned) of a pair, in comparisons."""
    said, scores = [None if v is None else sign(v - 0.5) for v in row[0]], row[1]
    if scores is None or scores[0] == scores[1]:
        return 0, 0, 0
    if agree:
        if None in said:
            return 0, 0, 1
        same = said[0] == said[1] != 0
        return int(same and said[0] == sign(scores[0] - scores[1])), int(same), int(same)
    decided = [v for v in said if v]
    return sum(v == sign(scores[0] - scores[1]) for v in decided), len(decided), 2 - said.count(0)


def position_bias(row, among, place, skip):
    said, scores = [None if v is None else sign(v - 0.5) for v in row[0]], row[1]
    if among != "all" and (scores is None or (scores[0] == scores[1]) != (among == "same")):
        return 0, 0, 0
    if None in said:
        return 0, 0, 1
    if skip and 0 in said:
        return 0, 0, 0
    places = [said[0], -said[1]]
    return (int(places[0] == places[1] != 0) if place == "same" else sum((p + 1) / 4 for p in places)), 1, 1


CASES = {
    "score": (MetaJudgeScoreBias(), lambda row: score_bias(row, False)),
    "score, agree": (MetaJudgeScoreBias(orders="agree"), lambda row: score_bias(row, True)),
    "position": (MetaJudgePositionBias(), lambda row: position_bias(row, "all", "same", False)),
    "position, same": (MetaJudgePositionBias(among="same"), lambda row: position_bias(row, "same", "same", False)),
    "position, different, skip": (
        MetaJudgePositionBias(among="different", ties="skip"),
        lambda row: position_bias(row, "different", "same", True),
    ),
    "position, first": (MetaJudgePositionBias(place="first"), lambda row: position_bias(row, "all", "first", False)),
    "position, same, first, skip": (
        MetaJudgePositionBias(among="same", place="first", ties="skip"),
        lambda row: position_bias(row, "same", "first", True),
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
@given(rows=ROWS, data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_measure_equals_its_twin(name, rows, data):
    (measure, twin), found = CASES[name], judged(*rows)
    one = st.lists(st.integers(0, 3), min_size=found.n_clusters, max_size=found.n_clusters)
    resamples = np.array(data.draw(st.lists(one, min_size=1, max_size=3)), dtype=float)
    told = [(*twin(row), row[3]) for row in rows]
    for replicate, weights in enumerate(resamples.tolist()):
        total = sum(weights[cluster] * entered for _, entered, _, cluster in told)
        expected = 100 * sum(weights[cluster] * won for won, _, _, cluster in told) / total if total else math.nan
        assert measure.fit(found, resamples)[replicate, 0] == pytest.approx(expected, abs=1e-9, nan_ok=True)
    entered = sum(n for _, n, _, _ in told)
    clusters = {cluster for _, n, _, cluster in told if n}
    assert counts(measure, found) == (entered, sum(planned for _, _, planned, _ in told) - entered, len(clusters))


@pytest.mark.parametrize("name", sorted(CASES))
@given(rows=ROWS)
@settings(max_examples=20, deadline=None)
def test_it_does_not_matter_which_judgment_lies_in_which_slot(name, rows):
    measure, _ = CASES[name]
    turned = [
        (tuple(None if v is None else 1 - v for v in said[::-1]), scores and scores[::-1], n, cluster)
        for said, scores, n, cluster in rows
    ]
    straight, other = judged(*rows), judged(*turned)
    assert value(measure, other) == pytest.approx(value(measure, straight), abs=1e-9, nan_ok=True)
    for detail, column in measure.prepare(straight).details.items():
        np.testing.assert_allclose(measure.prepare(other).details[detail], column, atol=1e-9)


def test_a_run_on_ranked_needs_nothing_else(tmp_path):
    """A judge of two judgments that takes the higher score where scores differ, else the second place."""
    rows = [
        {"prompt": "which?", "responses": ["so it is: 4", "so it is: 5"], "ratings": [4, 5], "cluster": "p1"},
        {"prompt": "which?", "responses": ["so it is: 5", "but it is: 4"], "ratings": [5, 4], "cluster": "p1"},
        {"prompt": "which?", "responses": ["so it is: 4", "but it is: 4"], "ratings": [4, 4], "cluster": "p2"},
    ]
    (tmp_path / "meta.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "template.txt").write_text("{{ question }}\nA {{ answers[0] }}\nB {{ answers[1] }}\nWinner?")
    rules = [
        {"match": "5\nB", "reply": "[[A]]"},
        {"match": "4\nWinner", "reply": "[[B]]"},
        {"match": "5\nWinner", "reply": "[[B]]"},
    ]
    (tmp_path / "rules.jsonl").write_text("\n".join(map(json.dumps, rules)))
    judge = {"judge": "verdict", "model": f"scripted:{tmp_path}/rules.jsonl", "order": "both"}
    board = judgebench.run(
        {
            "benchmark": f"ranked:{tmp_path}/meta.jsonl",
            "judges": {"meta": {**judge, "template": f"{tmp_path}/template.txt"}},
            "measures": [
                "meta-judge-score-bias",
                "meta-judge-position-bias",
                "meta-judge-position-bias,among=same",
                "meta-judge-position-bias,among=different",
            ],
            "out": str(tmp_path / "run"),
        }
    )
    found = {row.measure: (row.value, row.n, row.missing) for row in board.estimates}
    assert found == {
        "meta-judge-score-bias": (100.0, 4, 0),
        "meta-judge-position-bias": (pytest.approx(100 / 3), 3, 0),
        "meta-judge-position-bias,among=same": (100.0, 1, 0),
        "meta-judge-position-bias,among=different": (0.0, 2, 0),
    }
