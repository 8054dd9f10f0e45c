"""tokens and seconds: means over the verdicts that were asked, by hand and through a run."""

import json

import numpy as np
import pytest
from tables import table

from judgebench import app
from judgebench.components.measures.usage import Seconds, Tokens


def asked(tokens, seconds, **columns):
    units = len(tokens)
    return table(
        n_clusters=units, n_subjects=1, subject=np.zeros(units, int), cluster=np.arange(units),
        planned=np.ones((units, 2), bool), preference=np.zeros((units, 2)),
        tokens=np.array(tokens, float), seconds=np.array(seconds, float), **columns,
    )  # fmt: skip


def value(measure, found):
    return float(measure.fit(found, np.ones((1, found.n_clusters)))[0, 0])


def test_each_order_that_was_asked_counts_whether_or_not_it_has_a_verdict():
    nothing = (np.nan, np.nan)
    found = asked(
        [[(100, 10), (100, 30)], [(200, 50), nothing]],
        [[1.0, 3.0], [5.0, np.nan]],
        asked=np.array([[True, True], [True, False]]),
        valid=np.array([[True, False], [False, False]]),
    )
    assert value(Tokens(), found) == pytest.approx(30)
    assert value(Tokens(count="input"), found) == pytest.approx(400 / 3)
    assert value(Tokens(count="both"), found) == pytest.approx(490 / 3)
    assert value(Seconds(), found) == pytest.approx(3.0)
    support = Seconds().support(found)
    assert (support.n[0], support.missing[0], support.clusters[0]) == (3, 1, 2)


def test_what_was_never_measured_has_no_estimate():
    found = asked([[(5, 5), (5, 5)]], [[np.nan, np.nan]])
    assert np.isnan(value(Seconds(), found))
    assert value(Tokens(), found) == 5


def test_a_run_records_what_its_verdicts_cost(tmp_path):
    rules = tmp_path / "rules.jsonl"
    rules.write_text(json.dumps({"reply": "one two [[A]]"}))
    board = app.run(
        {
            "benchmark": "starter",
            "limit": 3,
            "judges": {"v": f"verdict@scripted:{rules}", "r": f"rating@scripted:{rules}", "longer": "longer"},
            "measures": ["tokens", "seconds"],
            "out": str(tmp_path / "run"),
        }
    )
    tokens = {row.subject: row.value for row in board.estimates if row.measure == "tokens"}
    assert tokens == {"v": 3.0, "r": 6.0, "longer": 0.0}  # a rating is two samples; nobody is asked by `longer`
    seconds = {row.subject: row.value for row in board.estimates if row.measure == "seconds"}
    assert seconds["longer"] == 0.0
    assert seconds["v"] >= 0.0
