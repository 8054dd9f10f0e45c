"""The result of an analysis: estimates, comparisons and where they come from. Reports only render it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval.

    Rates are in percent. `subject` is a policy (`judge` then names who judged it, None where no
    judge matters) or a judge (`judge` is None). `n` counts the units that entered (items, or pairs
    of orders), `missing` those that were planned and have no verdict. `standard_error` is that of the method (on
    boards in official mode the one that the official code prints, where it has one), in the value's unit.
    `rank_low` to `rank_high` are the ranks that the family of comparisons leaves open, at this confidence; None
    where neither more nor less is better. `details` are further numbers of the fit. `method` says how the interval is
    made; with `at least` the value is a bound, and nothing is known above it, with `at most` below it.
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
    standard_error: float
    rank_low: int | None = None
    rank_high: int | None = None
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two subjects of one measure, compared on the same resamples.

    `difference` is that of `a` less that of `b`, with its interval and standard error, in the measure's unit. `p` is
    the two-sided p-value of `test` for no difference; `p_adjusted` is adjusted by step-down max-T over the `family`,
    the number of pairs of all subjects of the measure (under one judge).
    """

    benchmark: str
    judge: str | None
    measure: str
    a: str
    b: str
    difference: float
    low: float
    high: float
    confidence: float
    standard_error: float
    clusters: int
    test: str
    p: float
    p_adjusted: float
    family: int


@dataclass(frozen=True, slots=True)
class Series:
    """The checkpoints of one training in the order of their steps: policies or judges, by their names on the board.

    The comparisons of a board hold each of them against the one before it and against the first.
    """

    name: str
    kind: Literal["policy", "judge"]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Estimates and comparisons of one benchmark, with their provenance. Contains no clock time."""

    title: str
    benchmark: str
    mode: str
    estimates: tuple[Estimate, ...]
    comparisons: tuple[Comparison, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    series: tuple[Series, ...] = ()


def tables(board: Leaderboard) -> list[tuple[tuple[str, str, str | None], list[Estimate]]]:
    """The estimates of each benchmark, measure and judge, in the board's order."""
    whole = groupby(board.estimates, key=lambda row: (row.benchmark, row.measure, row.judge))
    return [(key, list(rows)) for key, rows in whole]


def by_pair(board: Leaderboard) -> dict[tuple[str, str, str | None, str, str], Comparison]:
    """The comparisons of a board by benchmark, measure, judge and both subjects, in either order.

    A board holds each pair once; asked the other way round, difference and interval have the other sign.
    """
    found = {}
    for c in board.comparisons:
        found[c.benchmark, c.measure, c.judge, c.a, c.b] = c
        turned = replace(c, a=c.b, b=c.a, difference=0.0 - c.difference, low=0.0 - c.high, high=0.0 - c.low)
        found.setdefault((c.benchmark, c.measure, c.judge, c.b, c.a), turned)
    return found


def tiers(rows: Sequence[Estimate]) -> list[int] | None:
    """The tier of each estimate of one measure (under one judge), the best first; None where there are no ranks.

    Read off the rank intervals: a tier begins with the best subject that is left and takes in those after it, up to the
    first that as many subjects are shown to be better than as stand before and at the tier's beginning. So nobody in a
    tier is separable from its first by rank, while its last and the next tier's first need not be separable.
    """
    found: list[int] = []
    begin = 0
    for place, row in enumerate(rows):
        if row.rank_low is None:
            return None
        if place == 0 or row.rank_low > begin:
            begin = place + 1
            found.append(found[-1] + 1 if found else 1)
        else:
            found.append(found[-1])
    return found
