"""The judge and the report keep the rules of their kinds."""

from dataclasses import replace

from judgebench_alpaca_eval.judge import AlpacaEvalJudge
from judgebench_alpaca_eval.report import AlpacaEvalLeaderboard

from judgebench import Leaderboard
from judgebench.testing import conformance, make_all, strategies


def of_one_judge(seed: int) -> Leaderboard:
    """A board that has win rates under one judge."""
    board = strategies.board_of(seed, measures=1, judges=1, subjects=4)
    return replace(board, estimates=tuple(replace(row, measure="win-rate") for row in board.estimates))


def test_the_judge_conforms() -> None:
    assert make_all(conformance(AlpacaEvalJudge, examples=10)) == {}


def test_the_report_conforms_and_refuses_boards_without_win_rates() -> None:
    boards = [board for board in map(of_one_judge, range(8)) if board.estimates]
    not_made = make_all(conformance(AlpacaEvalLeaderboard, boards=boards))
    reason = "it refuses a board: the board has no win rates of policies under a judge"
    assert not_made == {"renders a board without estimates": reason}
