"""bradley-terry: one rating a policy, from its comparisons with all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from judgebench.plugin.measure import Limits, Measure, Prepared, Support
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.bradley_terry import BradleyTerry as Fit
from judgebench.stats.bradley_terry import bradley_terry
from judgebench.stats.rating_limits import RatingLimits, rating_limits
from judgebench.stats.table import Table

MEAN, SCALE = 1000.0, 400.0 / log(10.0)
"""Ratings are on Elo's scale: 400 points are odds of ten to one, and the mean of all policies is 1000."""


@dataclass(frozen=True)
class BradleyTerry(Measure):
    """Ratings in Elo points with mean 1000 under which the verdicts on all pairs of policies are most likely.

    Formula: R maximises Σ w·[p·log P_ij + (1 − p)·log(1 − P_ij)] over the comparisons of policies i and j, where P_ij =
    1 / (1 + 10^((R_j − R_i) / 400)), p is P(i better) by the verdicts, and the mean of R is 1000.

    The planned orders of an item are averaged as probabilities, and a tie counts half a win for each; a comparison
    enters when every planned order has a verdict. Where somebody wins or loses everything, no finite rating is most
    likely: it is then a bound, with each pair counted as at least half a win for either side. Bounds, and ratings that
    no resample moves, get limits from Wilson's of each pair's share (`judgebench.stats.rating_limits`).

    Source: Bradley and Terry (1952); the scale: Elo (1978).
    """

    name = "bradley-terry"
    summary = "rating in Elo points from all comparisons between policies; their mean is 1000"
    about = "policy under judge"
    unit = "points"

    @property
    def joint(self) -> bool:
        """A rating depends on how strong the opponents are."""
        return True

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster and pair, judge by judge."""
        parts = [_part(table, subjects) for subjects in _families(table)]

        def values(weights: FloatArray) -> FloatArray:
            found = np.full((len(weights), table.n_subjects), np.nan)
            for subjects, fit in parts:
                found[:, subjects] = MEAN + SCALE * fit.fit(weights).strengths
            return found

        sides = [(subjects, rating_limits(fit)) for subjects, fit in parts]
        bound = (
            f"{self.name}: ratings are bounds, since somebody won or lost everything: no finite ones are most likely"
        )
        notes = [(int(subject), bound) for subjects, side in sides for subject in subjects[side.endless]]
        return Prepared(values, notes=tuple(notes), limits=_limits(sides, table.n_subjects))

    def fit(self, table: Table, weights: FloatArray) -> FloatArray:
        """The ratings under each row of weights."""
        return self.prepare(table).values(weights)

    def support(self, table: Table) -> Support:
        """Comparisons with another policy that have all their verdicts."""
        played, enters = table.opponent >= 0, _enters(table)
        n = np.bincount(table.subject[enters], minlength=table.n_subjects)
        planned = np.bincount(table.subject[played], minlength=table.n_subjects)
        pairs = np.unique(np.stack([table.subject[enters], table.cluster[enters]]), axis=1)
        return Support(n, planned - n, np.bincount(pairs[0], minlength=table.n_subjects))


def _enters(table: Table) -> BoolArray:
    return np.asarray(table.complete & (table.opponent >= 0))


def _families(table: Table) -> list[IntArray]:
    """The subjects of each judge that were compared with each other."""
    played = np.unique(table.subject[_enters(table)])
    return [played[table.family[played] == family] for family in np.unique(table.family[played])]


def _part(table: Table, subjects: IntArray) -> tuple[IntArray, Fit]:
    """Wins and games of each pair by cluster: every comparison once, from the side of the first subject."""
    place = np.full(table.n_subjects, -1)
    place[subjects] = np.arange(len(subjects))
    first, second = np.triu_indices(len(subjects), k=1)
    number = np.zeros((len(subjects), len(subjects)), dtype=np.intp)
    number[first, second] = np.arange(len(first))
    rows = np.flatnonzero(_enters(table) & (place[table.subject] >= 0) & (table.subject < table.opponent))
    pair = number[place[table.subject[rows]], place[table.opponent[rows]]]
    shape = (table.n_clusters, len(first))
    wins, games = np.zeros(shape), np.zeros(shape)
    np.add.at(wins, (table.cluster[rows], pair), table.mean_preference[rows])
    np.add.at(games, (table.cluster[rows], pair), 1.0)
    return subjects, bradley_terry(wins, games, first, second, len(subjects))


def _limits(sides: Sequence[tuple[IntArray, RatingLimits]], subjects: int) -> Limits:
    """The limits of all judges' fits, in Elo points and by the table's columns."""
    bound = np.zeros(subjects, dtype=np.intp)
    part, place = np.full(subjects, -1), np.zeros(subjects, dtype=np.intp)
    for number, (mine, side) in enumerate(sides):
        bound[mine], part[mine], place[mine] = side.bound, number, np.arange(len(mine))

    def alone(confidence: float) -> tuple[FloatArray, FloatArray]:
        found = np.full((2, subjects), np.nan)
        for mine, side in sides:
            found[:, mine] = side.alone(confidence)
        return MEAN + SCALE * found[0], MEAN + SCALE * found[1]

    def between(first: IntArray, second: IntArray, confidence: float) -> tuple[FloatArray, FloatArray]:
        found = np.full((2, len(first)), np.nan)
        for number, (_, side) in enumerate(sides):
            own = np.flatnonzero((part[first] == number) & (part[second] == number))
            found[:, own] = side.between(place[first[own]], place[second[own]], confidence)
        return SCALE * found[0], SCALE * found[1]

    return Limits(alone, between, bound)


COMPONENT = BradleyTerry
