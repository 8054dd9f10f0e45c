"""Marks: how a judge's text names the better response or a rating, as we and the official parsers read it."""

import re
import string
from collections.abc import Callable, Sequence
from typing import Literal

from judgebench.core.errors import VerdictError
from judgebench.core.item import Response
from judgebench.core.request import Completion
from judgebench.judging import con_j
from judgebench.plugin.transcript import without_reasoning

MarkForm = Literal["strict", "mt-bench", "rewardbench", "prometheus", "offsetbias", "atla", "con-j"]
RatingForm = Literal["strict", "mt-bench", "rewardbench"]
LETTERS = string.ascii_uppercase
VERDICTS = {"A": (1.0, 0.0), "B": (0.0, 1.0), "C": (0.5, 0.5)}
"""What each letter says of two responses; C is a tie."""
CUT = "cut at max_tokens before a verdict"

_LETTER = re.compile(r"\[\[([A-Z])\]\]")


def _in_turn(pattern: str, letters: str) -> Callable[[str], str | None]:
    """Looks for the pattern with one letter after the other: the first that is found decides, in upper case."""
    patterns = [(letter.upper(), re.compile(pattern.replace("@", letter), re.DOTALL)) for letter in letters]
    return lambda text: next((letter for letter, mark in patterns if mark.search(text)), None)


_FORMS: dict[MarkForm, Callable[[str], str | None]] = {
    # FastChat's llm_judge, of two responses: C is a tie
    "mt-bench": _in_turn(r"\[\[@\]\]", "ABC"),
    # reward-bench, of two responses or four; the latter forms are those of the judges of these names
    "rewardbench": _in_turn(r"\[\[@\]\]", "ABCD"),
    "prometheus": _in_turn(r"\[RESULT\].*@\Z", "ABCD"),
    "offsetbias": _in_turn(r"Output \(@\)", "abcd"),
    "atla": _in_turn(r"\A(?:(?!\*\*Result:\*\*\s*\w).)*\*\*Result:\*\*\s*@\b", "ABCD"),
    "con-j": con_j.letter,
}
"""The letter that each official parser finds, or None."""
_RATINGS: dict[RatingForm, tuple[re.Pattern[str], ...]] = {
    "strict": (re.compile(r"\[\[\s*(\d+(?:\.\d+)?)\s*\]\]"),),
    # FastChat's llm_judge: the first number in double brackets, else in single ones
    "mt-bench": (re.compile(r"\[\[(\d+\.?\d*)\]\]"), re.compile(r"\[(\d+\.?\d*)\]")),
    # reward-bench: a whole number at the end; `8/10` reads as 10, `7.5` as 5
    "rewardbench": (re.compile(r"\b([1-9]|10)\b\s*\Z"),),
}


def letters_of(form: MarkForm, responses: int, tie: bool = False) -> str:
    """The letters that a form has for so many responses, with C as a tie between two where it has that and `tie` asks.

    A form that has not as many letters gives fewer: FastChat's form two, reward-bench's four.
    """
    most = {"strict": len(LETTERS), "mt-bench": 2}.get(form, 4)
    tied = tie and form in ("strict", "mt-bench")
    return LETTERS[: min(responses, most)] + ("C" if tied else "")


def letter_of(
    completion: Completion, known: str, form: MarkForm, reasoning: tuple[str, ...], shown: Sequence[Response] = ()
) -> str:
    """The letter of `known` (see `letters_of`) that a text names. VerdictError when it names none.

    `strict`: the one letter in [[...]]; two different ones are none, and so is a text cut at max_tokens unless the mark
    is the last thing in it. Where one of the responses that were `shown` holds such a mark itself, a mark counts only
    as the last thing of the text: elsewhere it may be quoted. The other forms are the official parsers'.
    """
    text = without_reasoning(completion.text, reasoning)
    if form != "strict":
        found = _FORMS[form](text)
        if found is None or found not in known:
            raise VerdictError(_none(completion))
        return found
    marks = [mark for mark in _LETTER.finditer(text) if mark[1] in known]
    return _only(completion, text, marks, _bears(shown, _LETTER))


def rating_of(
    completion: Completion, form: RatingForm, reasoning: tuple[str, ...], shown: Sequence[Response] = ()
) -> float:
    """The number that a text gives as its rating. VerdictError when there is none.

    `strict`: the one number in [[...]]; two different ones are none, and so is a text cut at max_tokens unless the mark
    is the last thing in it. Where a response that was `shown` holds such a mark itself, as for `letter_of`. The other
    forms are the official parsers'.
    """
    text = without_reasoning(completion.text, reasoning)
    if form != "strict":
        found = next((match for pattern in _RATINGS[form] if (match := pattern.search(text))), None)
        if found is None:
            raise VerdictError(_none(completion))
        return float(found[1])
    mark = _RATINGS[form][0]
    return float(_only(completion, text, list(mark.finditer(text)), _bears(shown, mark)))


def _bears(shown: Sequence[Response], mark: re.Pattern[str]) -> bool:
    """Does one of the responses hold such a mark, which a judge's text may repeat?"""
    return any(mark.search(turn) for response in shown for turn in response.turns)


def _only(completion: Completion, text: str, marks: list[re.Match[str]], borne: bool) -> str:
    last = bool(marks) and marks[-1].end() == len(text)
    if completion.finish == "length" and not last:
        raise VerdictError(CUT)
    said = {mark[1] for mark in marks}
    if len(said) > 1:
        raise VerdictError("two different verdicts in one text")
    if not said:
        raise VerdictError("no verdict")
    if borne and not last:
        raise VerdictError("no verdict at the end, and a response holds a mark that may be quoted")
    return said.pop()


def _none(completion: Completion) -> str:
    return CUT if completion.finish == "length" else "no verdict"
