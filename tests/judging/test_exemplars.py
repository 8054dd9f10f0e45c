"""Judged pairs from a user's file."""

import json

import pytest

from judgebench import DataError
from judgebench.judging.exemplars import Exemplar, read_exemplars

GOOD = {"question": "Q", "first": "a", "second": "b", "preferred": 2}


def write(tmp_path, *rows):
    path = tmp_path / "shots.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return str(path)


def test_rows_in_their_order_the_first_so_many(tmp_path):
    text = {"text": "T", "first": "c", "second": "d", "preferred": 1, "rationale": "since"}
    path = write(tmp_path, GOOD, text)
    both = (Exemplar("Q", "a", "b", 2), Exemplar("T", "c", "d", 1, "since"))
    assert read_exemplars(path) == both
    assert read_exemplars(path, 2) == both
    assert read_exemplars(path, 1) == both[:1]
    assert read_exemplars(path, 0) == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**GOOD, "preferred": 3}, "preferred"),
        ({**GOOD, "preferred": "1"}, "preferred"),
        ({**GOOD, "preferred": True}, "preferred"),
        ({**GOOD, "first": None}, "first"),
        ({key: value for key, value in GOOD.items() if key != "second"}, "second"),
        ({key: value for key, value in GOOD.items() if key != "question"}, "neither `question` nor `text`"),
        ({**GOOD, "text": "Q"}, "both `question` and `text`"),
        ({**GOOD, "rational": "since"}, "rational"),
        ([1], "no JSON object"),
        ("{", "line 2"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_line(tmp_path, row, said):
    with pytest.raises(DataError) as caught:
        read_exemplars(write(tmp_path, GOOD, row), 1)  # shown or not
    assert "shots.jsonl, line 2" in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


def test_fewer_rows_than_wanted_and_no_file(tmp_path):
    with pytest.raises(DataError, match=r"holds 1 exemplars, not 2") as caught:
        read_exemplars(write(tmp_path, GOOD), 2)
    assert "shots=1" in caught.value.hint
    with pytest.raises(DataError, match=r"none\.jsonl"):
        read_exemplars(str(tmp_path / "none.jsonl"))
