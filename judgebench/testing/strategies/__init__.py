"""What components meet, drawn by Hypothesis: conversations, requests, tables for measures, boards for reports.

    from hypothesis import given
    from judgebench.testing import strategies

    @given(strategies.trials())
    def test_any_trial_is_judged(trial): ...

Needs `judgebench[testing]`. No text holds a surrogate, no number but where it says so is NaN or infinite.
"""

from judgebench.testing.strategies.boards import board_of, boards
from judgebench.testing.strategies.conversations import items, messages, responses, texts, trials
from judgebench.testing.strategies.requests import completions, requests
from judgebench.testing.strategies.tables import table_of, tables, weights, weights_of

__all__ = [
    "board_of",
    "boards",
    "completions",
    "items",
    "messages",
    "requests",
    "responses",
    "table_of",
    "tables",
    "texts",
    "trials",
    "weights",
    "weights_of",
]
