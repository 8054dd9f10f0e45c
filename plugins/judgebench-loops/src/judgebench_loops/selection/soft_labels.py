"""Soft preference labels out of a labeller's probabilities in the two orders of presentation.

Source of all of it: Lee et al., RLAIF vs. RLHF (2023), preference labelling with both orders averaged.
"""

import math
from typing import Literal

from judgebench_loops.kept import Dropped
from judgebench_loops.selection.pairs import SAME, Choice

Average = Literal["probabilities", "log-probabilities"]


def soft_label(
    forward: tuple[float, float] | None,
    backward: tuple[float, float] | None,
    *,
    average: Average = "probabilities",
    missing: Literal["drop", "other"] = "drop",
) -> float:
    """The probability that response 0 is the better one, averaged over both orders.

    forward, backward: what the labeller gives response 0 and response 1 where response 0 is shown first and where it is
    shown second, both already turned back; each is divided by its sum (the softmax over the two answers). None: that
    order has no answer. average: of the probabilities (the paper), or of their logarithms, normalised again (done by
    replications; it follows the more certain order). missing: drop the pair, or take the other order alone. Dropped:
    "an order is missing"; "the orders exclude each other" (logarithms, where each order rules out what the other
    allows). ValueError: a negative or infinite number, or a sum of 0.
    """
    orders = [_shares(order) for order in (forward, backward) if order is not None]
    if not orders or (len(orders) < 2 and missing == "drop"):
        raise Dropped("an order is missing")
    if average == "probabilities":
        return math.fsum(zero for zero, _ in orders) / len(orders)
    zero = math.prod(math.pow(p, 1 / len(orders)) for p, _ in orders)
    one = math.prod(math.pow(q, 1 / len(orders)) for _, q in orders)
    if zero + one == 0:
        raise Dropped("the orders exclude each other")
    return zero / (zero + one)


def confident(p: float, least: float) -> float:
    """The label as it is where one response has at least the probability `least`; Dropped "below the confidence" else.

    least: from 0.5, where everything stays, to 1. ValueError: outside of that, or p outside 0 to 1.
    """
    _probability(p)
    if not 0.5 <= least <= 1:
        raise ValueError("least must lie between 0.5 and 1")
    if max(p, 1 - p) < least - SAME:
        raise Dropped("below the confidence")
    return p


def oriented(p: float, *, hard: bool = False) -> tuple[Choice, float]:
    """The more probable response as the chosen one, with its probability.

    p: that response 0 is better. At 0.5 a soft label is still one, and response 0 stands as chosen; where hard labels
    are wanted it is Dropped, "no preference". ValueError: p outside 0 to 1.
    """
    _probability(p)
    if hard and abs(p - 0.5) <= SAME:
        raise Dropped("no preference")
    return (Choice(0, 1), p) if p >= 0.5 else (Choice(1, 0), 1 - p)


def _shares(order: tuple[float, float]) -> tuple[float, float]:
    zero, one = order
    total = zero + one
    if not (zero >= 0 and one >= 0 and 0 < total < math.inf):
        raise ValueError("the two probabilities must not be negative, and not both be 0")
    return zero / total, one / total


def _probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError("a probability must lie between 0 and 1")
