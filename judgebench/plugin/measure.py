"""Measures: numbers about each subject, by the contract weights in, values out."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from judgebench.plugin.component import Component

if TYPE_CHECKING:
    from judgebench.stats.arrays import FloatArray, IntArray
    from judgebench.stats.table import Table

Mode = Literal["corrected", "official"]
"""What a board shows where the two differ: the right estimator, or what the official code computes, quirks included."""


@dataclass(frozen=True, slots=True)
class Support:
    """How many units entered a measure, how many are missing, and from how many clusters: int [subjects] each."""

    n: "IntArray"
    missing: "IntArray"
    clusters: "IntArray"


@dataclass(frozen=True, slots=True)
class Published:
    """What the official code prints, for boards in official mode: float [subjects] each, NaN where there is none.

    None: it prints nothing of the kind. `method` names how its interval is made, and `confidence` how wide it is
    meant to be.
    """

    value: "FloatArray | None" = None
    standard_error: "FloatArray | None" = None
    low: "FloatArray | None" = None
    high: "FloatArray | None" = None
    confidence: float = 0.95
    method: str = "official"


@dataclass(frozen=True, slots=True)
class Limits:
    """Intervals by another rule than resampling, of subjects whose values are bounds or do not vary.

    alone: (low, high) float [subjects] at a confidence, NaN where resampling's ends hold. between: those of the
    differences of pairs (two int arrays of subjects, confidence), NaN likewise. bound: int [subjects], 1 where the
    value is the least that it can be, -1 the most, 0 neither: an interval then has no end beyond the value.
    """

    alone: "Callable[[float], tuple[FloatArray, FloatArray]]"
    between: "Callable[[IntArray, IntArray, float], tuple[FloatArray, FloatArray]]"
    bound: "IntArray"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A measure on one table, with all that does not depend on weights worked out.

    `values` maps weights [B, clusters] to values [B, subjects]; `details` are further numbers of each subject
    (float [subjects] each, NaN where there is none); `published` is what the official code prints beside or in the
    place of the value; `notes` say what a reader must know, of all subjects or of one; `why` says of subjects without
    an estimate why they have none, where the measure knows more than that units are missing; `limits` are intervals
    that resampling cannot give.
    """

    values: "Callable[[FloatArray], FloatArray]"
    details: "Mapping[str, FloatArray]" = field(default_factory=dict)
    published: "Published | None" = None
    notes: tuple[str | tuple[int, str], ...] = ()
    why: Mapping[int, str] = field(default_factory=dict)
    limits: Limits | None = None


class Measure(Component):
    """A number about each subject, by the contract weights in, values out.

    Ones as weights give the point estimate, resample counts the bootstrap, leave-one-out the
    jackknife: one implementation serves all three, for all subjects at once. A measure whose official
    estimator is not the right one has an option `mode: Mode`, which the board sets; one that counts a judge's ties and
    missing verdicts has an option `convention: ConventionName`, which is the benchmark's unless a user says.
    """

    kind = "measure"
    about: ClassVar[Literal["policy", "policy under judge", "judge"]]
    """What its subjects are: policies, policies under one judge, or judges."""
    unit: ClassVar[Literal["%", "points", "characters", "tokens", "seconds"]] = "%"
    """What its values are in; differences of percentages are in points."""
    better: ClassVar[Literal["higher", "lower"] | None] = "higher"
    """Which end is the good one; None: neither, so that there are no ranks and `compare` only tells apart."""
    responses: ClassVar[Literal["pair", "any"]] = "pair"
    """Whether its table holds trials of two responses alone, or of any number."""
    bounds: ClassVar[tuple[float, float] | None] = None
    """The lowest and highest value there can be, in its unit: values that do not vary then still get an interval."""

    @property
    def refers_to(self) -> tuple[str, ...]:
        """Names of judges that it needs beside the one that it is about: checked before anything is spent."""
        return ()

    @property
    def joint(self) -> bool:
        """Whether a subject's value depends on the verdicts about others."""
        return False

    @abstractmethod
    def fit(self, table: "Table", weights: "FloatArray") -> "FloatArray":
        """Values [B, subjects] for weights [B, clusters]; NaN where a subject has no weight. Rates in percent."""

    def prepare(self, table: "Table") -> Prepared:
        """The measure on this table: what `fit` would work out again for every block of weights, worked out once."""
        return Prepared(partial(self.fit, table))

    @abstractmethod
    def support(self, table: "Table") -> Support:
        """Units that entered and units that are missing, per subject; no unit gives no estimate."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What a ratio measure sums, per unit of the table: float [units] each.

    `numerator` and `denominator` are 0 for units that do not enter; `planned` counts what should
    have entered, in the denominator's terms.
    """

    numerator: "FloatArray"
    denominator: "FloatArray"
    planned: "FloatArray"


class RatioMeasure(Measure):
    """A measure that is a ratio of two sums over units: implement `cells` alone.

    It is a rate unless it says otherwise: set `bounds` with `scale`, `shift` and `unit`.
    """

    bounds: ClassVar[tuple[float, float] | None] = (0.0, 100.0)
    """Those of a rate in percent."""
    scale: ClassVar[float] = 100.0
    """What the ratio is multiplied by; 1 for a mean."""
    shift: ClassVar[float] = 0.0
    """What is added then, in the unit of the values."""

    @abstractmethod
    def cells(self, table: "Table") -> Cells:
        """Numerator, denominator and planned count of every unit."""

    def fit(self, table: "Table", weights: "FloatArray") -> "FloatArray":
        """scale · Σ w·numerator / Σ w·denominator + shift."""
        return self.prepare(table).values(weights)

    def prepare(self, table: "Table") -> Prepared:
        """The sums by cluster, made once."""
        from judgebench.stats import ratio

        top, bottom = self.sums(table)
        return Prepared(lambda weights: self.scale * ratio(weights, top, bottom) + self.shift)

    def sums(self, table: "Table") -> "tuple[FloatArray, FloatArray]":
        """Numerator and denominator by cluster: float [clusters, subjects] each."""
        cells = self.cells(table)
        return self._sums(table, cells.numerator), self._sums(table, cells.denominator)

    def support(self, table: "Table") -> Support:
        """n = Σ denominator, missing = Σ planned − n, clusters = those with a denominator."""
        import numpy as np

        cells = self.cells(table)
        entered = self._sums(table, cells.denominator)
        n = np.rint(entered.sum(axis=0)).astype(np.intp)
        planned = np.rint(self._sums(table, cells.planned).sum(axis=0)).astype(np.intp)
        return Support(n, planned - n, (entered > 0).sum(axis=0))

    @staticmethod
    def _sums(table: "Table", values: "FloatArray") -> "FloatArray":
        from judgebench.stats import cluster_sums

        return cluster_sums(table.cluster, table.subject, values, table.n_clusters, table.n_subjects)
