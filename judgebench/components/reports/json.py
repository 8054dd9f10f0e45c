"""json: the board as data, in a form that stays stable."""

from dataclasses import dataclass
from typing import Any

import msgspec

from judgebench.core.leaderboard import Leaderboard
from judgebench.plugin.kinds import Report

SCHEMA, DIGITS = 1, 10


@dataclass(frozen=True)
class Json(Report):
    """The board as JSON: `schema` (1), `title`, `benchmark`, `mode`, `estimates`, `comparisons` and `provenance`.

    A board with checkpoints of a training has `series` too. Rates are in percent. Numbers have ten significant digits:
    what comes after them depends on the processor.
    """

    name = "json"
    summary = "the board as data (schema 1)"
    suffix = ".json"

    def render(self, board: Leaderboard) -> str:
        """Indented JSON; keys stand in the order of their declaration."""
        values = _rounded({"schema": SCHEMA, **msgspec.to_builtins(board)})
        if not board.series:
            del values["series"]
        return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n"


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return float(f"{value:.{DIGITS}g}")
        case dict():
            return {key: _rounded(part) for key, part in value.items()}
        case list() | tuple():
            return [_rounded(part) for part in value]
    return value


COMPONENT = Json
