"""Scales of a drawing: where a value stands, and which values are written beside an axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Steps between two ticks, times a power of ten."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale: `low` to `high` of the data are drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, both included where they are round: at most so many, and two at least.

    `low` must be below `high`. Source: nice numbers for graph labels (Heckbert 1990), with 2.5 among them.
    """
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for step in (factor * scale for scale in (power, 10 * power) for factor in _NICE):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [k * step for k in range(first, last + 1)]
    return [low, high]


def covering(values: Sequence[float]) -> tuple[float, float]:
    """A range that holds the values with a little room; one of width 1 where they are all alike."""
    low, high = min(values), max(values)
    if high - low < 1e-9 * max(abs(low), abs(high), 1.0):
        return low - 0.5, high + 0.5
    room = 0.06 * (high - low)
    return low - room, high + room


def label(value: float, step: float) -> str:
    """A tick's value, with as many digits as tell it from the next one."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step * 10**digits % 1 > 1e-9:  # 2.5 or 0.25
        digits += 1
    return f"{value:.{digits}f}".replace("-", "−") if round(value, digits) else f"{0:.{digits}f}"
