"""A paper's table and ours beside it: how cells are read, who stands in which row, and what is written."""

import csv
import io
import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import ConfigError, Estimate, Leaderboard
from judgebench.reporting.beside import blocks, written
from judgebench.reporting.paper_markdown import reason
from judgebench.reporting.paper_numbers import JUDGE, Column, Printed, Row, other_way
from judgebench.reporting.paper_table import PaperTable

PERCENT = Column("accuracy, %", "accuracy")


@dataclass(frozen=True)
class Toy(PaperTable):
    name = "toy-table-1"
    summary = "Toy, table 1"
    paper = "Toy (2020), table 1"
    columns = (
        PERCENT,
        Column("Spearman", "spearman", decimals=3, times=0.01),
        Column("agreement, %", f"agreement-with-judge:{JUDGE},ties=half", decimals=2, truncated=True),
        Column("rate, %", "miss-rate", printed=("easy", "hard"), apart="other data"),
        Column("no ties, %", None, apart="nobody measures it"),
        Column("ours alone", "tokens", printed=(), decimals=0),
    )
    lines = (
        Row("M1", "60.0 .315 51.48 1 2 9.5", also=("first",)),
        Row("M2", "70.5M - - 3(±1) - -"),
    )
    notes = ("a convention",)
    reference = "GPT-4"


@dataclass(frozen=True)
class Games(PaperTable):
    name = "toy-games"
    summary = "Toy games"
    paper = "Toy (2020), table 2"
    columns = (Column("wins, %", "wins", between=True), Column("length", "average-length"))
    lines = (Row("M1 vs SFT", "30.5 -"), Row("M2 vs M1", "55.5 -"), Row("SFT", "- 12"))


def estimate(measure, subject, value, low, high, n=64, missing=0, method="bca", judge=None, benchmark="ranked"):
    return Estimate(benchmark, subject, judge, measure, value, low, high, 0.95, n, missing, method, 1.0)


def board(*rows, subjects=(), notes=()):
    run = {
        "benchmark": "ranked", "items": 64, "seed": 0, "interval": "bca", "replicates": 100,
        "software": {"judgebench": ["0.1.0"]}, "evidence": "0123456789abcdef", "notes": list(notes),
        "subjects": {name: {} for name in subjects},
    }  # fmt: skip
    return Leaderboard("A title", "ranked", "corrected", rows, (), {"runs": [run]})


BOARD = board(
    estimate("accuracy", "m1", 62.25, 50.0, 74.0),
    estimate("accuracy", "mine|x", 41.0, 30.0, 52.0, missing=3),
    estimate("spearman", "m1", 41.26, 20.0, 60.0),
    estimate("agreement-with-judge:gpt-4,ties=half", "m1", 100 * 173.9 / 336, 40.0, 60.0, n=168),
    estimate("miss-rate", "m1", 0.0, 0.0, 5.66, method="wilson"),
    estimate("tokens", "m1", 310.5, 280.0, 340.0),
    subjects=("m1", "mine|x", "gpt-4"),
    notes=["a note of the board"],
)

SHOWN = """\
# A title

`toy-table-1`: Toy (2020), table 1.

## ranked

|  | accuracy, %: paper | accuracy, %: ours [95 %] n | Spearman: paper | Spearman: ours [95 %] n | agreement, %: paper \
| agreement, %: ours [95 %] n | rate, %: easy | rate, %: hard | rate, %: ours [95 %] n | no ties, %: paper \
| ours alone: ours [95 %] n |
| - | - | - | - | - | - | - | - | - | - | - | - |
| M1 | 60.0 | 62.2 [50.0 to 74.0] n = 64, Δ +2.2 | .315 | 0.413 [0.200 to 0.600] n = 64, Δ +0.098 | 51.48 \
| 51.75 [40.00 to 60.00] n = 168, Δ +0.27 | 1 | 2 | 0.0 [0.0 to 5.7 (w)] n = 64 | 9.5 | 310 [280 to 340] n = 64 |
| M2 | 70.5 [M] | - | - | - | - | - | 3 (±1) | - | - | - | - |
| mine\\|x | - | 41.0 [30.0 to 52.0] n = 64, 3 missing | - | - | - | - | - | - | - | - | - |

- a convention
- ours: value [interval] and n, the number of units that entered (missing: planned, without a verdict); Δ: ours less \
the paper's, whose data, judge and models are others: it is not tested
- accuracy, %: `accuracy`
- Spearman: `spearman`
- agreement, %: `agreement-with-judge:gpt-4,ties=half`
- rate, %: `miss-rate`; no difference is shown: other data
- no ties, %: none of ours: nobody measures it
- ours alone: `tokens`
- digits are cut, not rounded, as in the paper: agreement, %
- [M]: remembered, not verified
- a number of the paper without a mark was read in the paper's own text or tables

- a note of the board
- (w): all items alike, where resampling sees no spread: Wilson's interval

ranked: 64 items, seed 0, bca on 100 resamples of items within strata, judgebench 0.1.0, evidence 0123456789ab.
"""


