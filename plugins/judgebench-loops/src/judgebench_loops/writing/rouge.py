"""ROUGE-L between short texts, and the search for a text that is too near to one of many."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """The words that ROUGE counts: runs of a-z and 0-9 in lower case, as rouge_score finds them without a stemmer."""
    return _WORD.findall(text.lower())


def rouge_l(first: str, second: str) -> float:
    """ROUGE-L's F1, 2 LCS / (m + n), of two texts of m and n words; 0 where they share none.

    LCS is the length of the longest common subsequence of words. Source: Lin (2004), ROUGE, section 3.1, with beta 1.
    """
    return f1(words(first), words(second))


def f1(one: Sequence[Any], other: Sequence[Any]) -> float:
    """ROUGE-L's F1 of two sequences of words, or of numbers that stand for them."""
    from rapidfuzz.distance import LCSseq

    shared = LCSseq.similarity(one, other)
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


class Neighbours:
    """Texts among which one is looked for that is nearer than a bound: the answer is exact, and found fast.

    Two texts that share a long subsequence share at least as many words. So each is filed under its rarest words only,
    as many as are needed that two near texts must meet under one of them, and ROUGE-L is computed for those that met
    alone. (The prefix filter of Chaudhuri et al. 2006, A primitive operator for similarity joins, on bags of words.)
    """

    def __init__(self, above: float, texts: Iterable[str]) -> None:
        """`above`: the F1 that is still far enough, 0 to 1. `texts` are all that will be asked about or added."""
        self._above = above
        held = [words(text) for text in texts]
        self._number = {word: number for number, word in enumerate(dict.fromkeys(word for one in held for word in one))}
        self._counts = Counter(piece for one in held for piece in self._pieces(self._numbers(one)))
        self._filed: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._texts: list[list[int]] = []

    def add(self, text: str) -> None:
        """File one more text."""
        sequence = self._numbers(words(text))
        for piece in self._rarest(sequence):
            self._filed[piece].append(len(self._texts))
        self._texts.append(sequence)

    def has_near(self, text: str) -> bool:
        """Is the F1 of one of the texts that were added above the bound?"""
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        sequence = self._numbers(words(text))
        met = set().union(*(self._filed.get(piece, ()) for piece in self._rarest(sequence)))
        best = process.extractOne(
            sequence,
            [self._texts[number] for number in met],
            scorer=Indel.normalized_similarity,
            score_cutoff=max(self._above - 1e-9, 0),
        )
        return best is not None and f1(sequence, best[0]) > self._above

    def _numbers(self, sequence: Sequence[str]) -> list[int]:
        return [self._number[word] for word in sequence]

    @staticmethod
    def _pieces(sequence: Sequence[int]) -> list[tuple[int, int]]:
        """Each word with how often it occurred before: equal pieces are words that two bags share."""
        seen: Counter[int] = Counter()
        found = []
        for number in sequence:
            found.append((number, seen[number]))
            seen[number] += 1
        return found

    def _rarest(self, sequence: Sequence[int]) -> list[tuple[int, int]]:
        """So many of the rarest pieces that a near text has one of them among its own."""
        length = len(sequence)
        shortest = next((n for n in range(1, length + 1) if self._needed(length, n) <= n), None)
        if shortest is None:
            return []
        ordered = sorted(self._pieces(sequence), key=lambda piece: (self._counts[piece], piece))
        return ordered[: length - self._needed(length, shortest) + 1]

    def _needed(self, m: int, n: int) -> int:
        """The least LCS whose F1 is above the bound."""
        least = max(int(self._above * (m + n) / 2) - 1, 1)
        while 2 * least / (m + n) <= self._above:
            least += 1
        return least
