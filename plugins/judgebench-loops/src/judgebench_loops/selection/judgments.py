"""Which response's judgments are compared with each other, and which two of them become a preference pair."""

import math
from collections.abc import Sequence
from random import Random
from typing import Literal

from judgebench_loops.kept import Dropped
from judgebench_loops.selection.pairs import SAME, Choice, within


def largest_variance(scores: Sequence[Sequence[float | None]], *, rng: Random, ddof: Literal[0, 1] = 0) -> int:
    """The index of the response on whose score its judgments agree least; of equal ones, one drawn with `rng`.

    scores: for each response those of its judgments, None where one could not be read. Responses with fewer than two
    scores take no part. ddof: 0 divides by the number of scores, 1 by one less (the paper does not say; it matters only
    where the numbers differ). Dropped: "fewer than two judgments". Source: Wu et al. (2024), judge
    preference data.
    """
    spread: dict[int, float] = {}
    for index, judgments in enumerate(scores):
        valid = [score for score in judgments if score is not None]
        if not all(map(math.isfinite, valid)):
            raise ValueError("a score must be a finite number, or None where there is none")
        if len(valid) >= 2:
            mean = math.fsum(valid) / len(valid)
            spread[index] = math.fsum((score - mean) ** 2 for score in valid) / (len(valid) - ddof)
    if not spread:
        raise Dropped("fewer than two judgments")
    largest = max(spread.values())
    return rng.choice([index for index, variance in spread.items() if variance >= largest - SAME])


def judgment_pair(strengths: Sequence[float], lengths: Sequence[int], *, longest: int | None = None) -> Choice:
    """The strongest judgment is chosen, the weakest is rejected; of equally strong ones the first is taken.

    strengths: log-odds as `bradley_terry` finds them; lengths: of the judgments' texts, in characters; longest: the
    length up to which a chosen judgment goes on (None: any). Dropped: "fewer than two judgments", "equal judgments",
    "chosen judgment too long". Source: Wu et al. (2024), judge preference data; 1,100 characters
    in iteration 1, 1,000 in 2.
    """
    if len(strengths) != len(lengths):
        raise ValueError("every judgment needs a strength and a length")
    if not all(map(math.isfinite, strengths)):
        raise ValueError("a strength must be a finite number")
    if len(strengths) < 2:
        raise Dropped("fewer than two judgments")
    highest, lowest = max(strengths), min(strengths)
    if highest - lowest <= SAME:
        raise Dropped("equal judgments")
    chosen = next(index for index, strength in enumerate(strengths) if strength >= highest - SAME)
    rejected = next(index for index, strength in enumerate(strengths) if strength <= lowest + SAME)
    within(lengths[chosen], longest, "chosen judgment")
    return Choice(chosen, rejected)
