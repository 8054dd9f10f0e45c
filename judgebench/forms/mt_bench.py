"""MT-Bench's questions: their categories and reference answers, and how FastChat's files name them and their judges."""

from collections.abc import Callable, Mapping
from typing import Any

from judgebench.core.errors import DataError
from judgebench.forms.answers import read_answers

CATEGORIES = ("writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities")
"""Of questions 81 to 160, in blocks of ten."""
FIRST, BLOCK = 81, 10
WITH_REFERENCE = frozenset({"reasoning", "math", "coding"})
"""Categories whose judges are shown a reference answer."""
TURNS = (1, 2)


def category(question: int) -> str:
    """The category of a question by its number; empty where it is none of MT-Bench's."""
    block = (question - FIRST) // BLOCK
    return CATEGORIES[block] if 0 <= block < len(CATEGORIES) else ""


def references(path: str | None) -> Callable[[int | str, str], tuple[str, ...]]:
    """Reference answers by question and category, from a file of FastChat's `reference_answer`; without one, none.

    DataError where the file lacks that of a question whose category needs one.
    """
    if path is None:
        return lambda question, part: ()
    answers = read_answers(path).by_id

    def of(question: int | str, part: str) -> tuple[str, ...]:
        if part not in WITH_REFERENCE:
            return ()
        if str(question) not in answers:
            raise DataError(f"{path} has no answer to question {question}", f"every question of '{part}' needs one")
        return answers[str(question)].turns

    return of


def question_and_turn(where: str, row: Mapping[str, Any]) -> tuple[int, int]:
    """What a row is about: the question's number, and 1 or 2 turns of it. DataError."""
    numbers = []
    for name in ("question_id", "turn"):
        cell = row.get(name)
        if isinstance(cell, str) and cell.isdecimal():  # as csv has it
            cell = int(cell)
        if isinstance(cell, bool) or not isinstance(cell, int):
            raise DataError(f"{where}: {name} is {cell!r}", "it must be a whole number")
        numbers.append(cell)
    question, turn = numbers
    if turn not in TURNS:
        raise DataError(f"{where}: turn is {turn}", "it must be 1 or 2")
    return question, turn


def judge_name(where: str, row: Mapping[str, Any]) -> str:
    """A row's judge. [MODEL, PROMPT] is MODEL-KIND: all pair prompts of a model are one judge, all single ones another.

    Questions with references and second turns have prompts of their own. DataError.
    """
    match row.get("judge"):
        case str(name) if name:
            return name
        case [str(model), str(prompt)]:
            return f"{model}-{prompt.partition('-')[0]}"
        case other:
            raise DataError(f"{where}: judge is {other!r}", "it must be a name, or a model and its prompt's name")
