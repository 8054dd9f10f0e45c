"""ranked: your own sets of responses to a prompt, with gold ranks or ratings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.forms.conversation import exchange
from judgebench.forms.files import read_rows
from judgebench.forms.rows import check_columns, label
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.options import option

COLUMNS = ("prompt", "responses", "ranks", "ratings")


@dataclass(frozen=True)
class Ranked(Benchmark):
    """Rows of prompt, responses, and ranks (1 is best) or ratings (higher is better); perhaps id, category, cluster.

    Two or more responses a row, as many in one as in another or not. Ties are equal ranks or ratings; only the order of
    the numbers counts. A row without either has no gold: it serves for agreement between judges. Prompts and responses
    are read as by `pairs`. Source: Yuan et al. (2024), Self-Rewarding, section 3.1.3, the reward model's evaluation.
    """

    name = "ranked"
    summary = "your own sets of responses (jsonl) with gold ranks or ratings, for judges that score or order them"
    order = "seeded"
    convention = "self-rewarding"
    measures = ("pairwise-accuracy", "exact-match", "five-best", "spearman", "kendall", "miss-rate")

    path: str = option(help="json or jsonl file, plain or .gz")
    prompt: str = option("prompt", help="name of the column with the prompt")
    responses: str = option("responses", help="name of the column with the list of responses")
    ranks: str = option("ranks", help="name of the column with one rank a response, 1 is best")
    ratings: str = option("ratings", help="name of the column with one rating a response, higher is better")

    def items(self) -> Sequence[Item]:
        """One item a row. DataError for what cannot be read, and a column that an option names and no row has."""
        rows = read_rows(self.path)
        check_columns(self, COLUMNS, self.path, {column for _, row in rows for column in row})
        return [self._item(number, where, row) for number, (where, row) in enumerate(rows, start=1)]

    def _item(self, number: int, where: str, row: Mapping[str, Any]) -> Item:
        known = f"its columns: {', '.join(sorted(row))}; name yours by the options of `ranked`"
        given = row.get(self.responses)
        if not isinstance(given, list) or len(given) < 2:
            raise DataError(f"{where} has no list of two or more responses in '{self.responses}'", known)
        if row.get(self.prompt) is None:
            raise DataError(f"{where} has no text in '{self.prompt}'", known)
        named = [(f"{self.responses}[{k}]", response) for k, response in enumerate(given)]
        found = exchange((self.prompt, row[self.prompt]), named, where)
        return Item(
            id=label(row, "id") or str(number),
            turns=found.turns,
            context=found.context,
            responses=tuple(Response(turns, f"response_{k}") for k, turns in enumerate(found.responses, start=1)),
            cluster=label(row, "cluster"),
            stratum=label(row, "category"),
            ratings=self._gold(row, len(given), where),
        )

    def _gold(self, row: Mapping[str, Any], responses: int, where: str) -> tuple[float, ...]:
        """Ratings, or ranks turned round; nothing where there is neither."""
        there = [column for column in (self.ranks, self.ratings) if row.get(column) is not None]
        if len(there) > 1:
            raise DataError(f"{where} has both '{self.ranks}' and '{self.ratings}'", "leave out one of the two")
        if not there:
            return ()
        values = row[there[0]]
        if not isinstance(values, list) or len(values) != responses or not all(map(_finite, values)):
            raise DataError(
                f"{where}: '{there[0]}' is not one number for each of {responses} responses", "give a list of numbers"
            )
        return tuple(-float(value) if there[0] == self.ranks else float(value) for value in values)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


COMPONENT = Ranked
