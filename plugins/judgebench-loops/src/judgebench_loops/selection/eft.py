"""Which judgments of human-ranked responses teach judging: those that agree with the ranking, spread over the scores.

Source: Yuan et al., Self-Rewarding Language Models (2024), the seed data for judging (evaluation fine-tuning data).
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from random import Random
from statistics import median
from typing import Literal, TypeVar

from judgebench_loops.kept import Dropped, Kept
from judgebench_loops.selection.pairs import SAME
from judgebench_loops.selection.thinning import at_most, grouped

T = TypeVar("T")


def ranking_agrees(
    scores: Sequence[float], ranks: Sequence[float], *, ties: Literal["wrong", "ignore"] = "wrong"
) -> None:
    """Drop the responses to one prompt unless the model's scores order them as humans did.

    scores: higher is better; ranks: of the same responses, 1 is the best, equal ranks order nothing. ties: what two
    equal scores are worth where humans tell the responses apart; the paper does not say. Dropped: "the ranking
    disagrees", "no pair to compare" (humans order no two of them, or only such as ties="ignore" leaves out).
    """
    if len(scores) != len(ranks):
        raise ValueError("every response needs a score and a rank")
    compared = 0
    for (score, rank), (other, behind) in combinations(zip(scores, ranks, strict=True), 2):
        if rank == behind:
            continue
        ahead = score - other if rank < behind else other - score
        if ties == "ignore" and abs(ahead) <= SAME:
            continue
        if ahead <= SAME:
            raise Dropped("the ranking disagrees")
        compared += 1
    if not compared:
        raise Dropped("no pair to compare")


def flatten(
    rows: Sequence[T],
    score: Callable[[T], float],
    rng: Random,
    *,
    cap: int | None = None,
    to: Literal["median", "least"] = "median",
) -> Kept[T]:
    """Drop rows at random from scores that have too many, as "score over-represented"; the order stays.

    cap: how many rows of one score may stay. None: the median of the counts of the scores that occur, rounded down, or
    their least (`to`), which makes all equal. The paper says that examples with the most frequent score, 4, were
    dropped until the distribution was flatter, not how. ValueError: a cap below 1.
    """
    if cap is not None and cap < 1:
        raise ValueError("cap must be at least 1")
    if cap is None:
        counts = [len(indices) for indices in grouped(rows, score).values()]
        cap = int(median(counts) if to == "median" else min(counts)) if counts else 1
    return at_most(rows, score, cap, rng, "score over-represented")
