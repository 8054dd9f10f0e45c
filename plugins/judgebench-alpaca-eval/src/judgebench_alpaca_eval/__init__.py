"""AlpacaEval's annotators as judges: its prompts, its settings and its parsers, on judgebench's backends."""

from collections.abc import Iterable

from judgebench import hookimpl


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The judge and the report `alpaca-eval`."""
    from judgebench_alpaca_eval.judge import AlpacaEvalJudge
    from judgebench_alpaca_eval.report import AlpacaEvalLeaderboard

    return [AlpacaEvalJudge, AlpacaEvalLeaderboard]
