import pytest
from judgebench_loops.kept import Dropped
from judgebench_loops.writing.judgments import eft_row, judgment_pair, judgment_row
from judgebench_loops.writing.rows import PairRow, SftRow

from judgebench import Message

ASKED = (Message("system", "Judge."), Message("user", "Is 7 prime?"))


def test_a_judgment_is_learned_word_for_word():
    assert judgment_row("j", ASKED, " Yes.\nScore: 5\n", {"draw": 1}) == SftRow(
        "j", ASKED, " Yes.\nScore: 5\n", {"draw": 1}
    )
    assert judgment_pair("j", ASKED, "Score: 5", "Score: 1", {}) == PairRow("j", ASKED, "Score: 5", "Score: 1", {})


def test_the_score_of_a_judgment_that_agrees_with_people_is_kept():
    row = eft_row("e", ASKED, "Score: 4.5", 4.5, {"prompt": "p1"})
    assert row == SftRow("e", ASKED, "Score: 4.5", {"prompt": "p1", "score": 4.5})


def test_each_reason():
    for make, reason in [
        (lambda: judgment_row("j", ASKED, " \n", {}), "empty judgment"),
        (lambda: eft_row("j", ASKED, "", 1, {}), "empty judgment"),
        (lambda: judgment_pair("j", ASKED, "", "x", {}), "empty judgment"),
        (lambda: judgment_pair("j", ASKED, "x", "", {}), "empty judgment"),
        (lambda: judgment_pair("j", ASKED, "x", "x", {}), "same judgments"),
    ]:
        with pytest.raises(Dropped) as drop:
            make()
        assert drop.value.reason == reason
