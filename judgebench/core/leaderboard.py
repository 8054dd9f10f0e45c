"""The result of an analysis: estimates, comparisons and where they come from. Reports only render it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval.

    Rates are in percent. `subject` is a policy (`judge` then names who judged it, None where no
    judge matters) or a judge (`judge` is None). `n` counts the units that entered (items, or pairs
    of orders), `missing` those that were planned and have no verdict.
    """

    benchmark: str
    subject: str
    judge: str | None
    measure: str
    value: float
    low: float
    high: float
    confidence: float
    n: int
    missing: int
    method: str


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Estimates and comparisons of one benchmark, with their provenance. Contains no clock time."""

    title: str
    benchmark: str
    mode: str
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
