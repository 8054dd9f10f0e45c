"""agreement-with-judge:NAME: how often judges agree with one of them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgebench.core.errors import ConfigError
from judgebench.plugin.conventions import WORTH, Credit
from judgebench.plugin.measure import Cells, Prepared, RatioMeasure
from judgebench.plugin.options import nearest, option
from judgebench.stats.arrays import BoolArray, FloatArray, IntArray
from judgebench.stats.ordering import averaged, comparisons
from judgebench.stats.table import Table


@dataclass(frozen=True)
class AgreementWithJudge(RatioMeasure):
    """Percent of the decisions of one judge, the reference, with which another judge agrees.

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
    def joint(self) -> bool:
        """The reference's verdicts count in every value."""
        return True

    def cells(self, table: Table) -> Cells:
        """Over the units whose item the reference decides."""
        decided = self._decided(table)[1][table.item]
        own = averaged(table, self.repeats == "mean")
        enters = own.counts & (table.subject != self._reference(table)) & ~table.itself
        top, bottom, expected = self._counted(comparisons(own.values), own.values, decided)
        return Cells(
            np.where(enters & own.found, top, 0.0),
            np.where(enters & own.found, bottom, 0.0),
            np.where(enters, np.where(own.found, bottom, expected), 0.0),
        )

    def prepare(self, table: Table) -> Prepared:
        """The sums by cluster; a note that says how many pairs the reference decides."""
        judged, decided = self._decided(table)
        pairs = int(judged.sum() / 2)
        left = pairs - int((decided != 0).sum() / 2)
        note = f"{self.name}: {left} of {pairs} pairs are left out, which {self.judge} ties or judges both ways"
        return replace(super().prepare(table), notes=(note,) if left else ())

    def _reference(self, table: Table) -> int:
        """The reference's number among the subjects. ConfigError where it is none of them."""
        if self.judge not in table.names:
            raise ConfigError(f"{self.name}: no judge is called '{self.judge}'", nearest(self.judge, table.names))
        return list(table.names).index(self.judge)

    def _decided(self, table: Table) -> tuple[BoolArray, IntArray]:
        """Pairs on which the reference was heard and what it decided, by item: [items, slots, slots] each."""
        items, slots = int(table.item.max(initial=-1)) + 1, table.ratings.shape[1]
        heard = np.zeros((items, slots, slots), dtype=np.intp)
        said = np.zeros_like(heard)
        rows = np.flatnonzero((table.subject == self._reference(table)) & table.complete)
        for order in (0, 1):
            own = rows[table.valid[rows, order]]
            there = np.arange(slots) < table.slots[own, None]
            np.add.at(heard, table.item[own], (there[:, :, None] & there[:, None, :]).astype(np.intp))
            np.add.at(said, table.item[own], comparisons(table.values[own, order]))
        heard[:, np.arange(slots), np.arange(slots)] = 0
        return heard > 0, np.where((heard > 0) & (np.abs(said) == heard), np.sign(said), 0)

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
