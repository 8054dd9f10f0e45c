"""Snapshots of the three reports, and the JSON schema that stays stable."""

import csv
import io
import json
from dataclasses import replace

from judgebench import Estimate, Leaderboard
from judgebench.components.reports.csv import COMPONENT as Csv
from judgebench.components.reports.json import COMPONENT as Json
from judgebench.components.reports.markdown import COMPONENT as Markdown

BOARD = Leaderboard(
    "First board",
    "starter",
    "corrected",
    (
        Estimate("starter", "iter2", "lp", "win-rate", 61.25, 55.04, 67.46, 0.95, 64, 0, "bca"),
        Estimate("starter", "iter1|a", "lp", "win-rate", 40.0, 33.0, 47.0, 0.95, 60, 4, "bca"),
        Estimate("starter", "lp", None, "miss-rate", 0.0, 0.0, 5.66, 0.95, 128, 0, "wilson"),
    ),
    (),
    {
        "runs": [
            {
                "benchmark": "starter",
                "items": 64,
                "seed": 7,
                "interval": "bca",
                "replicates": 10000,
                "measures": {
                    "win-rate": {"unit": "%", "better": "higher"},
                    "miss-rate": {"unit": "%", "better": "lower"},
                    "position-bias": {"unit": "points", "better": None},
                },
                "software": {"judgebench": ["0.1.0"], "toys": ["1", "2"]},
                "evidence": "0123456789abcdef",
                "notes": ["3 of 64 answers of iter2 were cut at its max_tokens"],
            }
        ]
    },
)

EXPECTED = """\
# First board

## win-rate, judged by lp

|   rank | subject   |   estimate |   95 % interval |   n |   missing |
|--------|-----------|------------|-----------------|-----|-----------|
|      1 | iter2     |       61.2 |    55.0 to 67.5 |  64 |         0 |
|      2 | iter1\\|a  |       40.0 |    33.0 to 47.0 |  60 |         4 |

## miss-rate

|   rank | subject   |   estimate |   95 % interval |   n |   missing |
|--------|-----------|------------|-----------------|-----|-----------|
|      1 | lp        |        0.0 |  0.0 to 5.7 (w) | 128 |         0 |

- 3 of 64 answers of iter2 were cut at its max_tokens
- (w): all items alike, where resampling sees no spread: Wilson's interval

starter: 64 items, seed 7, bca on 10000 resamples of items within strata, judgebench 0.1.0, toys 1/2, \
evidence 0123456789ab.
"""


def test_markdown():
    assert Markdown().render(BOARD) == EXPECTED


def ranks(measure, *values):
    rows = [Estimate("starter", f"s{k}", None, measure, v, v, v, 0.95, 9, 0, "bca") for k, v in enumerate(values)]
    text = Markdown().render(replace(BOARD, estimates=tuple(rows)))
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")][2:]


def test_equal_values_share_a_rank_and_no_direction_gives_none():
    assert ranks("win-rate", 70.0, 60.0, 60.0 + 1e-13, 50.0) == ["1", "2", "2", "4"]
    assert ranks("miss-rate", 0.0, 0.0, 5.0) == ["1", "1", "3"]
    assert ranks("position-bias", 20.0, -3.0) == ["-", "-"]
    assert ranks("of-another-board", 20.0, 3.0) == ["-", "-"]


def test_markdown_of_nothing_says_so():
    assert "No estimate: no measure found data." in Markdown().render(Leaderboard("t", "b", "corrected", ()))


def test_json_has_the_stable_schema():
    values = json.loads(Json().render(BOARD))
    assert list(values) == ["schema", "title", "benchmark", "mode", "estimates", "comparisons", "provenance"]
    assert values["schema"] == 1
    assert values["estimates"][0] == {
        "benchmark": "starter",
        "subject": "iter2",
        "judge": "lp",
        "measure": "win-rate",
        "value": 61.25,
        "low": 55.04,
        "high": 67.46,
        "confidence": 0.95,
        "n": 64,
        "missing": 0,
        "method": "bca",
    }
    assert values["estimates"][2]["judge"] is None
    assert values["comparisons"] == []


def test_csv_round_trips():
    rows = list(csv.DictReader(io.StringIO(Csv().render(BOARD))))
    assert len(rows) == 3
    assert rows[1]["subject"] == "iter1|a"
    assert rows[2]["judge"] == ""
    assert float(rows[0]["value"]) == 61.25
