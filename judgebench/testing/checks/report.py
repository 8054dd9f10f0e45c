"""What every report makes of a board."""

import base64
import json
import pickle
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from judgebench.core.errors import JudgebenchError
from judgebench.core.leaderboard import Leaderboard
from judgebench.plugin.kinds import Report
from judgebench.plugin.options import build, options
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.drawing import drawn
from judgebench.testing.elsewhere import fresh, place_of
from judgebench.testing.rule import Rule
from judgebench.testing.strategies.boards import board_of, boards
from judgebench.testing.subject import Subject, subclasses

SIZES = tuple({"measures": seed % 4, "judges": seed % 3, "subjects": 1 + seed % 5} for seed in range(8))
"""Boards that are rendered in another process too, where none are given."""


def renders_any_board(subject: Subject[Report]) -> None:
    """Every board is a text, with or without names that are hard to write."""
    from hypothesis import given
    from hypothesis import strategies as st

    report, own = subject.built, subject.given.boards
    refused: list[str] = []
    tried: list[bool] = []

    def tries(board: Leaderboard) -> None:
        try:
            if not _text(report, board).strip() and board.estimates:
                raise NotConforming(f"a board of {len(board.estimates)} estimates is no text at all", "what is on it")
            tried.append(True)
        except NotChecked as why:
            refused.append(str(why))

    @drawn(subject.given.examples)
    @given(st.sampled_from(own) if own else boards())
    def any_board(board: Leaderboard) -> None:
        tries(board)

    for board in _shown(subject):  # whatever is drawn, these have the names that are hard to write
        tries(board)
    any_board()
    if not tried:
        raise NotChecked(f"{refused[0]}: give boards=[...] that it is of")


def renders_the_same_twice(subject: Subject[Report]) -> None:
    """The same board gives the same text, here and in a process whose hashes differ."""
    report = subject.built
    shown = _shown(subject)
    here = [_text(report, board) for board in shown]
    if here != [_text(report, board) for board in shown]:
        raise NotConforming("the same board gives another text the second time", "the same text")
    module = type(report).__module__
    if module == "__main__" or getattr(sys.modules.get(module), "__file__", None) is None:
        raise NotChecked("it is defined in no module that another process can import")
    task = json.dumps([place_of(module), type(report).__qualname__, options(report)])
    tasks = tuple(sorted({task, *_siblings(type(report), shown)}))
    there = _elsewhere(tasks, base64.b64encode(pickle.dumps(shown)).decode())[task]
    if here != there:
        raise NotConforming("the same board gives another text in another process", "no order of sets or hashes")


def renders_an_empty_board(subject: Subject[Report]) -> None:
    """A board without an estimate is a text too."""
    report = subject.built
    _text(report, board_of(0, measures=0))
    _text(report, Leaderboard("empty", "drawn", "corrected", ()))


def has_a_suffix(subject: Subject[Report]) -> None:
    """`suffix` is that of a file."""
    suffix = subject.cls.suffix
    if not suffix.startswith(".") or len(suffix) < 2 or "/" in suffix:
        raise NotConforming(f"suffix is {suffix!r}", "such as '.md'")


def _shown(subject: Subject[Report]) -> list[Leaderboard]:
    """The boards that are given, or those of `SIZES`."""
    return list(subject.given.boards) or [board_of(seed, **size) for seed, size in enumerate(SIZES)]


def _text(report: Report, board: Leaderboard) -> str:
    """The board as the report renders it; NotChecked where it says that it cannot be of such a board."""
    try:
        text = report.render(board)
    except JudgebenchError as error:
        raise NotChecked(f"it refuses a board: {error.message}") from None
    except Exception as error:
        seen = f"of a board it raises {type(error).__name__}: {error}"
        raise NotConforming(seen, "a text, whatever is on the board") from error
    if not isinstance(text, str):
        raise NotConforming(f"render() returned {type(text).__name__}", "a text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotConforming(f"render() returned a text that is no UTF-8: {error}", "one that can be written") from None
    return text


@cache
def _elsewhere(tasks: tuple[str, ...], boards: str) -> dict[str, Any]:
    """Once for all reports of a package that need no options: what was rendered does not change in a process."""
    task = {"reports": [json.loads(one) for one in tasks], "boards": boards}
    return dict(zip(tasks, fresh("renders", task, hash_seed="4711"), strict=True))


def _siblings(cls: type[Report], shown: Sequence[Leaderboard]) -> Iterator[str]:
    """The tasks of the other reports of its package that can be built without options."""
    package = cls.__module__.partition(".")[0]
    for other in subclasses(Report):
        if other.__module__.partition(".")[0] == package and not getattr(other, "__abstractmethods__", True):
            try:
                made: Any = build(other, {}, other.__name__)
                made.render(shown[0])
            except Exception:  # that one's own checks say so
                continue
            yield json.dumps([place_of(other.__module__), other.__qualname__, options(made)])


RULES = (
    Rule("renders any board", renders_any_board),
    Rule("renders the same text twice, in another process too", renders_the_same_twice),
    Rule("renders a board without estimates", renders_an_empty_board),
    Rule("has the suffix of a file", has_a_suffix),
)
