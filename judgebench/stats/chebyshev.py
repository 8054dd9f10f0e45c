"""Interpolation at Chebyshev nodes: a smooth function of few parameters, evaluated for many of them at once."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np

from judgebench.stats.arrays import FloatArray

ACCURACY = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of the real line with Chebyshev nodes of the first kind."""

    low: float
    high: float
    number: int

    @classmethod
    def around(cls, values: FloatArray, pole: complex, margin: float = 0.0) -> Interval:
        """The interval of these values, widened by a part of its width on either side, with as many nodes as it needs.

        The error of interpolation falls as ρ^-number, where ρ = |w + √(w² - 1)| belongs to the largest ellipse around
        the interval in which the function is analytic; it passes through w = pole / (half the interval's width).
        `pole` is where the function's nearest singularity lies, seen from the interval's middle.
        Source: Trefethen (2013), Approximation Theory and Practice, theorem 8.2.
        """
        low, high = float(values.min()), float(values.max())
        low, high = low - margin * (high - low), high + margin * (high - low)
        reach = (high - low) / 2
        if reach <= 1e-14 * abs(low):
            return cls(low, high, 1)
        number = math.log(1 / ACCURACY) / abs(cmath.acosh(pole / reach).real)
        return cls(low, high, max(2, math.ceil(number)))

    @property
    def nodes(self) -> FloatArray:
        """float64 [number]."""
        angle = (np.arange(self.number) + 0.5) * (np.pi / self.number)
        return np.asarray((self.low + self.high) / 2 + (self.high - self.low) / 2 * np.cos(angle))

    def basis(self, values: FloatArray) -> FloatArray:
        """Weights [values, number]: a function's values at the nodes, so weighted, give it at these values."""
        if self.number == 1:
            return np.ones((len(values), 1))
        place = (2 * values - self.low - self.high) / (self.high - self.low)
        order = np.arange(self.number)
        angle = (order + 0.5) * (np.pi / self.number)
        transform = np.cos(np.outer(order, angle)) * (2.0 / self.number)
        transform[0] *= 0.5
        return np.polynomial.chebyshev.chebvander(place, self.number - 1) @ transform

    def holds(self, values: FloatArray) -> bool:
        """Whether all values lie in it."""
        return bool(self.low <= values.min() and values.max() <= self.high)
