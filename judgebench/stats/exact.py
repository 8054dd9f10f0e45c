"""Exact tests of counts."""

from __future__ import annotations

import math


def mcnemar(wins: int, losses: int) -> float:
    """Return McNemar's exact two-sided p-value: twice the binomial tail of the rarer of two outcomes, at most 1.

    Of the clusters in which one of two subjects is right and the other wrong, half favour either under the null.
    Source: McNemar (1947), by the binomial distribution.

    Args:
        wins, losses: numbers of such clusters, not negative.

    Raises:
        ValueError: a negative count.
    """
    if min(wins, losses) < 0:
        raise ValueError(f"counts must not be negative, not {wins} and {losses}")
    n, rarer = wins + losses, min(wins, losses)
    if 2 * rarer >= n - 1:  # the two tails meet
        return 1.0
    log_half = n * math.log(2.0)
    whole = math.lgamma(n + 1)
    terms = (math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) - log_half) for k in range(rarer + 1))
    return min(1.0, 2.0 * math.fsum(terms))
