"""Snapshots of the three reports, and the JSON schema that stays stable."""

import csv
import io
import json
from dataclasses import replace

from judgebench import Comparison, Estimate, Leaderboard
from judgebench.components.reports.csv import COMPONENT as Csv
from judgebench.components.reports.json import COMPONENT as Json
from judgebench.components.reports.markdown import COMPONENT as Markdown

BOARD = Leaderboard(
    "First board",
    "starter",
    "corrected",
    (
        Estimate("starter", "iter2", "lp", "win-rate", 61.25, 55.04, 67.46, 0.95, 64, 0, "bca", 3.2, 1, 1, {"C": 2.5}),
        Estimate("starter", "iter1|a", "lp", "win-rate", 40.0, 33.0, 47.0, 0.95, 60, 4, "bca", 3.6, 2, 3),
        Estimate("starter", "base", "lp", "win-rate", 38.0, 32.0, 46.0, 0.95, 64, 0, "bca", 3.5, 2, 3),
        Estimate("starter", "lp", None, "miss-rate", 0.0, 0.0, 5.66, 0.95, 128, 0, "wilson", 0.0, 1, 1),
        Estimate("starter", "iter2", None, "average-length", 310.5, 280.25, 340.0, 0.95, 64, 0, "bca", 15.0),
    ),
    (
        Comparison(
            "starter", "lp", "win-rate", "iter2", "iter1|a", 21.25, 14.0, 28.5, 0.95, 3.7, 60, "x", 1e-4, 1e-4, 3
        ),
        Comparison("starter", "lp", "win-rate", "iter1|a", "base", 2.0, -4.5, 8.25, 0.95, 3.2, 60, "x", 0.4, 0.4, 3),
    ),
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
                "sources": {"rows.csv": ["someone/data@1 sha256:ab"]},
                "evidence": "0123456789abcdef",
                "notes": ["3 of 64 answers of iter2 were cut at its max_tokens"],
            }
        ]
    },
)

EXPECTED = """\
# First board

## win-rate, judged by lp

|   rank |   tier | subject   |   estimate |   95 % interval |           lead over next |   n |   missing |
|--------|--------|-----------|------------|-----------------|--------------------------|-----|-----------|
|      1 |      1 | iter2     |       61.2 |    55.0 to 67.5 | +21.2 (+14.0 to +28.5) * |  64 |         0 |
| 2 to 3 |      2 | iter1\\|a  |       40.0 |    33.0 to 47.0 |      +2.0 (-4.5 to +8.2) |  60 |         4 |
| 2 to 3 |      2 | base      |       38.0 |    32.0 to 46.0 |                          |  64 |         0 |

## miss-rate

|   rank | subject   |   estimate |   95 % interval |   n |   missing |
|--------|-----------|------------|-----------------|-----|-----------|
|      1 | lp        |        0.0 |  0.0 to 5.7 (w) | 128 |         0 |

## average-length

|   rank | subject   |   estimate |   95 % interval |   n |   missing |
|--------|-----------|------------|-----------------|-----|-----------|
|      - | iter2     |      310.5 |  280.2 to 340.0 |  64 |         0 |

- 3 of 64 answers of iter2 were cut at its max_tokens
- (w): all items alike, where resampling sees no spread: Wilson's interval
- ranks: those that the comparisons of all pairs leave open at 5 % (step-down max-T, \
family-wise); *: separable from the next
- tiers: nobody in one is separable from its first by rank

starter: 64 items, seed 7, bca on 10000 resamples of items within strata, judgebench 0.1.0, toys 1/2, \
evidence 0123456789ab.

Data: rows.csv from someone/data@1 sha256:ab.
"""


def test_markdown():
    assert Markdown().render(BOARD) == EXPECTED


def test_where_neither_end_is_better_nobody_leads():
    """Steps of a training are compared on such a measure, too."""
    rows = [
        Estimate("b", name, None, "average-length", v, v, v, 0.95, 9, 0, "bca", 1.0) for name, v in (("y", 9), ("x", 8))
    ]
    found = Comparison("b", None, "average-length", "y", "x", 1.0, 0.5, 1.5, 0.95, 0.2, 9, "x", 0.01, 0.01, 1)
    shown = Markdown().render(Leaderboard("t", "b", "corrected", tuple(rows), (found,)))
    assert "lead" not in shown.partition("\n- ")[0]


def test_markdown_of_nothing_says_so():
    assert "No estimate: no measure found data." in Markdown().render(Leaderboard("t", "b", "corrected", ()))


def test_json_numbers_do_not_show_where_they_were_computed():
    here = replace(BOARD, estimates=(replace(BOARD.estimates[0], value=100 / 3),))
    there = replace(BOARD, estimates=(replace(BOARD.estimates[0], value=100 / 3 * (1 + 1e-15)),))
    assert here != there
    assert Json().render(here) == Json().render(there)


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
        "standard_error": 3.2,
        "rank_low": 1,
        "rank_high": 1,
        "details": {"C": 2.5},
    }
    assert values["estimates"][3]["judge"] is None
    assert values["comparisons"][0] == {
        "benchmark": "starter",
        "judge": "lp",
        "measure": "win-rate",
        "a": "iter2",
        "b": "iter1|a",
        "difference": 21.25,
        "low": 14.0,
        "high": 28.5,
        "confidence": 0.95,
        "standard_error": 3.7,
        "clusters": 60,
        "test": "x",
        "p": 1e-4,
        "p_adjusted": 1e-4,
        "family": 3,
    }


def test_official_mode_shows_the_published_error():
    text = Markdown().render(replace(BOARD, mode="official"))
    assert "s.e." in text
    assert "3.20" in text
    assert "official code" in text


def test_csv_round_trips():
    rows = list(csv.DictReader(io.StringIO(Csv().render(BOARD))))
    assert len(rows) == 5
    assert rows[1]["subject"] == "iter1|a"
    assert (rows[1]["rank_low"], rows[1]["rank_high"]) == ("2", "3")
    assert rows[3]["judge"] == ""
    assert rows[4]["rank_low"] == ""
    assert float(rows[0]["value"]) == 61.25


def test_a_measure_with_a_test_of_its_own_shows_its_p_value():
    rows = [
        Estimate("b", name, None, "position-bias", 5.0, 1.0, 9.0, 0.95, 30, 0, "bca", 2.0, details=details)
        for name, details in (("x", {"p": 0.0421}), ("y", {"p": 4e-9}), ("z", {}), ("w", {"p": 1.0, "first": 50.0}))
    ]
    shown = Markdown().render(replace(BOARD, estimates=tuple(rows), comparisons=()))
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines() if line.startswith("|")]
    assert lines[0] == ["rank", "subject", "estimate", "95 % interval", "p", "n", "missing"]
    assert [line[4] for line in lines[2:]] == ["0.042", "< 0.001", "", "1.000"]


def test_a_number_between_two_digits_reads_as_in_the_data():
    """55 of 80 are 68.75 %, or a hair less: the data of a board keep ten digits, and its rendering reads no more."""
    first, *rest = BOARD.estimates
    below, exact = (
        Markdown().render(replace(BOARD, estimates=(replace(first, high=high), *rest)))
        for high in (68.74999999999999, 68.75)
    )
    assert below == exact
