"""rewardbench and rewardbench-2: official results of judges, pair by pair."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Response, Score, Verdict
from judgebench.forms.files import read_object
from judgebench.forms.reward_bench import Place, place_2, places
from judgebench.plugin.kinds import Import

FORM = "an eval-set-scores file has columns id, subset and results, and model"
Row = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class RewardBench(Import):
    """`eval-set-scores/ORG/MODEL.json` and `pref-sets-scores/...`: a column each of id, subset, results and more.

    Where the scores of both responses are recorded they are the verdict, and a tie then counts as the convention says:
    for reward models, as in the official code, `convention=rewardbench-classifier`. Elsewhere `results` is: 1 for the
    chosen response, 0 for the rejected one, 0.5 for a tie or an error, which the files do not tell apart. Which was
    shown first is not recorded: the chosen one is taken to be. Texts are left out; with `--items benchmark` the hub's
    items bring them. The judge's name is the file's `model`.
    """

    name = "rewardbench"
    summary = "RewardBench's results of judges, pair by pair (eval-set-scores, pref-sets-scores)"
    benchmark = "rewardbench"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every pair of every file."""
        for path in paths:
            model, rows = _rows(path)
            if "num_correct" in rows[0][1]:
                raise DataError(f"{path} is of RewardBench 2", "import it as rewardbench-2")
            located = places([(where, row["subset"], row["id"]) for where, row in rows])
            for place, (where, row) in zip(located, rows, strict=True):
                item = _item(place, ("chosen", "rejected"), 1)
                yield Judged(item=item, judge=model, verdict=_pair(where, row))


@dataclass(frozen=True)
class RewardBench2(Import):
    """`eval-set-scores/ORG/MODEL.json` of RewardBench 2: a column each of id, subset, num_correct, scores or results.

    Scores of all responses are the verdict. Where only `results` is recorded, of one right response in four: 1/m says
    that it is among m best ones, 0 that it is not (the others then share the verdict), 0.25 that there is no verdict or
    that all are alike. The right responses have the first slots. The judge's name is the file's `model`.
    """

    name = "rewardbench-2"
    summary = "RewardBench 2's results of judges, prompt by prompt (eval-set-scores)"
    benchmark = "rewardbench-2"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every prompt of every file."""
        for path in paths:
            model, rows = _rows(path)
            if "num_correct" not in rows[0][1]:
                raise DataError(f"{path} is of the first RewardBench", "import it as rewardbench")
            for where, row in rows:
                yield _best(where, row, model)


def _rows(path: Path) -> tuple[str, Sequence[Row]]:
    """The model's name, and the columns as rows."""
    found = read_object(path)
    columns = {name: column for name, column in found.items() if isinstance(column, list)}
    for name in ("id", "subset", "results"):
        if not columns.get(name):
            raise DataError(f"{path}: column '{name}' is missing", FORM)
    for name, column in columns.items():
        if len(column) != len(columns["id"]):
            raise DataError(f"{path}: {len(column)} of '{name}', and {len(columns['id'])} of 'id'", FORM)
    model = found.get("model")
    if not isinstance(model, str) or not model:
        raise DataError(f"{path} does not name its model", FORM)
    rows = zip(*columns.values(), strict=True)
    return model, [(f"{path}, row {n}", dict(zip(columns, row, strict=True))) for n, row in enumerate(rows, start=1)]


def _item(place: Place, authors: Sequence[str], correct: int) -> Item:
    return Item(
        id=place.id,
        turns=(),
        responses=tuple(Response((), author) for author in authors),
        gold=Preference((*[1.0 / correct] * correct, *[0.0] * (len(authors) - correct))),
        cluster=place.cluster,
        stratum=place.stratum,
        subsets=(place.subset,),
    )


def _pair(where: str, row: Mapping[str, Any]) -> Verdict | Miss:
    scores = tuple(_score(row.get(name), where) for name in ("scores_chosen", "scores_rejected"))
    if all(map(math.isfinite, scores)):
        return Score(scores)
    result = row["results"]
    if isinstance(result, bool) or result not in (0, 0.5, 1):
        raise DataError(f"{where}: results is {result!r}", "it is 1, 0 or 0.5")
    return Preference((float(result), 1.0 - float(result)))


def _best(where: str, row: Mapping[str, Any], model: str) -> Judged:
    place, correct, scores = place_2(where, row["subset"], row["id"]), row["num_correct"], row.get("scores")
    if isinstance(correct, bool) or not isinstance(correct, int) or correct < 1:
        raise DataError(f"{where}: num_correct is {correct!r}", "it is how many of the responses are right")
    if scores is None:
        count, verdict = 4, _named(where, row["results"])
    elif isinstance(scores, list) and len(scores) > correct:
        values = tuple(_score(score, where) for score in scores)
        count = len(scores)
        verdict = Score(values) if all(map(math.isfinite, values)) else Miss("read", "a score is no finite number")
    else:
        raise DataError(f"{where}: scores is {scores!r}"[:200], f"it has more than the {correct} right responses")
    if count <= correct:
        raise DataError(f"{where} has {correct} right responses and no scores", "several right ones need scores")
    names = (*(f"chosen-{k + 1}" for k in range(correct)), *(f"rejected-{k + 1}" for k in range(count - correct)))
    order = tuple(range(count))
    return Judged(item=_item(place, names, correct), judge=model, verdict=verdict, order=order)


def _named(where: str, result: Any) -> Verdict | Miss:
    """What a result says of the first of four responses."""
    if result == 0 and not isinstance(result, bool):
        return Preference((0.0, 1 / 3, 1 / 3, 1 / 3))
    for best in (1, 2, 3):
        if isinstance(result, int | float) and not isinstance(result, bool) and math.isclose(result, 1 / best):
            return Preference((*[1 / best] * best, *[0.0] * (4 - best)))
    if result == 0.25:
        return Miss("read", "no verdict is recorded, or all responses are alike")
    raise DataError(f"{where}: results is {result!r}", "without scores it is 0, or 1 divided by 1, 2, 3 or 4")


def _score(value: Any, where: str) -> float:
    """A score, alone or in a list of one; NaN where there is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{where}: a score is {value!r}"[:200], "it must be a number, or null")
    return float(value)


COMPONENTS = (RewardBench, RewardBench2)
