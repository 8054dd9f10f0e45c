"""How MT-Bench's files name questions, turns and judges."""

import json

import pytest

from judgebench import DataError
from judgebench.forms.mt_bench import CATEGORIES, category, judge_name, question_and_turn, references


def test_categories_are_blocks_of_ten_from_81():
    assert [category(number) for number in range(81, 161, 10)] == list(CATEGORIES)
    assert [category(number) for number in range(90, 161, 10)] == list(CATEGORIES)
    assert (category(80), category(161), category(-5)) == ("", "", "")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("gpt4_pair", "gpt4_pair"),
        (["gpt-4", "pair-v2"], "gpt-4-pair"),
        (["gpt-4", "pair-math-v1-multi-turn"], "gpt-4-pair"),
        (["gpt-4", "single-v1"], "gpt-4-single"),
    ],
)
def test_all_prompts_of_a_kind_are_one_judge(said, name):
    assert judge_name("row 1", {"judge": said}) == name


@pytest.mark.parametrize("said", [None, "", [], ["gpt-4"], ["gpt-4", 1], 7])
def test_a_row_names_its_judge(said):
    with pytest.raises(DataError, match="row 1: judge is"):
        judge_name("row 1", {"judge": said})


def test_numbers_may_be_texts_as_csv_has_them():
    assert question_and_turn("row 1", {"question_id": "81", "turn": 2}) == (81, 2)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"turn": 1}, "row 1: question_id is None"),
        ({"question_id": 81}, "row 1: turn is None"),
        ({"question_id": "q81", "turn": 1}, "row 1: question_id is 'q81'"),
        ({"question_id": 81, "turn": True}, "row 1: turn is True"),
        ({"question_id": 81.0, "turn": 1}, "row 1: question_id is 81.0"),
        ({"question_id": 81, "turn": 0}, "row 1: turn is 0"),
        ({"question_id": 81, "turn": 3}, "row 1: turn is 3"),
    ],
)
def test_a_row_says_which_question_and_turn(row, message):
    with pytest.raises(DataError, match=message):
        question_and_turn("row 1", row)


def test_reference_answers_are_those_of_the_categories_that_need_them(tmp_path):
    path = tmp_path / "gpt-4.jsonl"
    rows = [{"question_id": n, "choices": [{"turns": [f"{n} one", f"{n} two"]}]} for n in (81, 101)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    of = references(str(path))
    assert of(101, "reasoning") == of("101", "reasoning") == ("101 one", "101 two")
    assert of(81, "writing") == ()
    with pytest.raises(DataError, match=r"gpt-4\.jsonl has no answer to question 102"):
        of(102, "reasoning")
    assert references(None)(102, "reasoning") == ()
