"""The table that measures read: a record as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from judgebench.stats.arrays import BoolArray, FloatArray, IntArray

_BY_UNIT = (
    "subject", "cluster", "planned", "asked", "valid", "preference", "gold", "length", "strong", "slots", "values",
    "ratings", "opponent", "itself", "inconsistent", "item", "shown", "own", "scored",
    "part_values", "tokens", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Units of comparison, one a row, for the subjects of one kind of measure.

    A unit is the responses to one item, mostly two, under one judge and one repeat (for measures about policies alone:
    one answer). Its two columns of orders are 0: shown in slot order (or in one drawn order, where there are more than
    two), 1: the other way round; `preference` and `values` are already turned back. Slot 0 is the policy (or the first
    ready response), slot 1 its opponent. Measures see units of two responses alone, unless they ask for any number.

    n_clusters, n_subjects: sizes of the two axes of every result.
    strata: int [n_clusters], the stratum of each cluster.
    subject, cluster: int [units].
    planned, asked, valid: bool [units, 2]: was this order planned, is a line about it in the record (its judge,
    for answers its policy, was asked), does it have a verdict (an answer).
    preference: float [units, 2], P(slot 0 is better) in 0..1; 0 where not valid.
    slots: int [units], how many responses there are; `values` and `ratings` have as many columns as the most.
    values: float [units, 2, slots], each response's probability or score; NaN where not valid or no such response.
    ratings: float [units, slots], gold numbers of the ready responses, higher is better, or the gold label's
    probabilities; NaN where there are none.
    votes: float [units, 3] each, by group of voters: how many people said slot 0, tie, slot 1; 0 where nobody did.
    gold: float [units], P(slot 0 is better) by the gold label; NaN where the item has none.
    length: float [units, 2], characters of the two responses; NaN where they are not known.
    strong: bool [units, 2]: the verdict's label says that one is much better, as `A>>B`.
    opponent: int [units], the subject in slot 1; -1 where it is none, as a benchmark's baseline.
    itself: bool [units]: the policy is compared with the baseline under its own name; about judges: the subject is the
    people who gave the votes, whose verdicts are these.
    inconsistent: bool [units]: recorded as a tie, because two orders disagreed.
    scored: bool [units, 2]: the verdict is a Score, so that `values` are no probabilities.
    own: bool [units, 2]: the response in slot 0, slot 1 was written by the very model that judges.
    part_values: float [units, 2, parts, 2]: what each of several votes or jurors said of the responses in slots 0 and
    1, in each order: probabilities, or scores; NaN where it said nothing, and no parts where no judge has several.
    tokens: float [units, 2, 2]: tokens read and written for the verdict in each order, over all its samples; seconds:
    float [units, 2], how long those took, one after the other. NaN where it is not known.
    item: int [units], the same number for the same item and turn.
    shown: int [units], the same number for the same item, turn and authors of the responses.
    subsets: bool [units] each, by name of a part of the benchmark: does the unit belong to it.
    names: the subjects' names on boards.
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
    slots: IntArray
    values: FloatArray
    ratings: FloatArray
    opponent: IntArray
    itself: BoolArray
    inconsistent: BoolArray
    item: IntArray
    shown: IntArray
    names: Sequence[str]
    texts: Sequence[tuple[str | None, str | None]]
    family: IntArray
    scored: BoolArray
    own: BoolArray
    part_values: FloatArray
    tokens: FloatArray
    seconds: FloatArray
    item_features: Mapping[str, FloatArray] = field(default_factory=dict)
    features: Mapping[str, FloatArray] = field(default_factory=dict)
    votes: Mapping[str, FloatArray] = field(default_factory=dict)
    subsets: Mapping[str, BoolArray] = field(default_factory=dict)
    reference: Mapping[str, FloatArray] = field(default_factory=dict)

    def only(self, rows: BoolArray) -> "Table":
        """The table of these units alone (bool [units]); clusters and subjects stay."""
        chosen = np.flatnonzero(rows)
        changed: dict[str, Any] = {name: getattr(self, name)[chosen] for name in _BY_UNIT}
        changed["texts"] = [self.texts[k] for k in chosen.tolist()]
        for name in ("item_features", "features", "votes", "subsets"):
            changed[name] = {key: column[chosen] for key, column in getattr(self, name).items()}
        return replace(self, **changed)

    @property
    def parts(self) -> FloatArray:
        """float [units, 2, parts]: P(slot 0 is better) by each vote or juror; scores are compared, NaN without both."""
        first, second = self.part_values[..., 0], self.part_values[..., 1]
        compared = np.where(first > second, 1.0, np.where(first < second, 0.0, 0.5))
        said = np.where(self.scored[:, :, None], compared, first)
        return np.asarray(np.where(np.isnan(first + second), np.nan, said))

    @property
    def complete(self) -> BoolArray:
        """bool [units]: every order that was planned has a verdict, and at least one was planned."""
        return np.asarray((self.valid == self.planned).all(axis=1) & self.planned.any(axis=1))

    @property
    def fully_asked(self) -> BoolArray:
        """bool [units]: every order that was planned was asked, with or without success, and one was planned."""
        return np.asarray((self.asked | ~self.planned).all(axis=1) & self.planned.any(axis=1))

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
