"""pairs: your own pairs of responses, with or without gold labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response
from judgebench.plugin.files import read_rows
from judgebench.plugin.kinds import Benchmark
from judgebench.plugin.options import option

GOLD = {"a": (1.0, 0.0), "b": (0.0, 1.0), "tie": (0.5, 0.5)}


@dataclass(frozen=True)
class Pairs(Benchmark):
    """Rows of prompt, response_a, response_b and perhaps gold (`a`, `b` or `tie`), id, category, cluster.

    Prompts and responses are texts, or lists with one text per turn. Without a category all items
    are one stratum; without a cluster each row is its own. What is null counts as absent.
    """

    name = "pairs"
    summary = "your own pairs of responses (jsonl), with or without gold labels"
    order = "both"
    measures = (
        "accuracy",
        "position-consistency",
        "position-consistent-accuracy",
        "position-bias",
        "miss-rate",
    )

    path: str = option(help="jsonl file, or hub:OWNER/NAME[:SPLIT] for a dataset of the Hugging Face hub")
    prompt: str = option("prompt", help="name of the column with the prompt")
    response_a: str = option("response_a", help="name of the column with the first response")
    response_b: str = option("response_b", help="name of the column with the second response")
    gold: str = option("gold", help="name of the column with the gold label: a, b or tie")

    def items(self) -> Sequence[Item]:
        """One item a row. DataError for a column that an option names and no row has."""
        rows = _hub_rows(self.path) if self.path.startswith("hub:") else read_rows(self.path)
        columns = {column for _, row in rows for column in row}
        for name in ("prompt", "response_a", "response_b", "gold"):
            column = getattr(self, name)
            if column != name and column not in columns:  # each default is the option's own name
                message = f"{self.path}: no row has the column '{column}' that `{name}` names"
                raise DataError(message, "the columns: " + ", ".join(sorted(columns)))
        return [self._item(number, where, row) for number, (where, row) in enumerate(rows, start=1)]

    def _item(self, number: int, where: str, row: Mapping[str, Any]) -> Item:
        return Item(
            id=_label(row, "id") or str(number),
            turns=_texts(row, self.prompt, where),
            responses=(
                Response(_texts(row, self.response_a, where), "response_a"),
                Response(_texts(row, self.response_b, where), "response_b"),
            ),
            gold=self._gold(row, where),
            cluster=_label(row, "cluster"),
            stratum=_label(row, "category"),
        )

    def _gold(self, row: Mapping[str, Any], where: str) -> Preference | None:
        label = row.get(self.gold)
        if label is None:
            return None
        if str(label).lower() not in GOLD:
            raise DataError(f"{where}: gold is '{label}'", "it must be a, b or tie, or left out")
        return Preference(GOLD[str(label).lower()])


def _label(row: Mapping[str, Any], column: str) -> str:
    """A row's value as text; empty where it has none: datasets fill absent values with null."""
    value = row.get(column)
    return "" if value is None else str(value)


def _texts(row: Mapping[str, Any], column: str, where: str) -> tuple[str, ...]:
    match row.get(column):
        case str(text):
            return (text,)
        case [str(), *_] as turns if all(isinstance(turn, str) for turn in turns):
            return tuple(turns)
    known = ", ".join(sorted(row))
    raise DataError(f"{where} has no text in '{column}'", f"its columns: {known}; name yours by the options of `pairs`")


def _hub_rows(path: str) -> list[tuple[str, dict[str, Any]]]:
    """Rows of a dataset by its name on the hub, or of a local folder of the same layout."""
    name, _, split = path.removeprefix("hub:").partition(":")
    try:
        from datasets import load_dataset

        data = load_dataset(name, split=split or "train")
    except Exception as error:  # the library raises what it likes
        raise DataError(f"dataset {name}: {error}".splitlines()[0], "check name, split and network") from None
    return [(f"{name}, row {n}", dict(row)) for n, row in enumerate(data, start=1)]


COMPONENT = Pairs
