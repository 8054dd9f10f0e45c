"""json: the board as data, in a form that stays stable."""

from dataclasses import dataclass

import msgspec

from judgebench.core.leaderboard import Leaderboard
from judgebench.plugin.kinds import Report

SCHEMA = 1


@dataclass(frozen=True)
class Json(Report):
    """`{"schema": 1, "title", "benchmark", "mode", "estimates", "comparisons", "provenance"}`, rates in percent."""

    name = "json"
    summary = "the board as data (schema 1)"
    suffix = ".json"

    def render(self, board: Leaderboard) -> str:
        """Indented JSON; keys stand in the order of their declaration."""
        values = {"schema": SCHEMA, **msgspec.to_builtins(board)}
        return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n"


COMPONENT = Json
