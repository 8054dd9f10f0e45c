"""The table that measures read: a record as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Table:
    """Units of comparison, one a row, for the subjects of one kind of measure.

    A unit is one pair of responses to one item under one judge and one repeat (for measures about
    policies alone: one answer). Its two columns of orders are 0: shown in slot order, 1: swapped;
    `preference` is already turned back. Slot 0 is the policy (or the first ready response), slot 1
    its opponent.

    n_clusters, n_subjects: sizes of the two axes of every result.
    strata: int [n_clusters], the stratum of each cluster.
    subject, cluster: int [units].
    planned, asked, valid: bool [units, 2]: was this order planned, is a line about it in the record (its judge,
    for answers its policy, was asked), does it have a verdict (an answer).
    preference: float [units, 2], P(slot 0 is better) in 0..1; 0 where not valid.
    gold: float [units], P(slot 0 is better) by the gold label; NaN where the item has none.
    length: float [units, 2], characters of the two responses; NaN where they are not known.
    strong: bool [units, 2]: the verdict's label says that one is much better, as `A>>B`.
    opponent: int [units], the subject in slot 1; -1 where it is none, as a benchmark's baseline.
    itself: bool [units]: the policy is compared with the baseline under its own name.
    texts: (text, text) of each unit's two responses, all turns joined; None where one is not there.
    family: int [n_subjects]: subjects of one number are compared with each other (policies under one judge; judges).
    item_features: float [units] each, numbers about the items by name; NaN where an item lacks one.
    features: float [units, 2] each, numbers about the two responses by name; NaN where one lacks it.
    reference: float [any length] each, numbers that belong to the benchmark beside its items.
    """

    n_clusters: int
    n_subjects: int
    strata: IntArray
    subject: IntArray
    cluster: IntArray
    planned: BoolArray
    asked: BoolArray
    valid: BoolArray
    preference: FloatArray
    gold: FloatArray
    length: FloatArray
    strong: BoolArray
    opponent: IntArray
    itself: BoolArray
    texts: Sequence[tuple[str | None, str | None]]
    family: IntArray
    item_features: Mapping[str, FloatArray] = field(default_factory=dict)
    features: Mapping[str, FloatArray] = field(default_factory=dict)
    reference: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def complete(self) -> BoolArray:
        """bool [units]: every order that was planned has a verdict, and at least one was planned."""
        return np.asarray((self.valid == self.planned).all(axis=1) & self.planned.any(axis=1))

    @property
    def both(self) -> BoolArray:
        """bool [units]: both orders were planned."""
        return np.asarray(self.planned.all(axis=1))

    @property
    def mean_preference(self) -> FloatArray:
        """float [units]: preference averaged over the valid orders as probabilities; 0 where there is none."""
        return np.asarray(
            np.where(self.valid, self.preference, 0.0).sum(axis=1) / np.maximum(self.valid.sum(axis=1), 1)
        )
