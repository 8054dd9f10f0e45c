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
    return _reach(confidence, power) * deviation / math.sqrt(n)


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
    return n * (_reach(confidence, power) * standard_error / difference) ** 2


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

    The number m that solves Φ((margin - d)/s - z) + Φ((margin + d)/s - z) - 1 = power, for d = |difference|,
    z = z(1 - α), α = 1 - confidence and s = standard_error · √(n/m): both tests must succeed. It is
    n · ((z + z((1 + power)/2)) · standard_error / margin)² at d = 0, and tends to
    n · ((z + z(power)) · standard_error / (margin - d))² as d grows. Infinite where d is no smaller than the margin.
    Source: Julious (2004), section 5; Chow, Shao & Wang (2008), section 3.1.

    Raises:
        ValueError: an argument out of range; a margin that is not positive.
    """
    _check(standard_error, n, confidence, power)
    if not margin > 0.0:
        raise ValueError(f"the margin must be positive, not {margin}")
    distance, z = abs(difference), _NORMAL.inv_cdf(confidence)
    if distance >= margin:
        return math.inf
    # 1/s lies between the two: one of the tests alone reaches the power, or each leaves half of 1 - power
    low, high = (max(0.0, z + _NORMAL.inv_cdf(p)) / (margin - distance) for p in (power, (1.0 + power) / 2.0))
    for _ in range(60):
        middle = (low + high) / 2.0
        reached = _NORMAL.cdf((margin - distance) * middle - z) + _NORMAL.cdf((margin + distance) * middle - z) - 1.0
        low, high = (low, middle) if reached >= power else (middle, high)
    return n * (high * standard_error) ** 2


def _reach(confidence: float, power: float) -> float:
    """How many standard errors the difference must be; 0 where even no difference has this power."""
    return max(0.0, _NORMAL.inv_cdf((1.0 + confidence) / 2.0) + _NORMAL.inv_cdf(power))


def _check(spread: float, n: float, confidence: float, power: float) -> None:
    if not 0.0 <= spread < math.inf or not 0.0 < n < math.inf:
        raise ValueError(f"spread must not be negative and n positive, not {spread} and {n}")
    if not 0.0 < confidence < 1.0 or not 0.0 < power < 1.0:
        raise ValueError(f"confidence and power must lie between 0 and 1, not {confidence} and {power}")
