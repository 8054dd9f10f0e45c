"""Marks: how a judge's text names the better response or a rating, as we and the official parsers read it."""

import re
from typing import Literal

from judgebench.core.errors import VerdictError
from judgebench.core.request import Completion
from judgebench.plugin.transcript import without_reasoning

MarkForm = Literal["strict", "mt-bench", "rewardbench", "prometheus", "offsetbias", "atla", "con-j"]
RatingForm = Literal["strict", "mt-bench", "rewardbench"]
CUT = "cut at max_tokens before a verdict"

_LETTER = re.compile(r"\[\[([A-Z])\]\]")


def _in_turn(pattern: str, **letters: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The pattern for each letter, with what stands for it there, in the order in which they are looked for."""
    return tuple((re.compile(pattern.replace("@", mark), re.DOTALL), letter) for letter, mark in letters.items())


_FORMS: dict[MarkForm, tuple[tuple[re.Pattern[str], str], ...]] = {
    # FastChat's llm_judge: whichever of the three is looked for first
    "mt-bench": _in_turn(r"\[\[@\]\]", A="A", B="B", C="C"),
    # reward-bench: the same without ties; four letters where four responses are compared
    "rewardbench": _in_turn(r"\[\[@\]\]", A="A", B="B", C="C", D="D"),
    # reward-bench's forms for the judges of these names
    "prometheus": _in_turn(r"\[RESULT\].*@\Z", A="A", B="B"),
    "offsetbias": _in_turn(r"Output \(@\)", A="a", B="b"),
    "atla": _in_turn(r"\A(?:(?!\*\*Result:\*\*\s*\w).)*\*\*Result:\*\*\s*@\b", A="A", B="B"),
    "con-j": _in_turn(r"更好的回答\"?\s*[:：]\s*\"?@", A="1", B="2"),
}
"""What each official parser looks for, in its order: the first pattern that is found decides."""
_RATINGS: dict[RatingForm, tuple[re.Pattern[str], ...]] = {
    "strict": (re.compile(r"\[\[\s*(\d+(?:\.\d+)?)\s*\]\]"),),
    # FastChat's llm_judge: the first number in double brackets, else in single ones
    "mt-bench": (re.compile(r"\[\[(\d+\.?\d*)\]\]"), re.compile(r"\[(\d+\.?\d*)\]")),
    # reward-bench: a whole number at the end; `8/10` reads as 10, `7.5` as 5
    "rewardbench": (re.compile(r"\b([1-9]|10)\b\s*\Z"),),
}


def letter_of(completion: Completion, known: str, form: MarkForm, reasoning: tuple[str, ...]) -> str:
    """The letter of `known` (such as AB, or ABC with a tie) that a text names. VerdictError when it names none.

    `strict`: the one letter in [[...]]; two different ones are none, and so is a text cut at max_tokens unless the mark
    is the last thing in it. The other forms are the official parsers'.
    """
    text = without_reasoning(completion.text, reasoning)
    if form != "strict":
        found = next((letter for pattern, letter in _FORMS[form] if letter in known and pattern.search(text)), None)
        if found is None:
            raise VerdictError(_none(completion))
        return found
    marks = [mark for mark in _LETTER.finditer(text) if mark[1] in known]
    return _only(completion, text, marks)


def rating_of(completion: Completion, form: RatingForm, reasoning: tuple[str, ...]) -> float:
    """The number that a text gives as its rating. VerdictError when there is none.

    `strict`: the one number in [[...]]; two different ones are none, and so is a text cut at max_tokens unless the mark
    is the last thing in it. The other forms are the official parsers'.
    """
    text = without_reasoning(completion.text, reasoning)
    if form != "strict":
        found = next((match for pattern in _RATINGS[form] if (match := pattern.search(text))), None)
        if found is None:
            raise VerdictError(_none(completion))
        return float(found[1])
    return float(_only(completion, text, list(_RATINGS[form][0].finditer(text))))


def _only(completion: Completion, text: str, marks: list[re.Match[str]]) -> str:
    if completion.finish == "length" and not (marks and marks[-1].end() == len(text)):
        raise VerdictError(CUT)
    said = {mark[1] for mark in marks}
    if len(said) > 1:
        raise VerdictError("two different verdicts in one text")
    if not said:
        raise VerdictError("no verdict")
    return said.pop()


def _none(completion: Completion) -> str:
    return CUT if completion.finish == "length" else "no verdict"
