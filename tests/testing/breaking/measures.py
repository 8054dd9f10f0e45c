"""Measures: the share of units in which slot 0 is shown to be better."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal

import numpy as np

from judgebench import Cells, Measure, Prepared, RatioMeasure, Support, Table
from judgebench.stats.arrays import FloatArray


@dataclass(frozen=True)
class Good(RatioMeasure):
    """The mean preference of complete units."""

    name = "good"
    summary = "a good measure"
    about: ClassVar[Literal["policy", "policy under judge", "judge"]] = "judge"

    def cells(self, table: Table) -> Cells:
        enters = table.complete.astype(float)
        return Cells(enters * table.mean_preference, enters, table.planned.any(axis=1).astype(float))


@dataclass(frozen=True)
class ByBlocks(Good):
    """The rows of weights look at each other."""

    name = "by-blocks"

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        values = super().prepare(table).values(weights)
        return np.asarray(values * (1.0 - 1e-3 * (len(weights) > 1)))

    def prepare(self, table: Table) -> Prepared:
        return Prepared(partial(self.fit, table))


@dataclass(frozen=True)
class TwoWays(Good):
    """Is prepared otherwise than it is fitted."""

    name = "two-ways"

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        return np.asarray(0.999 * super().prepare(table).values(weights))


@dataclass(frozen=True)
class WideDetails(Good):
    """Has a detail of another shape."""

    name = "wide-details"

    def prepare(self, table: Table) -> Prepared:
        return replace(super().prepare(table), details={"p": np.zeros(table.n_subjects + 1)})


@dataclass(frozen=True)
class FirstUnit(Good):
    """The first unit counts more."""

    name = "first-unit"

    def cells(self, table: Table) -> Cells:
        found = super().cells(table)
        more = np.where(np.arange(len(table.subject)) == 0, 2.0, 1.0)
        return Cells(found.numerator * more, found.denominator * more, found.planned * more)


@dataclass(frozen=True)
class FirstSubject(Good):
    """The first subject is favoured."""

    name = "first-subject"

    def cells(self, table: Table) -> Cells:
        found = super().cells(table)
        return Cells(np.where(table.subject == 0, found.denominator, found.numerator), found.denominator, found.planned)


@dataclass(frozen=True)
class Zero(Good):
    """No data is 0."""

    name = "zero"

    def prepare(self, table: Table) -> Prepared:
        values = super().prepare(table).values
        return Prepared(lambda weights: np.nan_to_num(values(weights)))


@dataclass(frozen=True)
class Undefined(Good):
    """Has no value where all units are alike, and does not say why."""

    name = "undefined"

    def prepare(self, table: Table) -> Prepared:
        values = super().prepare(table).values
        return Prepared(lambda weights: np.where(values(weights) == 0.0, np.nan, values(weights)))


@dataclass(frozen=True)
class Endless(Good):
    """Is infinite where all units are alike."""

    name = "endless"
    bounds = None

    def prepare(self, table: Table) -> Prepared:
        values = super().prepare(table).values
        return Prepared(lambda weights: np.where(values(weights) == 0.0, np.inf, values(weights)))


@dataclass(frozen=True)
class Beyond(Good):
    """Says narrower bounds than it keeps."""

    name = "beyond"
    bounds = (0.0, 1.0)


@dataclass(frozen=True)
class HalfUnits(Measure):
    """Counts its units in halves."""

    name = "half-units"
    summary = "counts halves"
    about: ClassVar[Literal["policy", "policy under judge", "judge"]] = "judge"

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        return Good().fit(table, weights)

    def support(self, table: Table) -> Support:
        found = Good().support(table)
        return replace(found, n=found.n / 2)


WEIGHT, FINITE = "gives nothing where there is no weight", "gives a finite value where there are units"
PREPARED = "prepares what it fits"
GOOD = (Good,)
BROKEN = (
    ("fits many resamples as it fits each", ByBlocks, ()),
    (PREPARED, TwoWays, ()),
    (PREPARED, WideDetails, ()),
    ("does not depend on the order of units", FirstUnit, ()),
    ("does not depend on the order of subjects", FirstSubject, ()),
    (WEIGHT, Zero, ()),
    (FINITE, Undefined, ()),
    (FINITE, Endless, ()),
    ("stays within its bounds", Beyond, ()),
    ("counts its units", HalfUnits, ()),
)
