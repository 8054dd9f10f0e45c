"""How reward-bench reads the judgments of Con-J: JSON in Chinese, else the digit beside a word for `better answer`."""

import json
import re

KEY = "更好的回答"
WORDS = (
    *(KEY, "更好回答", "更好得回答", "更好地回答", "better_answer", "better answer"),
    *("更好答案", "更好得答案", "更好的答案", "更好地答案", "更佳回答", "更佳答案", "更好答", "最佳答案"),
    *("更好答 案", "更好 的 回答", "betterAnswer", "更好 的 回应", "更好得回应回答", "答案", "回答"),
)
"""Spellings of the key, in the order in which they are looked for: one that has a digit decides."""
_DIGIT = re.compile("[12１２]")
_LETTERS = {"1": "A", "１": "A", "2": "B", "２": "B", "3": "C", "4": "D"}


def letter(text: str) -> str | None:
    """A to D, or None.

    The first JSON object with the key decides, whatever it says: those in fenced blocks, then the whole text, then each
    from a brace to the next closing one. Where there is none, the first of the words that is there with a 1 or a 2: the
    first after the word in quotes and a colon, else after the word, else the first in the text that is before a word;
    a 3 or 4 is not looked for, of four responses neither. Takes time linear in the text's length, but for the JSON.

    Source: reward-bench, `con_j_evaluate` in generative.py (two responses) and generative_v2.py (four).
    """
    line = text.replace("\n", " ").strip()
    within = line[: line.rfind("}") + 1]
    places = (*re.findall(r"```json(.*?)```", line), line, *re.findall(r"\{.*?\}", within))
    for place in places:
        said = _said(place)
        if said is not None:
            return _LETTERS.get(said)
    return next((_LETTERS[digit[0]] for word in WORDS if (digit := _beside(word, line))), None)


def _said(text: str) -> str | None:
    """What the text says under the key, if it is a JSON object that has it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in a list without end
        return None
    return str(found[KEY]) if isinstance(found, dict) and KEY in found else None


def _beside(word: str, line: str) -> re.Match[str] | None:
    start = line.find(word)
    if start < 0:
        return None
    quoted = re.search(rf'"{word}"\s*:', line)
    found = quoted and _DIGIT.search(line, quoted.end())
    found = found or _DIGIT.search(line, start + len(word))
    before = _DIGIT.search(line)
    return found or (before if before and line.find(word, before.end()) >= 0 else None)
