"""prompts: your own prompts, for policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.core.request import Message
from judgebench.forms.answers import Answers, read_answers
from judgebench.forms.files import read_rows
from judgebench.forms.rows import label
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.options import option

OFFICIAL = ("uid", "question_id")
IDS = ("id", *OFFICIAL)


@dataclass(frozen=True)
class Prompts(Benchmark):
    """Rows of prompt and perhaps id, category, cluster, system, reference, baseline; official question files too.

    Prompts, references and baselines are texts, or lists with one text per turn. Without a category all items are one
    stratum; without a cluster each row is its own. In official files (rows of a uid or question_id) a cluster is the
    name of a topic: nothing that is drawn together, so it is not read. Policies are compared with the rows' `baseline`,
    or with the answers of a file; where there is neither, with each other.
    """

    name = "prompts"
    summary = "your own prompts (jsonl); policies against recorded answers, or against each other"
    order = "both"
    measures = (
        "win-rate",
        "wins",
        "ties",
        "losses",
        "position-consistency",
        "position-bias",
        "miss-rate",
        "average-length",
    )

    path: str = option(help="json or jsonl file of prompts, plain or .gz")
    prompt: str = option("prompt", help="name of the column with the prompt")
    baseline: str | None = option(None, help="file of recorded answers that policies are compared with")

    def items(self) -> Sequence[Item]:
        """One item a row. DataError for what cannot be read, and where the baseline's file lacks an answer."""
        items = [self._item(number, where, row) for number, (where, row) in enumerate(read_rows(self.path), start=1)]
        if self._answers is not None:
            lacking = [item.id for item in items if item.baseline is None]
            if lacking:
                raise DataError(
                    f"{self.baseline} has no answer to {len(lacking)} of {len(items)} prompts, such as '{lacking[0]}'",
                    "its rows need the prompts' id or text; leave `baseline` out to compare policies with each other",
                )
        elif any(item.baseline is None for item in items) and any(item.baseline is not None for item in items):
            lone = next(item.id for item in items if item.baseline is None)
            raise DataError(f"{self.path}: prompt '{lone}' has no baseline, and others have", "give all one, or none")
        return items

    def _item(self, number: int, where: str, row: Mapping[str, Any]) -> Item:
        turns = _texts(row.get(self.prompt), where, self.prompt) or self._official(row, where)
        if not all(turn.strip() for turn in turns):
            raise DataError(f"{where} has an empty prompt", "write one, or leave the row out")
        system = _texts(row.get("system"), where, "system")
        key = next((key for key in IDS if row.get(key) is not None), None)
        name = str(number if key is None else row[key])
        return Item(
            id=name,
            turns=turns,
            context=tuple(Message("system", text) for text in system),
            reference=_texts(row.get("reference"), where, "reference"),
            baseline=self._baseline(name, turns, row, where),
            cluster="" if key in OFFICIAL else label(row, "cluster"),
            stratum=label(row, "category"),
        )

    def _official(self, row: Mapping[str, Any], where: str) -> tuple[str, ...]:
        """The prompt in the forms of official question files, where the column is the usual one."""
        if self.prompt == "prompt":
            turns = row.get("turns")
            if isinstance(turns, list):
                turns = [turn.get("content") if isinstance(turn, dict) else turn for turn in turns]
            for column, value in (("instruction", row.get("instruction")), ("turns", turns)):
                if found := _texts(value, where, column):
                    return found
        raise DataError(f"{where} has no text in '{self.prompt}'", f"its columns: {', '.join(sorted(row))}")

    def _baseline(self, name: str, turns: tuple[str, ...], row: Mapping[str, Any], where: str) -> Response | None:
        if self._answers is None:
            own = _texts(row.get("baseline"), where, "baseline")
            return Response(own, "baseline") if own else None
        try:
            found = self._answers.of(name, turns[0])
        except LookupError as error:
            message = f"{self.baseline}, prompt '{name}': {error.args[0]}"
            raise DataError(message, "the ids of the two files mean different prompts") from None
        if found is None:
            return None
        return Response(found.turns, found.author or Path(str(self.baseline)).stem, features=found.features)

    @cached_property
    def _answers(self) -> Answers | None:
        return None if self.baseline is None else read_answers(self.baseline)


def _texts(value: Any, where: str, column: str) -> tuple[str, ...]:
    """A text, or a list with one a turn; nothing where there is none."""
    match value:
        case None:
            return ()
        case str(text):
            return (text,)
        case [str(), *_] as turns if all(isinstance(turn, str) for turn in turns):
            return tuple(turns)
    raise DataError(f"{where}: '{column}' is no text", "it must be a text, or a list of texts with one a turn")


COMPONENT = Prompts
