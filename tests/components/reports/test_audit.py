"""The page of a judge: what it says of a board worked out by hand."""

from dataclasses import replace

import pytest

from judgebench import Comparison, Estimate, Leaderboard
from judgebench.components.reports.audit import COMPONENT as Audit
from judgebench.components.reports.audit_thresholds import CHECKS, OURS


def estimate(measure, value, low, high, subject="mine", benchmark="starter", n=64, missing=0, method="bca"):
    return Estimate(benchmark, subject, None, measure, value, low, high, 0.95, n, missing, method, 1.0)


def votes(measure, difference, low, high):
    return Comparison(
        "mt", None, measure, "humans", "mine", -difference, -high, -low, 0.95, 1.0, 40, "bootstrap", 0.5, 0.5, 1
    )


def run(benchmark, items, note):
    return {
        "benchmark": benchmark, "items": items, "seed": 0, "interval": "bca", "replicates": 100,
        "software": {"judgebench": ["0.1.0"]}, "evidence": "0123456789abcdef", "notes": [note],
    }  # fmt: skip


BOARD = Leaderboard(
    "mine",
    "mt, starter",
    "corrected",
    (
        estimate("agreement-s2/turn-1", 71.25, 60.0, 80.0, benchmark="mt", n=80),
        estimate("agreement-s2/turn-1", 81.0, 75.0, 85.0, "humans", "mt", 479),
        estimate("position-consistency", 70.0, 66.0, 80.0, benchmark="mt", n=40),
        estimate("accuracy", 62.5, 50.0, 74.0),
        estimate("position-consistency", 31.25, 14.5, 44.0, n=128),
        estimate("position-bias", 9.0, 3.0, 13.0, n=128),
        estimate("miss-rate", 0.0, 0.0, 5.7, n=250, missing=6, method="wilson"),
        estimate("length-bias", 80.0, 70.0, 90.0),
        estimate("win-rate", 1.0, 0.0, 2.0),
    ),
    (votes("agreement-s2/turn-1", -9.75, -20.0, -1.0),),
    {"runs": [run("mt", 40, "a note"), run("starter", 64, "another note")]},
)

SHOWN = """\
# Audit: mine

**Fails: position-consistency (starter), agreement-s2/turn-1 (mt).** Of 6 thresholds: 3 held, 2 failed, 1 not shown.

- mt: 40 items, both orders
- starter: 64 items, both orders, each 2 times, 250 verdicts asked for, 6 not yet

| question | measure | value [interval] n | threshold | source | outcome |
| - | - | - | - | - | - |
| Is it better than a coin? | starter: accuracy | 62.5 [95 %: 50.0 to 74.0] n = 64 | at least 50 \
| chance: what a coin gets | holds |
| Does it say the same in both orders? | mt: position-consistency | 70.0 [95 %: 66.0 to 80.0] n = 40 | at least 65 \
| Zheng et al. (2023), MT-Bench, table 2: GPT-4 with the default prompt | holds |
| Does it say the same in both orders? | starter: position-consistency | 31.2 [95 %: 14.5 to 44.0] n = 128 \
| at least 65 | Zheng et al. (2023), MT-Bench, table 2: GPT-4 with the default prompt | fails |
| How far does it lean to the first place (below 0: the second)? | starter: position-bias \
| 9.0 [95 %: 3.0 to 13.0] n = 128 | -12.5 to 12.5 | Zheng et al. (2023), MT-Bench, table 2: GPT-4 leans to the first \
in 30 % of the pairs, to the second in 5 %, which is half of 25 | not shown |
| How many of its verdicts are missing? | starter: miss-rate | 0.0 [95 %: 0.0 to 5.7 (w)] n = 250, 6 missing \
| at most 10 | judgebench's own convention: so many cannot move a rate by more than 10 points | holds |
| How often does the longer response win? | starter: length-bias | 80.0 [95 %: 70.0 to 90.0] n = 64 | - \
| for comparison: longer ones may be better | - |
| Does it agree as often as they do where neither says tie (turn 1)? | mt: agreement-s2/turn-1 \
| 71.2 [95 %: 60.0 to 80.0] n = 80 | people: 81.0 [75.0 to 85.0] n = 479 | people on the same comparisons | fails |
"""


def plain(text):
    """Lines without the widths of columns."""
    return [[cell.strip(" -") for cell in line.split("|")] for line in text.splitlines()]


def test_the_page_of_a_judge():
    page = Audit().render(BOARD)
    assert plain(page)[: len(plain(SHOWN))] == plain(SHOWN)
    assert "No data: length-matched-accuracy, same-position, verbosity-bias, self-preference," in page
    assert page.endswith("starter: 64 items, seed 0, bca on 100 resamples of items within strata, judgebench 0.1.0, "
                         "evidence 0123456789ab.\n")  # fmt: skip
    assert "- a note\n- another note\n- (w): " in page
    assert "max-T" not in page
    assert Audit().render(BOARD) == page


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (65.0, 90.0, "holds"),
        (65.0 - 1e-13, 90.0, "holds"),
        (64.9, 90.0, "not shown"),
        (10.0, 65.0, "not shown"),
        (10.0, 65.0 - 1e-13, "not shown"),
        (10.0, 64.9, "fails"),
    ],
)
def test_the_whole_interval_decides(low, high, outcome):
    page = Audit().render(replace(BOARD, estimates=(estimate("position-consistency", 65.0, low, high),)))
    assert [line[6] for line in plain(page) if len(line) == 8][2:] == [outcome]


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(-12.5, 12.5, "holds"), (-12.6, 0.0, "not shown"), (12.6, 30.0, "fails"), (-30.0, -12.6, "fails")],
)
def test_two_bounds(low, high, outcome):
    page = Audit().render(replace(BOARD, estimates=(estimate("position-bias", 0.0, low, high),)))
    assert [line[6] for line in plain(page) if len(line) == 8][2:] == [outcome]


@pytest.mark.parametrize(("low", "high", "outcome"), [(0.0, 9.0, "holds"), (-1.0, 9.0, "not shown")])
def test_people_are_compared_by_the_difference(low, high, outcome):
    """Whatever the two intervals say of each alone."""
    made = replace(BOARD, comparisons=(votes("agreement-s2/turn-1", 4.0, low, high),))
    rows = [line for line in plain(Audit().render(made)) if len(line) == 8]
    assert rows[-1][6] == outcome


def test_a_board_of_several_judges_has_a_page_for_each_and_one_footer():
    rows = (estimate("accuracy", 50.0, 40.0, 60.0, name) for name in ("b|x", "a"))
    page = Audit().render(replace(BOARD, estimates=tuple(rows)))
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Audit: a", "# Audit: b\\|x"]
    assert page.count("**Nothing fails.** Of 1 thresholds: 0 held, 0 failed, 1 not shown.") == 2
    assert page.count("- a note") == 1


def test_a_board_without_a_judge_says_so():
    made = Leaderboard("t", "starter", "corrected", (estimate("average-length", 9.0, 8.0, 10.0),))
    assert Audit().render(made) == ("# Audit: t\n\nNo judge of this board has an estimate that an audit asks for.\n")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.measure)
def test_every_question_says_where_its_threshold_comes_from(check):
    assert check.question.endswith("?")
    assert check.source
    bounded = check.least is not None or check.most is not None
    assert bounded or check.humans or check.source.startswith("for comparison")
    assert (check.source.partition(":")[0] == OURS) <= (len(check.source) > len(OURS) + 10)
