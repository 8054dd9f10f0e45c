"""agreement-with-judge:NAME: how often judges agree with one of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.plugin.conventions import WORTH, Credit
from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import nearest, option
from judgebench.stats import ratio
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.ordering import alike, averaged, comparisons
from judgebench.stats.table import Table


@dataclass(frozen=True)
class AgreementWithJudge(RatioMeasure):
    """Percent of the decisions of one judge, the reference, with which another judge agrees.

    Formula: 100 · Σ w·(r + t·b) / Σ w·m over items, where m is the number of pairs of responses that the reference
    decides, r of which the judge decides alike and b of which it ties, and t is the worth of a tie; where ties are left
    out, m − b stands for m. With `pairs=best-worst` 100 · Σ w·c / Σ w, where c is 1 where the reference prefers the
    judge's best response to its worst, else 0.

    The reference decides between two responses to an item where all its verdicts on them (both orders, every repeat)
    say the same; pairs that it ties, or decides otherwise in the other order, are left out. The judge's planned orders
    are averaged. `pairs=all`: n counts every pair that the reference decides. `pairs=best-worst`: the best of an item's
    responses against the worst, by the judge's own scores; n counts items. Where several share a place the mean over
    them counts, and scores that are all alike are a tie. The reference itself has no estimate.

    Source: Wu et al. (2024), Meta-Rewarding, table 3 (pairs chosen by GPT-4, and chosen by the model itself): ties
    count half, and with `ties=skip` it is "agree without ties".
    """

    name = "agreement-with-judge"
    summary = "agreement with the decisions of the judge that is named"
    about = "judge"
    responses = "any"

    judge: str = option(help="name of the judge with whom the others are compared")
    pairs: Literal["all", "best-worst"] = option("all", help="all pairs of responses, or the judge's best and worst")
    ties: Credit = option("half", help="worth of a tie of the judge")
    repeats: Literal["each", "mean"] = option("each", help="each repeat counts by itself, or their mean score")

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The reference."""
        return (self.judge,)

    @property
    def joint(self) -> bool:
        """The reference's verdicts count in every value."""
        return True

    def cells(self, table: Table) -> Cells:
        """Over the units whose item the reference decides."""
        return self._counts(table)[0]

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note that says how many pairs the reference decides."""
        cells, judged, decided = self._counts(table)
        top, bottom = self._sums(table, cells.numerator), self._sums(table, cells.denominator)
        left = judged - decided
        note = f"{self.name}: {left} of {judged} pairs are left out, which {self.judge} ties or judges both ways"
        return Prepared(lambda weights: self.scale * ratio(weights, top, bottom), notes=(note,) if left else ())

    def _reference(self, table: Table) -> int:
        """The reference's number among the subjects. ConfigError where it is none of them."""
        if self.judge not in table.names:
            raise ConfigError(f"{self.name}: no judge is called '{self.judge}'", nearest(self.judge, table.names))
        return list(table.names).index(self.judge)

    def _counts(self, table: Table) -> tuple[Cells, int, int]:
        """The cells, and the numbers of pairs that the reference judged and that it decided."""
        own, reference = averaged(table, self.repeats == "mean"), self._reference(table)
        enters = own.counts & own.found & (table.subject != reference) & ~table.itself
        missing = own.counts & ~own.found & (table.subject != reference) & ~table.itself
        top, entered, planned = np.zeros((3, len(table.subject)))
        pairs = np.zeros(2, dtype=np.intp)
        for rows in alike(table):
            _, item = np.unique(table.shown[rows], return_inverse=True)
            heard, said = self._decided(table, rows, item, reference)
            pairs += (int(heard.sum()) // 2, int((said != 0).sum()) // 2)
            scores = own.values[rows, : heard.shape[1]]
            right, count, expected = self._counted(comparisons(scores), scores, said[item])
            top[rows] = np.where(enters[rows], right, 0.0)
            entered[rows] = np.where(enters[rows], count, 0.0)
            planned[rows] = np.where(missing[rows], expected, entered[rows])
        return Cells(top, entered, planned), int(pairs[0]), int(pairs[1])

    def _decided(self, table: Table, rows: IntArray, item: IntArray, reference: int) -> tuple[BoolArray, IntArray]:
        """Pairs on which the reference was heard and what it decided: [items, slots, slots] each.

        `rows` are units of as many responses, and `item` the place of the item of each.
        """
        slots = int(table.slots[rows[0]])
        heard = np.zeros(int(item.max()) + 1, dtype=np.intp)
        said = np.zeros((len(heard), slots, slots), dtype=np.intp)
        mine = (table.subject[rows] == reference) & table.complete[rows]
        for order in (0, 1):
            there = mine & table.valid[rows, order]
            np.add.at(heard, item[there], 1)
            np.add.at(said, item[there], comparisons(table.values[rows[there], order, :slots]))
        times = heard[:, None, None]
        told = (times > 0) & ~np.eye(slots, dtype=np.bool_)
        return told, np.where(told & (np.abs(said) == times), np.sign(said), 0)

    def _counted(
        self, judged: IntArray, scores: FloatArray, decided: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Numerator, denominator, and the denominator that a unit without a verdict would have had."""
        tie = WORTH[self.ties]
        if self.pairs == "best-worst":
            there = np.isfinite(scores)
            best = there & (judged >= 0).all(axis=2)
            worst = there & (judged <= 0).all(axis=2)
            chosen = best[:, :, None] & worst[:, None, :] & (decided != 0)
            number = chosen.sum(axis=(1, 2))
            tied = (number > 0) & (judged == 0).all(axis=(1, 2))
            share = (chosen & (decided > 0)).sum(axis=(1, 2)) / np.maximum(number, 1)
            enters = (number > 0) & ~(tied & np.isnan(tie))
            top = np.where(tied, np.nan_to_num(tie), share)
            return top * enters, enters.astype(float), (decided != 0).any(axis=(1, 2)).astype(float)
        pairs = (decided != 0).sum(axis=(1, 2)) / 2
        right = (judged * decided > 0).sum(axis=(1, 2)) / 2
        ties = ((judged == 0) & (decided != 0)).sum(axis=(1, 2)) / 2
        return (right, pairs - ties, pairs) if np.isnan(tie) else (right + tie * ties, pairs, pairs)


COMPONENT = AgreementWithJudge