def plain(text):
    """Lines without the widths of columns."""
    return [
        ["" if set(cell) <= set(" -:") and "-" in cell else cell.strip() for cell in line.split("|")]
        for line in text.replace("\\|", "¦").splitlines()
    ]


def test_the_table_with_ours_beside_it():
    assert plain(Toy().render(BOARD)) == plain(SHOWN)
    assert Toy().render(BOARD) == Toy().render(BOARD)


def test_cells_are_read_as_the_paper_prints_them():
    row = Row("x", "83.9ZS 20.6(-2.0,1.8) .315 -0.18 - 7D")
    assert row.printed("P") == [
        Printed("83.9", "", "ZS"),
        Printed("20.6", "-2.0,1.8", "P"),
        Printed(".315", "", "P"),
        Printed("-0.18", "", "P"),
        None,
        Printed("7", "", "D"),
    ]
    assert row.printed("S")[3].value == -0.18


@pytest.mark.parametrize("text", ["x", "12X", "1.2.3", "--", "12(", "."])
def test_a_cell_that_is_no_number_is_an_error(text):
    with pytest.raises(ValueError, match="is no number of a paper"):
        Row("x", text).printed("P")


@pytest.mark.parametrize(
    ("share", "cut"),
    [(98.5 / 168, "58.63"), (79 / 129, "61.24"), (173 / 336, "51.48"), (188 / 336, "55.95"), (0.29, "29.00")],
)
def test_digits_are_cut_where_the_paper_cuts_them(share, cut):
    assert written(100 * share, replace(PERCENT, decimals=2, truncated=True)) == cut


@pytest.mark.parametrize(("count", "shown"), [(78, "30.5"), (99, "38.7"), (79, "30.9")])
def test_digits_are_rounded_elsewhere(count, shown):
    assert written(100 * count / 256, PERCENT) == shown
    assert written(100 * 173 / 336, replace(PERCENT, decimals=2)) == "51.49"


@given(st.floats(-1e4, 1e4), st.integers(0, 4))
def test_a_cut_value_is_the_nearest_towards_zero(value, decimals):
    found = float(written(value, replace(PERCENT, decimals=decimals, truncated=True)))
    assert abs(found) <= abs(value) * (1 + 1e-9)
    assert abs(value) - abs(found) < 10.0**-decimals + 1e-6
    assert "-0" not in (written(-0.001, replace(PERCENT, truncated=True)), written(-0.001, PERCENT))


@pytest.mark.parametrize(
    ("rows", "names", "beside"),
    [
        ({}, ["m1", "M2"], ["m1", "M2"]),
        ({}, ["M1", "m1"], ["M1", None]),  # of two that are alike, the same letters
        ({}, ["First"], ["First", None]),
        ({}, ["first", "M1"], ["M1", None]),
        ({}, ["M1#0123456789ab"], ["M1#0123456789ab", None]),
        ({}, ["M1#0123456789ab", "M1#ba9876543210"], [None, None]),
        ({"m1": "ckpt"}, ["ckpt", "M1"], ["ckpt", None]),
        ({"M1": "ckpt"}, ["M1"], [None, None]),  # it is said who it is, and that one has no number here
        ({"first": "ckpt"}, ["ckpt"], ["ckpt", None]),
    ],
)
def test_who_stands_in_which_row(rows, names, beside):
    table = Toy(rows=rows)
    assert [table.subject_of(row, names) for row in table.lines] == beside


def test_rows_about_two_are_found_by_either_side():
    names = ["ckpt1 vs sft", "sft vs ckpt1", "M2 vs ckpt1"]
    assert [Games().subject_of(row, names) for row in Games.lines[:2]] == [None, None]
    table = Games(rows={"M1": "ckpt1"})
    assert [table.subject_of(row, names) for row in table.lines[:2]] == ["ckpt1 vs sft", "M2 vs ckpt1"]
    assert table.subject_of(Games.lines[0], ["ckpt1", "ckpt1 vs other"]) is None  # one side alone is nobody
    whole = Games(rows={"M1 vs SFT": "M2 vs ckpt1"})
    assert whole.subject_of(whole.lines[0], names) == "M2 vs ckpt1"
    assert other_way("a vs b") == "b vs a"
    assert other_way("ab") == "ab"


def test_one_way_round_is_enough_of_those_in_no_row():
    rows = [estimate("wins", name, 50.0, 40.0, 60.0, judge="j") for name in ("a vs b", "b vs a", "SFT vs M1")]
    (block,) = blocks(Games(rows={"M1 vs SFT": "SFT vs M1"}), board(*rows))
    assert [line.subject for line in block.lines] == ["SFT vs M1", None, None, "a vs b"]


