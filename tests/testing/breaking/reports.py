"""Reports of one line an estimate."""

import itertools
from dataclasses import dataclass

from judgebench import Leaderboard, Report

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Good(Report):
    """One line an estimate."""

    name = "good"
    summary = "a good report"

    def render(self, board: Leaderboard) -> str:
        return "\n".join([board.title, *(f"{row.subject} {row.value:.1f}" for row in board.estimates)]) + "\n"


@dataclass(frozen=True)
class Plain(Good):
    """Cannot write every name."""

    name = "plain"

    def render(self, board: Leaderboard) -> str:
        return super().render(board).encode("latin-1").decode("latin-1")


@dataclass(frozen=True)
class Silent(Good):
    """Says nothing."""

    name = "silent"

    def render(self, board: Leaderboard) -> str:
        return ""


@dataclass(frozen=True)
class Counting(Good):
    """Says how often it was asked."""

    name = "counting"

    def render(self, board: Leaderboard) -> str:
        return f"{super().render(board)}{next(_NUMBERS)}"


@dataclass(frozen=True)
class Hashing(Good):
    """Depends on the process."""

    name = "hashing"

    def render(self, board: Leaderboard) -> str:
        return f"{super().render(board)}{hash(board.title)}"


@dataclass(frozen=True)
class Hopeful(Good):
    """Takes it that there is an estimate where there is no training."""

    name = "hopeful"

    def render(self, board: Leaderboard) -> str:
        if board.title == "empty":
            return f"{super().render(board)}best: {board.estimates[0].subject}"
        return super().render(board)


@dataclass(frozen=True)
class Suffixless(Good):
    """Is no file."""

    name = "suffixless"
    suffix = "md"


TWICE = "renders the same text twice, in another process too"
EMPTY = "renders a board without estimates"
GOOD = (Good,)
BROKEN = (
    ("renders any board", Plain, (TWICE,)),
    ("renders any board", Silent, ()),
    (TWICE, Counting, ()),
    (TWICE, Hashing, ()),
    (EMPTY, Hopeful, ()),
    ("has the suffix of a file", Suffixless, ()),
)
