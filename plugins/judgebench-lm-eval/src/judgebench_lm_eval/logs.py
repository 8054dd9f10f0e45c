"""lm-eval: what lm-evaluation-harness recorded of each document."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import DataError, Import, Item, Judged, Miss, Response, Score, option
from judgebench_lm_eval import files
from judgebench_lm_eval.files import Metric

ALIKE = 1e-6
"""A mean of documents and the value that lm-eval printed are the same up to this, relative to the larger or to 1."""
NO_NUMBER = Miss("read", "the metric gives a document no plain number: lm-eval computes it over all at once")
NO_MEAN = Miss("read", "lm-eval's value is no mean over the documents")
LOWER = Miss("read", "less is better by this metric, and a score must rise with quality")
NO_SHARE = Miss("read", "the metric leaves the range from 0 to 1")
LACKING = Miss("read", "the metric gives this document no finite number")


@dataclass(frozen=True)
class Logs(Import):
    """results_*.json and samples_*.jsonl, as `lm_eval --output_path FOLDER --log_samples` writes them.

    Each metric of a task is a judge, `lm-eval/TASK/METRIC` (with `,FILTER` where it has a name, and ` (5-shot)` where
    examples stood before), and each document an item; its text is the document as JSON, so that runs over different
    data are told apart. The mean of what is imported is checked against the value that lm-eval printed. A metric that
    is no mean of plain numbers from 0 to 1 (perplexity, F1, BLEU, where less is better) has missing verdicts that say
    why.

    A results file means all its tasks, a samples file its own. Groups have no documents: their tasks are imported.

    Source: lm-evaluation-harness 0.4.13, `EvaluationTracker`.
    """

    name = "lm-eval"
    summary = "samples and results of lm-evaluation-harness (--output_path, --log_samples)"
    benchmark = "lm-eval"

    policy: str | None = option(None, help="what the model is called (default: the end of its path or address)")

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every metric of every document."""
        for one in files.evaluations(paths):
            policy = self.policy or files.model_name(one.results)
            for task, path in one.samples.items():
                rows = files.documents(path)
                for metric in files.metrics(one.results, task):
                    own = [place for place in rows if place[1].get("filter", "none") == metric.filter]
                    if len(own) == 0:
                        raise DataError(f"{path} lacks the samples of {metric.label}", files.HOW)
                    yield from _judged(metric, own, policy)


def _judged(metric: Metric, rows: Sequence[tuple[str, Mapping[str, Any]]], policy: str) -> Iterator[Judged]:
    values = [_number(row.get(metric.name)) for _, row in rows]
    why = _refused(metric, values)
    for (where, row), value in zip(rows, values, strict=True):
        verdict = why or (Score((value,)) if value is not None and math.isfinite(value) else LACKING)
        yield Judged(
            item=Item(
                f"{metric.task}/{row['doc_id']}",
                (json.dumps(row["doc"], sort_keys=True, ensure_ascii=False),),
                stratum=metric.task,
            ),
            judge=f"lm-eval/{metric.label}",
            verdict=verdict,
            policy=policy,
            response=Response(_answer(row, where), policy),
            order=(0,),
            alone=True,
        )


def _refused(metric: Metric, values: Sequence[float | None]) -> Miss | None:
    """Why a metric's values are no scores; None where they are."""
    plain = [value for value in values if value is not None]
    if len(plain) < len(values):
        return NO_NUMBER
    finite = [value for value in plain if math.isfinite(value)]
    mean = math.fsum(finite) / len(finite) if finite else math.nan
    if not abs(mean - metric.value) <= ALIKE * max(1.0, abs(mean)):
        return NO_MEAN
    if not metric.higher_is_better:
        return LOWER
    return None if all(0.0 <= value <= 1.0 for value in finite) else NO_SHARE


def _number(value: Any) -> float | None:
    """A plain number; None for anything else. Truth values count 1 and 0, as in lm-eval's mean."""
    return float(value) if isinstance(value, int | float) else None


def _answer(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The text that was generated, the first of several; none where the model only gave log-probabilities."""
    match row.get("resps"), row.get("arguments"):
        case [[str(text), *_]], {"gen_args_0": {"arg_1": dict()}}:
            return (text,)
        case list(), _:
            return ()
    raise DataError(f"{where} holds no responses", "a sample has resps, as --log_samples writes them")
