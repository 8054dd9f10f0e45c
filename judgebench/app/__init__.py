"""run, leaderboard, catalogue: the only place where everything meets. Use it from Python as the command line does.

Scripts and notebooks find `run`, `collect`, `forecast`, `leaderboard` and `compare` in `judgebench` itself.
"""

from judgebench.app.board import Board
from judgebench.app.boards import (
    beside,
    board_of,
    compare,
    detectable,
    leaderboard,
    publish_board,
    render,
    trajectory,
)
from judgebench.app.data import data_fetch, data_list, data_verify
from judgebench.app.known import registry
from judgebench.app.running import CACHE, Observer, collect, execute, forecast, import_run, preview, run
from judgebench.engine.imports import Wanted
from judgebench.engine.prepare import Plan, check_path, plan

__all__ = [
    "CACHE",
    "Board",
    "Observer",
    "Plan",
    "Wanted",
    "beside",
    "board_of",
    "check_path",
    "collect",
    "compare",
    "data_fetch",
    "data_list",
    "data_verify",
    "detectable",
    "execute",
    "forecast",
    "import_run",
    "leaderboard",
    "plan",
    "preview",
    "publish_board",
    "registry",
    "render",
    "run",
    "trajectory",
]
