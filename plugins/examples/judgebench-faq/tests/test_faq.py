"""The benchmark and its measure keep to what every one must do; a run counts the answers within their limits."""

import json
from pathlib import Path
from typing import Any

import pytest
from judgebench_faq import Faq, WithinLimit

import judgebench
from judgebench import DataError
from judgebench.testing import Check, conformance

ROWS: list[dict[str, Any]] = [
    {"question": "How do I pay?", "answer": "By card.", "words": 3, "topic": "money"},
    {"question": "May I pay later?", "answer": "Within thirty days.", "words": 5, "topic": "money"},
    {"question": "Where is the key?", "answer": "Under the mat.", "words": 4, "topic": "house"},
    {"question": "Who are you?", "answer": "A landlord."},
]


def written(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


HERE = Path(__file__).parent
CHECKS = [*conformance(Faq, path=str(HERE / "questions.jsonl")), *conformance(WithinLimit)]


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_conforms(check: Check) -> None:
    check()


def test_answers_within_their_limits(tmp_path: Path) -> None:
    answers = ("By card.", "In about one month from today.", "Under it.", "Nobody at all, as far as I can tell.")
    outputs = [{"instruction": row["question"], "output": said} for row, said in zip(ROWS, answers, strict=True)]
    (tmp_path / "answers.json").write_text(json.dumps([{**row, "generator": "mine"} for row in outputs]))
    board = judgebench.run(
        {
            "benchmark": f"faq:{written(tmp_path / 'faq.jsonl', ROWS)}",
            "policies": {"mine": {"policy": "recorded", "path": str(tmp_path / "answers.json")}},
            "judges": {"longer": "longer"},
            "out": str(tmp_path / "run"),
        },
        components=[Faq, WithinLimit],
    )
    (within,) = [row for row in board.estimates if row.measure == "within-limit"]
    assert (within.subject, within.judge, within.n, within.missing) == ("mine", None, 3, 0)
    assert within.value == pytest.approx(100 * 2 / 3)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "?"}, "line 2 has not the fields"),
        ({**ROWS[0], "word": 3}, "line 2 has not the fields"),
        ({**ROWS[0], "words": "3"}, "line 2: words is '3'"),
        ({**ROWS[0], "words": True}, "line 2: words is True"),
    ],
)
def test_a_row_that_is_wrong_is_named(row: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        Faq(written(tmp_path / "faq.jsonl", [ROWS[0], row])).items()


def test_a_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        Faq(str(tmp_path / "none.jsonl")).items()
    with pytest.raises(DataError, match="holds no question"):
        Faq(written(tmp_path / "faq.jsonl", [])).items()