def test_policies_have_a_table_for_each_judge_and_their_own_numbers_in_each():
    rows = [
        *(estimate("wins", "M1 vs SFT", value, 0.0, 99.0, judge=judge) for judge, value in (("j", 10.0), ("k", 20.0))),
        estimate("average-length", "SFT", 12.5, 10.0, 15.0),
        estimate("average-length", "SFT", 99.0, 98.0, 100.0, benchmark="other"),
    ]
    found = blocks(Games(), board(*rows))
    assert [(block.benchmark, block.judge) for block in found] == [("ranked", "j"), ("ranked", "k"), ("other", None)]
    assert [block.lines[0].cells[0].ours.value for block in found[:2]] == [10.0, 20.0]
    assert [block.lines[2].cells[1].ours.value for block in found] == [12.5, 12.5, 99.0]
    assert "## ranked, judged by j\n" in Games().render(board(*rows))


def test_a_bound_has_one_end():
    shown = Toy().render(board(estimate("accuracy", "m1", 80.0, 70.0, float("inf"), method="at least")))
    assert "≥ 80.0 [≥ 70.0 (b)] n = 64, Δ +20.0" in shown


def test_without_a_number_of_ours_the_papers_stand_alone():
    shown = Toy().render(Leaderboard("Toy", "", "corrected", ()))
    assert "##" not in shown
    assert "Δ" not in shown
    assert "none of ours: `" not in shown
    assert plain(shown)[6][:4] == ["", "M1", "60.0", ""]


def test_what_is_lacking_has_its_reason():
    shown = Toy().render(
        board(estimate("accuracy", "m1", 62.25, 50.0, 74.0), notes=["measure spearman: no data (no gold labels)"])
    )
    assert "- Spearman: none of ours: `spearman`: no gold labels\n" in shown
    assert (
        "- agreement, %: none of ours: no judge stands for the paper's GPT-4; name yours: --row 'GPT-4=NAME'" in shown
    )
    assert "- ours alone: none of ours: `tokens`: see the notes below\n" in shown


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("measure rate,at=2: no data (one order only)", "one order only"),
        ("rate,at=2: no estimate: everything is won", "everything is won"),
        ("a, b: rate,at=2: no estimate: all 2 that were planned are missing", "all 2 that were planned are missing"),
        ("a: wins, rate,at=2, losses: no estimate: it is so", "it is so"),
        ("other-rate,at=2: no estimate: everything is won", ""),
        ("rate,at=20: no estimate: everything is won", ""),
        ("rate,at=2: ties are left out", ""),
    ],
)
def test_reasons_are_those_of_the_boards_notes(note, why):
    assert reason(board(notes=[note]), "rate,at=2") == why


def test_the_judge_to_compare_with_can_be_named():
    rows = (estimate("agreement-with-judge:strong,ties=half", "M1", 50.0, 40.0, 60.0),)
    there = board(*rows, subjects=("M1", "strong"))
    assert blocks(Toy(), there)[0].benchmark is None
    assert blocks(Toy(rows={"gpt-4": "strong"}), there)[0].lines[0].cells[2].ours is rows[0]


@pytest.mark.parametrize(
    ("rows", "message", "hint"),
    [
        ({"M1 vs SF": "a"}, "'toy-games' has no row 'M1 vs SF'", "did you mean 'M1 vs SFT'?"),
        ({"M1": "ab"}, "row 'M1': no subject is called 'ab'", "did you mean 'abc'?"),
    ],
)
def test_a_row_or_subject_that_is_not_there_is_an_error(rows, message, hint):
    with pytest.raises(ConfigError) as caught:
        Games(rows=rows).check(["abc"])
    assert (caught.value.message, caught.value.hint) == (message, hint)
    Games(rows={"sft": "abc", "m1 vs sft": "abc"}).check(["abc"])


def test_json_and_csv_hold_the_same_numbers():
    data = json.loads(Toy(layout="json").render(BOARD))
    assert data["schema"] == 1
    assert data["columns"][2]["measure"] == "agreement-with-judge:gpt-4,ties=half"
    first, second, third = data["tables"][0]["rows"]
    assert (first["row"], first["subject"], second["subject"], third["row"]) == ("M1", "m1", None, None)
    spearman = first["cells"][1]
    assert spearman["paper"] == [{"value": 0.315, "text": ".315", "beside": "", "sources": "P"}]
    assert spearman["ours"] == {
        "value": 0.4126, "low": 0.2, "high": 0.6, "confidence": 0.95, "n": 64, "missing": 0, "method": "bca"
    }  # fmt: skip
    assert spearman["difference"] == pytest.approx(0.0976)
    assert data["notes"][0] == "a convention"
    assert data["provenance"]["runs"][0]["evidence"] == "0123456789abcdef"

    rows = list(csv.DictReader(io.StringIO(Toy(layout="csv").render(BOARD))))
    of = {(row["row"], row["subject"], row["column"], row["printed"]): row for row in rows}
    found = of["M1", "m1", "Spearman", "paper"]
    assert (found["paper"], found["value"], found["n"], found["sources"]) == (".315", "0.4126", "64", "P")
    assert of["M2", "", "rate, %", "easy"]["beside"] == "±1"
    assert of["M1", "m1", "rate, %", "hard"]["value"] == "0.0"
    assert of["M1", "m1", "ours alone", ""]["paper"] == ""
    assert of["", "mine|x", "accuracy, %", "paper"]["missing"] == "3"
    assert ("M2", "", "Spearman", "paper") not in of
