"""Choices as next tokens: the probability of each, over all spellings of it."""

from collections.abc import Iterable
from math import exp

BLANKS = "\u2581\u0120\u010a"
"""How vocabularies write blanks, where a server shows tokens raw: SentencePiece's ▁, byte-level BPE's Ġ and Ċ."""


def spelled(token: str) -> str:
    """A token's text without what stands for blanks around it: `1` of `1`, ` 1`, `1\\n`, `▁1` and `Ġ1`.

    Nothing else is taken away: `1.`, `(1` and `One` are other tokens, since a longer answer may begin with them.
    """
    return token.strip().strip(BLANKS).strip()


def masses(tokens: Iterable[tuple[str, float]], choices: Iterable[str]) -> dict[str, float]:
    """The probability of each choice: the sum over the (token, natural log-probability) pairs that spell it.

    A choice that no pair spells is not in the result, so that it can be told from one of probability 0.
    """
    found: dict[str, float] = {}
    wanted = set(choices)
    for token, value in tokens:
        if (choice := spelled(token)) in wanted:
            found[choice] = found.get(choice, 0.0) + exp(value)
    return found
