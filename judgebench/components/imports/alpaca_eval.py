"""alpaca-eval: the official annotations of AlpacaEval."""

import ast
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Response, Sample
from judgebench.core.request import Completion
from judgebench.forms.files import read_rows
from judgebench.plugin.kinds import Import

FIRST, SECOND = "m", "M"
"""The names under which the official judge is shown the first and the second output."""
ALIKE = 1e-4
"""Recorded preferences are rounded to so much."""


@dataclass(frozen=True)
class AlpacaEval(Import):
    """`annotations.json`, plain or gzipped, of one or many models.

    `preference` runs from 1 (output_1, the baseline, is better) to 2 (output_2, the model); 0 is a draw, null no
    verdict. Which output was shown first is not recorded: where the raw completion holds the log-probabilities of both
    names, it is the order under which they give the recorded preference; elsewhere, and where both orders do, the
    model's is taken as shown first. `row`, a feature of the answer, is its place among its model's rows of the file.

    The items are AlpacaEval 2's own unless `--no-reference` or `--items file` says otherwise: files do not hold the
    difficulty that length control needs.

    Source: alpaca-eval, `annotations_seed0_configs.json` and the results of its leaderboard.
    """

    name = "alpaca-eval"
    summary = "AlpacaEval's annotations.json, of one or many models"
    benchmark = "alpaca-eval-2"
    own_items = True

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every annotation of every file."""
        for path in paths:
            seen: Counter[str] = Counter()
            for where, row in read_rows(path):
                model = _text(row, "generator_2", where)
                yield _judged(row, model, seen[model], where)
                seen[model] += 1


def _judged(row: Mapping[str, Any], model: str, place: int, where: str) -> Judged:
    instruction, judge = _text(row, "instruction", where), _text(row, "annotator", where)
    item = Item(
        id=hashlib.sha256(instruction.encode()).hexdigest()[:16],
        turns=(instruction,),
        baseline=Response((_text(row, "output_1", where),), _text(row, "generator_1", where)),
        stratum=str(row.get("dataset") or ""),
    )
    p = _preference(row.get("preference"), where)
    completion = _completion(row.get("raw_completion"))
    order = (0, 1) if p is None or completion is None else _order(p, completion)
    return Judged(
        item=item,
        judge=judge,
        verdict=Miss("read", "no preference is recorded")
        if p is None
        else Preference((p, 1.0 - p) if order == (0, 1) else (1.0 - p, p)),
        policy=model,
        response=Response((_text(row, "output_2", where),), model, features={"row": float(place)}),
        order=order,
        samples=() if completion is None else (Sample(judge, completion),),
    )


def _preference(value: Any, where: str) -> float | None:
    """P(the model's is better)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value == 0 or 1 <= value <= 2):
        raise DataError(f"{where}: preference is {value!r}", "it lies between 1 and 2; 0 is a draw, null no verdict")
    return 0.5 if value == 0 else float(value) - 1.0


def _order(p: float, completion: Completion) -> tuple[int, int]:
    """The order in which the outputs were shown, as far as the completion tells; slot 0 is the model's."""
    chance = {token: math.exp(min(value, 0.0)) for token, value in completion.logprobs if token in (FIRST, SECOND)}
    if not sum(chance.values()):  # neither name is among the likely tokens
        return (0, 1)
    first = chance.get(FIRST, 0.0) / sum(chance.values())
    baseline_first = abs(first - (1.0 - p)) <= ALIKE
    model_first = abs(first - p) <= ALIKE
    return (1, 0) if baseline_first and not model_first else (0, 1)


def _completion(raw: Any) -> Completion | None:
    """The completion as it came, where it can be read: the official code writes it as Python or as JSON."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            try:
                raw = ast.literal_eval(raw)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return None
    match raw:
        case {"logprobs": {"content": [{"top_logprobs": list(top)}, *_]}}:
            pairs = tuple(
                (str(entry["token"]), float(entry["logprob"]))
                for entry in top
                if isinstance(entry, dict) and isinstance(entry.get("logprob"), int | float) and "token" in entry
            )
            return Completion(text=str(raw.get("text") or ""), logprobs=pairs)
        case {"text": str(text)}:
            return Completion(text=text)
    return None


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not (value or name.startswith("output")):
        raise DataError(
            f"{where} has no text in '{name}'",
            "an annotation has instruction, output_1, generator_1, output_2, generator_2, annotator and preference",
        )
    return value


COMPONENT = AlpacaEval
