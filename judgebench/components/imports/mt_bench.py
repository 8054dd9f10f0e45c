"""mt-bench and mt-bench-single: votes on MT-Bench's comparisons, and the judgments that FastChat recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Response, Sample, Score
from judgebench.core.request import Completion
from judgebench.forms.files import read_table_rows
from judgebench.forms.mt_bench import category, judge_name, question_and_turn
from judgebench.forms.mt_bench_votes import TIE, Comparison, Said, comparison, gathered, item, said
from judgebench.plugin.kinds import Import

STRAIGHT, SWAPPED = (0, 1), (1, 0)
LACKING = Miss("read", "the files hold no verdict")
UNREAD = Miss("read", "an error is recorded in the place of a verdict")
MISSING = -1
"""FastChat's score of a judgment that could not be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge said in one order, the verdict as it was shown, with the text where it is recorded."""

    verdict: Preference | Miss
    samples: tuple[Sample, ...] = ()


@dataclass(slots=True)
class Judgments:
    """One judge's verdicts by comparison and order."""

    found: dict[tuple[Comparison, tuple[int, int]], Verdict] = field(default_factory=dict)

    def add(self, where: str, about: Comparison, order: tuple[int, int], verdict: Verdict) -> None:
        """DataError for a second one."""
        if (about, order) in self.found:
            raise DataError(f"{where} is a second verdict of its judge on '{about.id}'", "keep one of them")
        self.found[about, order] = verdict

    @property
    def orders(self) -> list[tuple[int, int]]:
        """The orders in which it was asked."""
        return sorted({order for _, order in self.found})


@dataclass(frozen=True)
class MtBench(Import):
    """Files of votes, and of pair judgments; several that are given together are joined.

    A row of votes has question_id, turn, model_a, model_b, winner (`model_a`, `model_b`, or a tie) and judge, perhaps
    both conversations: the hub's lmsys/mt_bench_human_judgments (parquet), or json and jsonl of the same form. Rows of
    `expert_*` and `author_*` are people's votes on the item; those of anyone else are that judge's verdicts, made of
    both orders: `tie (inconsistent)` says that they disagreed.

    A pair judgment, as FastChat writes it (gpt-4_pair.jsonl), has question_id, turn, model_1, model_2, g1_winner,
    g2_winner, g1_judgment, g2_judgment and judge: one verdict an order, with its text; none where a winner is null.

    A comparison that people voted on and a judge has no verdict on is a missing verdict of it; where nobody voted, one
    that another judge has a verdict on.
    """

    name = "mt-bench"
    summary = "votes on MT-Bench's comparisons, and FastChat's pair judgments"
    benchmark = "mt-bench-agreement"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every judge on every comparison. DataError where no judge is among those who voted."""
        rows: list[Said] = []
        judges: dict[str, Judgments] = {}
        for where, row in (place for path in paths for place in read_table_rows(path)):
            if "g1_winner" in row:
                _add_games(where, row, judges)
                continue
            if "winner" not in row:
                hint = "import scores of single answers by mt-bench-single" if "score" in row else _FORMS
                raise DataError(f"{where} is neither a vote nor a pair judgment", hint)
            vote = said(where, row)
            rows.append(vote)
            if not vote.is_vote:
                own = judges.setdefault(vote.judge, Judgments())
                own.add(where, vote.comparison, STRAIGHT, Verdict(vote.preference or UNREAD))
        if not judges:
            raise DataError(
                "the files hold people's votes alone", "give a judge's verdicts on the same comparisons too"
            )
        found = gathered(rows)
        asked = {about for judge in judges.values() for about, _ in judge.found}
        items = {about: item(about, found.get(about)) for about in sorted({*found, *asked})}
        wanted = {about for about, one in items.items() if one.votes} or asked
        for name, judge in judges.items():
            for order in judge.orders:
                for about, one in items.items():
                    verdict = judge.found.get((about, order), Verdict(LACKING) if about in wanted else None)
                    if verdict is not None:
                        yield Judged(one, name, verdict.verdict, order=order, samples=verdict.samples)


@dataclass(frozen=True)
class MtBenchSingle(Import):
    """Scores of single answers, as FastChat writes them (gpt-4_single.jsonl).

    A row has question_id, turn, model, judge, score and the judge's text; a score of -1 is a missing verdict, and so
    is a turn of a question that the judge scored for another model and not for this one.
    """

    name = "mt-bench-single"
    summary = "FastChat's scores of single answers to MT-Bench"
    benchmark = "mt-bench"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every judge and model on every turn of every question that the judge scored."""
        found: dict[str, dict[tuple[str, int, int], tuple[Score | Miss, tuple[Sample, ...]]]] = {}
        for where, row in (place for path in paths for place in read_table_rows(path)):
            model, score = row.get("model"), row.get("score")
            if not isinstance(model, str) or isinstance(score, bool) or not isinstance(score, int | float):
                raise DataError(
                    f"{where} is no score of an answer", "it needs question_id, turn, model, judge and score"
                )
            judge = judge_name(where, row)
            own = found.setdefault(judge, {})
            about = (model, *question_and_turn(where, row))
            if about in own:
                raise DataError(
                    f"{where} is a second score of its judge for this turn of '{model}'", "keep one of them"
                )
            verdict = Miss("read", "no score is recorded") if score == MISSING else Score((float(score),))
            own[about] = (verdict, _samples(judge, row.get("judgment")))
        for judge, own in found.items():
            asked = sorted({(question, turn) for _, question, turn in own})
            for model in dict.fromkeys(model for model, _, _ in own):
                for question, turn in asked:
                    verdict, samples = own.get((model, question, turn), (LACKING, ()))
                    yield Judged(
                        item=Item(str(question), (), stratum=category(question)),
                        judge=judge,
                        verdict=verdict,
                        policy=model,
                        response=Response((), model),
                        order=(0,),
                        samples=samples,
                        alone=True,
                        turn=turn,
                    )


_FORMS = "a vote has winner; a pair judgment has g1_winner and g2_winner"


def _add_games(where: str, row: Mapping[str, Any], judges: dict[str, Judgments]) -> None:
    """Both games of a pair judgment: the first shows model_1 as A, the second model_2."""
    if "m1_score" in row:
        raise DataError(
            f"{where} compares the scores of single answers", "import the scores themselves by mt-bench-single"
        )
    about, straight = comparison(where, row, ("model_1", "model_2"))
    judge = judge_name(where, row)
    own = judges.setdefault(judge, Judgments())
    for number, first in ((1, "model_1"), (2, "model_2")):
        winner = row.get(f"g{number}_winner")
        if winner not in ("model_1", "model_2", "tie", "error", None):
            raise DataError(f"{where}: g{number}_winner is {winner!r}", "it must be model_1, model_2, tie or error")
        probs = TIE if winner == "tie" else (1.0, 0.0) if winner == first else (0.0, 1.0)
        verdict = LACKING if winner is None else UNREAD if winner == "error" else Preference(probs)
        order = STRAIGHT if (number == 1) == straight else SWAPPED
        own.add(where, about, order, Verdict(verdict, _samples(judge, row.get(f"g{number}_judgment"))))


def _samples(judge: str, text: Any) -> tuple[Sample, ...]:
    return (Sample(judge, Completion(text=text)),) if isinstance(text, str) else ()


COMPONENTS = (MtBench, MtBenchSingle)
