"""How many clusters decide a difference, and what so many can show: by the normal approximation."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def detectable(deviation: float, n: float, *, confidence: float = 0.95, power: float = 0.8) -> float:
    """Return the smallest true mean difference that n clusters find significant with this power.

    (z(1 - α/2) + z(power)) · deviation / √n, α = 1 - confidence. Source: Cohen (1988); Card et al. (2020), "With Little
    Power Comes Great Responsibility", for its use here.

    Args:
        deviation: standard deviation of the clusters' differences, not negative; the result is in its unit.
        n: number of clusters, above 0.
        confidence, power: between 0 and 1.

    Raises:
        ValueError: an argument out of range.
    """
    _check(deviation, n, confidence, power)
    return (_NORMAL.inv_cdf((1.0 + confidence) / 2.0) + _NORMAL.inv_cdf(power)) * deviation / math.sqrt(n)


def needed(
    difference: float, standard_error: float, n: float, *, confidence: float = 0.95, power: float = 0.8
) -> float:
    """Return with how many clusters this difference would be found significant; infinite where there is none.

    The standard error, seen on n clusters, falls with the root of their number.

    Raises:
        ValueError: an argument out of range.
    """
    _check(standard_error, n, confidence, power)
    if difference == 0.0:
        return math.inf
    reach = _NORMAL.inv_cdf((1.0 + confidence) / 2.0) + _NORMAL.inv_cdf(power)
    return n * (reach * standard_error / difference) ** 2


def needed_for_equivalence(
    difference: float,
    standard_error: float,
    n: float,
    margin: float,
    *,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """Return with how many clusters two one-sided tests would find the difference within the margin.

    n · ((z(1 - α) + z) · standard_error / (margin - |difference|))², with z = z((1 + power)/2) at a difference of 0,
    where both tests must succeed, and z(power) elsewhere. Infinite where the difference is no smaller than the margin.
    Source: Julious (2004), equations 21 and 22.

    Raises:
        ValueError: an argument out of range; a margin that is not positive.
    """
    _check(standard_error, n, confidence, power)
    if not margin > 0.0:
        raise ValueError(f"the margin must be positive, not {margin}")
    room = margin - abs(difference)
    if room <= 0.0:
        return math.inf
    reach = _NORMAL.inv_cdf(confidence) + _NORMAL.inv_cdf((1.0 + power) / 2.0 if difference == 0.0 else power)
    return n * (reach * standard_error / room) ** 2


def _check(spread: float, n: float, confidence: float, power: float) -> None:
    if not 0.0 <= spread < math.inf or not 0.0 < n < math.inf:
        raise ValueError(f"spread must not be negative and n positive, not {spread} and {n}")
    if not 0.0 < confidence < 1.0 or not 0.0 < power < 1.0:
        raise ValueError(f"confidence and power must lie between 0 and 1, not {confidence} and {power}")
