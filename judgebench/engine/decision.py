"""What a comparison comes to, as data and in words."""

import math
from dataclasses import dataclass
from typing import Literal

from judgebench.core.leaderboard import Comparison
from judgebench.reporting.figures import digits

Outcome = Literal["better", "worse", "different", "equivalent", "undecided"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of `a` against `b` on one measure.

    `p_used` is the p-value that decides: that of the test where two subjects were named beforehand, else adjusted over
    all pairs, and by Benjamini and Hochberg's method where there are several benchmarks. `p_equivalence` is that of
    two one-sided tests against `margin` (Holm's adjustment over the pairs shown). `deciding` is the number of items
    with which an undecided difference, if it stays as it is, would be decided with a power of 80 %: infinite where
    there is no difference at all, None too where the approximation behind it would say that these were enough.
    `values` are those of a and b; `unit` is theirs, and the margin's. `apart` counts the items that enter one of the
    two alone. `doubts` say of each judge behind it that it follows places more than responses, and by what counts.
    """

    comparison: Comparison
    values: tuple[float, float]
    unit: str
    better: str | None
    outcome: Outcome
    p_used: float
    margin: float | None = None
    p_equivalence: float | None = None
    deciding: float | None = None
    apart: int = 0
    doubts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words and figures, as `judgebench compare` prints it."""
        c, unit = self.comparison, {"%": "points"}.get(self.unit, self.unit)
        judged = f", judged by {c.judge}" if c.judge is not None else ""
        p = f"p = {_p(self.p_used)} ({c.test}{', all pairs' if self.p_used != c.p else ''})"
        low, difference, high = (digits(number, "+.1f") for number in (c.low, c.difference, c.high))
        lines = [
            f"{c.benchmark}, {c.measure}{judged}: {_sentence(self)}",
            f"  {c.a} {self.values[0]:.1f}, {c.b} {self.values[1]:.1f}; difference {difference} {unit}, "
            f"{100 * c.confidence:g} % interval {low} to {high}, {p}, {c.clusters} items",
        ]
        if self.apart:
            lines.append(
                f"  {self.apart} further items enter one of the two alone: the difference is partly one of items"
            )
        if self.margin is not None and self.p_equivalence is not None:
            lines.append(
                f"  within {self.margin:g} {unit} of each other: p = {_p(self.p_equivalence)} (two one-sided tests)"
            )
        if self.outcome == "undecided" and c.p > 1 - c.confidence and (c.low > 0 or c.high < 0):
            lines.append("  the interval leaves 0 out, and the test does not: of so few items the test decides")
        if self.deciding is not None:
            lines.append(f"  {_deciding(self.deciding)}")
        lines += [f"  {doubt}, which more items do not mend" for doubt in self.doubts]
        return "\n".join(lines)


def _sentence(decision: Decision) -> str:
    a, b = decision.comparison.a, decision.comparison.b
    match decision.outcome:
        case "better" | "worse":
            return f"{a} is {decision.outcome} than {b}"
        case "different":
            return f"{a} differs from {b}"
        case "equivalent":
            return f"{a} and {b} are equivalent within the margin"
        case _:
            return f"undecided between {a} and {b}"


def _deciding(items: float) -> str:
    if math.isinf(items):
        return "the difference seen is 0: no number of items can be said to decide it"
    return f"about {math.ceil(items):,} items would decide it, if the difference stays as it is (power 80 %)"


def _p(p: float) -> str:
    return f"{p:.2g}" if p >= 0.0001 else "< 0.0001"
