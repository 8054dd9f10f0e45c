"""An example benchmark: questions of one's own with an answer and a limit of words, and a measure of the limit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import Benchmark, Cells, DataError, Item, RatioMeasure, Response, file_digest, hookimpl, option

if TYPE_CHECKING:
    from judgebench import Table

FIELDS = {"question": str, "answer": str, "words": int, "topic": str}
HINT = 'a line is {"question": ..., "answer": ...}, and perhaps "words" (a limit) and "topic"'


@dataclass(frozen=True)
class Faq(Benchmark):
    """Policies answer the questions and are compared with the answers that the file brings.

    A row has `question` and `answer`, and may have `words`, the most that an answer may have, and `topic`: questions
    of one topic are a stratum. Without `words` there is no limit.
    """

    name = "faq"
    summary = "questions of your own with an answer and a limit of words (jsonl)"
    measures = ("win-rate", "within-limit", "average-length")

    path: str = option(help="jsonl file of questions", identity=False)

    def fingerprint(self) -> Mapping[str, str]:
        """What is in the file decides, not its name."""
        return {"questions": file_digest(Path(self.path))} if Path(self.path).is_file() else {}

    def items(self) -> Sequence[Item]:
        """One item a line. DataError that names the line of one that is wrong."""
        try:
            lines = Path(self.path).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{self.path}: {error}", "give the path of a jsonl file") from None
        rows = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        if not rows:
            raise DataError(f"{self.path} holds no question", HINT)
        return [_item(str(number), _row(line, f"{self.path}, line {number}")) for number, line in rows]


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: {error}", HINT) from None
    if not isinstance(row, dict) or not {"question", "answer"} <= row.keys() <= FIELDS.keys():
        raise DataError(f"{where} has not the fields of a question", HINT)
    for key, value in row.items():
        if type(value) is not FIELDS[key]:
            raise DataError(f"{where}: {key} is {value!r}", HINT)
    return row


def _item(number: str, row: Mapping[str, Any]) -> Item:
    return Item(
        id=number,
        turns=(row["question"],),
        baseline=Response((row["answer"],), "faq"),
        stratum=row.get("topic", ""),
        features={"words": float(row["words"])} if "words" in row else {},
    )


@dataclass(frozen=True)
class WithinLimit(RatioMeasure):
    """Percent of a policy's answers that have at most as many words as their item allows.

    Formula: 100 · Σ w·[words of the answer ≤ limit] / Σ w, over the answers to items with a limit, w the weight of the
    item's cluster. Source: our own; a word is what stands between blanks.
    """

    name = "within-limit"
    summary = "share of answers that keep to their item's limit of words"
    about = "policy"

    def cells(self, table: "Table") -> Cells:
        """One for each answer within its limit, over all answers that have one."""
        import numpy as np

        units = len(table.subject)
        limit = table.item_features.get("words", np.full(units, np.nan))
        words = np.array([np.nan if one is None else len(one.split()) for one, _ in table.texts], dtype=float)
        planned = table.planned.any(axis=1) & ~np.isnan(limit)
        answered = planned & table.complete & ~np.isnan(words)
        return Cells((answered & (words <= limit)).astype(float), answered.astype(float), planned.astype(float))


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The benchmark and its measure."""
    return [Faq, WithinLimit]
