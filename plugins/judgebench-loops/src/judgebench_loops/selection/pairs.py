"""Which two responses to a prompt become a preference pair: by their scores, and by scores and lengths."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from judgebench_loops.kept import Dropped

SAME = 1e-9
"""Numbers no further apart are equal: two means of the same scores can differ by rounding."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The indices of the preferred and of the other one, among the candidates that were given."""

    chosen: int
    rejected: int


def mean_score(judgments: Sequence[float | None]) -> float | None:
    """The mean of the judgments that could be read (None: it could not); None where there is none.

    The sum is exact, so the order of the judgments does not matter. Source: Yuan et al. (2024), Self-Rewarding
    Language Models (three judgments); Wu et al. (2024), Meta-Rewarding (eleven, of which the valid ones count).
    """
    valid = _finite(judgments)
    return math.fsum(valid.values()) / len(valid) if valid else None


def best_against_worst(
    scores: Sequence[float | None],
    *,
    margin: float = 0.0,
    ties: Literal["first", "random"] = "first",
    rng: Random | None = None,
) -> Choice:
    """The response with the highest mean score is chosen, the one with the lowest is rejected.

    scores: one per response; None (no valid judgment) takes no part. margin: points by which the two must differ at
    least. ties: which of several equal ones at an end is taken, the first, or one drawn with `rng`; the paper does not
    say. Dropped: "fewer than two scored", "equal scores", "below the margin". ValueError: a negative margin, a score
    that is not finite, or ties="random" without rng. Source: Yuan et al. (2024), Self-Rewarding
    Language Models (no margin there).
    """
    if not margin >= 0:
        raise ValueError("margin must not be negative")
    scored, lowest, highest = _ends(scores)
    if highest - lowest < margin - SAME:
        raise Dropped("below the margin")
    best = [index for index, score in scored.items() if score >= highest - SAME]
    worst = [index for index, score in scored.items() if score <= lowest + SAME]
    if ties == "first":
        return Choice(best[0], worst[0])
    if rng is None:
        raise ValueError("ties drawn at random need rng")
    return Choice(rng.choice(best), rng.choice(worst))


def length_tiers(scores: Sequence[float | None], lengths: Sequence[int], *, rho: float) -> Choice:
    """The shortest response of the top tier is chosen, the longest of the bottom tier is rejected.

    With S the scores, the top tier is [(1 - rho) max S + rho min S, max S] and the bottom tier
    [min S, (1 - rho) min S + rho max S]; a score on an edge belongs to the tier. rho = 0 leaves the best and the worst.
    Of equally long ones the better is chosen and the worse rejected, then the first. scores: one per response; None
    (no valid judgment) takes no part. lengths: one per response, in characters. Dropped: "fewer than two scored",
    "equal scores", "tiers overlap" (from rho = 0.5: the chosen one would not score above the rejected one).
    ValueError: rho outside 0 to 1, a score that is not finite, or not as many lengths as scores. Source: Wu et al.
    (2024), Meta-Rewarding, length control.
    """
    if not 0 <= rho <= 1:
        raise ValueError("rho must lie between 0 and 1")
    if len(lengths) != len(scores):
        raise ValueError("every response needs a score and a length")
    scored, lowest, highest = _ends(scores)
    # the allowance keeps the ends, and scores on an edge, in their tiers however the edge was rounded
    top = (1 - rho) * highest + rho * lowest - SAME
    bottom = (1 - rho) * lowest + rho * highest + SAME
    chosen = min((i for i in scored if scored[i] >= top), key=lambda i: (lengths[i], -scored[i]))
    rejected = max((i for i in scored if scored[i] <= bottom), key=lambda i: (lengths[i], -scored[i]))
    if scored[chosen] - scored[rejected] <= SAME:
        raise Dropped("tiers overlap")
    return Choice(chosen, rejected)


def within(length: int, most: int | None, what: str) -> None:
    """Drop what is longer than `most`, as "<what> too long"; None sets no limit, and `most` itself is allowed.

    Source: Wu et al. (2024), appendix: chosen responses of at most 2,500 and chosen judgments of at most 1,100
    characters in the first iteration.
    """
    if most is not None and length > most:
        raise Dropped(f"{what} too long")


def distinct(texts: Sequence[str], *, most_duplicates: int | None = 0) -> list[int]:
    """The indices of the texts that stay when identical ones are removed, in order.

    most_duplicates: how many copies of a text may stay beside its first occurrence (0: none; None: all of them).
    """
    if most_duplicates is not None and most_duplicates < 0:
        raise ValueError("most_duplicates must not be negative")
    seen: dict[str, int] = {}
    stay = []
    for index, text in enumerate(texts):
        copies = seen.get(text, 0)
        if most_duplicates is None or copies <= most_duplicates:
            stay.append(index)
        seen[text] = copies + 1
    return stay


def _ends(scores: Sequence[float | None]) -> tuple[dict[int, float], float, float]:
    """The scores that there are, by index, with the lowest and the highest."""
    scored = _finite(scores)
    if len(scored) < 2:
        raise Dropped("fewer than two scored")
    lowest, highest = min(scored.values()), max(scored.values())
    if highest - lowest <= SAME:
        raise Dropped("equal scores")
    return scored, lowest, highest


def _finite(scores: Sequence[float | None]) -> dict[int, float]:
    there = {index: score for index, score in enumerate(scores) if score is not None}
    if not all(map(math.isfinite, there.values())):
        raise ValueError("a score must be a finite number, or None where there is none")
    return there
