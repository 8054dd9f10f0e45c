"""pairs: your own pairs of responses, with or without gold labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response
from judgebench.forms.conversation import exchange, holds_prompt
from judgebench.forms.files import read_rows
from judgebench.forms.rows import check_columns, label
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.options import option

GOLD = {"a": (1.0, 0.0), "b": (0.0, 1.0), "tie": (0.5, 0.5)}
CHOSEN = ("chosen", "rejected")
NAMED = ("prompt", "response_a", "response_b", "gold", "category", "strength")
"""Options that name columns; the default of most is the option's own name."""


@dataclass(frozen=True)
class Pairs(Benchmark):
    """Rows of prompt, response_a, response_b and perhaps gold (`a`, `b` or `tie`), id, category, cluster.

    Preference files have chosen and rejected in their place, and `a` as gold; such messages or marked texts may hold
    the prompt too. Prompts and responses are texts, lists with one text per turn, or lists of messages; turns marked
    `<extra_id_1>User` and `<extra_id_1>Assistant` are earlier turns. Without a category all items are one stratum;
    without a cluster each row is its own. What is null counts as absent.
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
    category: str = option("category", help="name of the column with the category")
    strength: str | None = option(None, help="name of a column with numbers; where it says 0, the gold label is a tie")

    def items(self) -> Sequence[Item]:
        """One item a row. DataError for a column that an option names and no row has."""
        rows = _hub_rows(self.path) if self.path.startswith("hub:") else read_rows(self.path)
        columns = {column for _, row in rows for column in row}
        check_columns(self, NAMED, self.path, columns)
        own = (self.response_a, self.response_b)
        chosen = own == ("response_a", "response_b") and not columns & set(own) and columns >= set(CHOSEN)
        return [self._item(number, where, row, chosen) for number, (where, row) in enumerate(rows, start=1)]

    def _item(self, number: int, where: str, row: Mapping[str, Any], chosen: bool) -> Item:
        names = CHOSEN if chosen else (self.response_a, self.response_b)
        for name in names if holds_prompt(row.get(names[0])) else (self.prompt, *names):
            if row.get(name) is None:
                known = ", ".join(sorted(row))
                raise DataError(
                    f"{where} has no text in '{name}'", f"its columns: {known}; name yours by the options of `pairs`"
                )
        found = exchange((self.prompt, row.get(self.prompt)), [(name, row[name]) for name in names], where)
        authors = CHOSEN if chosen else ("response_a", "response_b")
        return Item(
            id=label(row, "id") or str(number),
            turns=found.turns,
            context=found.context,
            responses=tuple(Response(*one) for one in zip(found.responses, authors, strict=True)),
            gold=self._gold(row, where, chosen),
            cluster=label(row, "cluster"),
            stratum=label(row, self.category),
        )

    def _gold(self, row: Mapping[str, Any], where: str, chosen: bool) -> Preference | None:
        given = row.get(self.gold)
        if given is not None and str(given).lower() not in GOLD:
            raise DataError(f"{where}: gold is '{given}'", "it must be a, b or tie, or left out")
        probs = None if given is None else GOLD[str(given).lower()]
        if chosen and probs == GOLD["b"]:
            raise DataError(f"{where}: gold is '{given}', and the row says which is chosen", "leave gold out, or a")
        if chosen and probs is None:
            probs = GOLD["a"]
        if self._strength(row, where, chosen) == 0:
            probs = GOLD["tie"]
        return None if probs is None else Preference(probs)

    def _strength(self, row: Mapping[str, Any], where: str, chosen: bool) -> float | None:
        """What the column says that the option names."""
        value = None if self.strength is None else row.get(self.strength)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or (chosen and value < 0):
            sign = " from 0 on" if chosen else ""
            raise DataError(f"{where}: '{self.strength}' is {value!r}", f"it must be a number{sign}; 0 is a tie")
        return value


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
