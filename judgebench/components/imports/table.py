"""table: verdicts of any tool, one a row."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Response
from judgebench.forms.files import read_columns
from judgebench.forms.labels import preference
from judgebench.plugin.kinds import Import
from judgebench.plugin.options import nearest

COLUMNS = (
    "item", "subject", "opponent", "judge", "order", "repeat", "preference", "label", "category", "cluster", "gold",
)  # fmt: skip
FEATURES = ("item.", "response.", "opponent.")
USUAL = ("response.length", "opponent.length", "item.difficulty", "response.row")
"""Features that measures read."""
LABELS = {"win": 1.0, "tie": 0.5, "loss": 0.0}
GOLD = {"a": (1.0, 0.0), "b": (0.0, 1.0), "tie": (0.5, 0.5)}
READY = ("response_a", "response_b")


@dataclass(frozen=True)
class Table(Import):
    """A verdict table: parquet, csv or jsonl, one row a verdict.

    | column | what it holds |
    |---|---|
    | `item` | the item's id |
    | `judge` | who judged |
    | `subject` | the policy; left out: the verdict is about the item's two ready responses, a and b |
    | `opponent` | whose answer the policy's was compared with (needed with `subject`) |
    | `order` | 0: the subject's (or a) was shown first, 1: the other; left out: not known |
    | `repeat` | number of the repeat, from 0; left out: 0 |
    | `preference` | P(the subject's, or a, is better), 0 to 1 |
    | `label` | in its place: `win`, `tie`, `loss` of the subject (or a), or a label of Arena-Hard's |
    | `category`, `cluster` | of the item: what is resampled within, and together |
    | `gold` | without a subject: the better response, `a`, `b` or `tie` |
    | `item.NAME` | a number about the item, such as `item.difficulty` |
    | `response.NAME`, `opponent.NAME` | about either answer: `length` (characters), `row` (of the official file) |

    Arena-Hard's labels are `A>>B`, `A>B`, `A=B`, `B>A` and `B>>A`, where A is the answer that was shown first. An empty
    cell counts as left out. A row with neither preference nor label is a missing verdict. Any other column is an error.
    """

    name = "table"
    summary = "a table of verdicts (parquet, csv, jsonl), one a row"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """The rows of all files, in order. What two rows say of one item must agree."""
        items: dict[str, tuple[Item, str]] = {}
        for path in paths:
            columns = read_columns(path)
            _check(columns, path)
            yield from _rows(columns, path, items)


def _check(columns: Mapping[str, Sequence[Any]], path: Path) -> None:
    for column in columns:
        if column not in COLUMNS and not (column.startswith(FEATURES) and column.partition(".")[2]):
            known = (*COLUMNS, *(f"{prefix}NAME" for prefix in FEATURES))
            raise DataError(f"{path}: unknown column '{column}'", nearest(column, known, USUAL))
    for column in ("item", "judge"):
        if column not in columns:
            raise DataError(f"{path}: column '{column}' is missing", "every row needs item and judge")


def _rows(columns: Mapping[str, Sequence[Any]], path: Path, items: dict[str, tuple[Item, str]]) -> Iterator[Judged]:
    plain = [name for name in columns if "." not in name]
    about = {prefix: [name for name in columns if name.startswith(prefix)] for prefix in FEATURES}
    names = [*plain, *(name for group in about.values() for name in group)]
    for number, cells in enumerate(zip(*(columns[name] for name in names), strict=True), start=1):
        where = f"{path}, row {number}"
        row = {name: cell for name, cell in zip(names, cells, strict=True) if not _empty(cell)}
        features = {
            prefix: {name[len(prefix) :]: _number(row, name, where) for name in group if name in row}
            for prefix, group in about.items()
        }
        yield _judged(row, features, where, items)


def _judged(
    row: Mapping[str, Any], features: Mapping[str, dict[str, float]], where: str, items: dict[str, tuple[Item, str]]
) -> Judged:
    policy = _text(row, "subject", where)
    item = _item(row, policy, features, where)
    old, first = items.setdefault(item.id, (item, where))
    if old != item:
        raise DataError(
            f"{where} says something else about item '{item.id}' than {first}",
            "category, cluster, gold, opponent, item.NAME, opponent.NAME (and a's response.NAME) belong to the item",
        )
    order = _whole(row, "order", where)
    if order not in (0, 1):
        raise DataError(f"{where}: order is {order}", "0: the subject's (or a) was shown first, 1: the other")
    repeat = _whole(row, "repeat", where)
    if repeat < 0:
        raise DataError(f"{where}: repeat is {repeat}", "repeats are counted from 0")
    verdict = _verdict(row, order, where) or Miss("read", "no verdict is recorded")
    return Judged(
        item=old,  # one object an item
        judge=_needed(row, "judge", where),
        verdict=verdict,
        policy=policy,
        response=None if policy is None else Response((), policy, features=features["response."]),
        order=(1, 0) if order else (0, 1),
        repeat=repeat,
    )


def _item(row: Mapping[str, Any], policy: str | None, features: Mapping[str, dict[str, float]], where: str) -> Item:
    gold, opponent = _text(row, "gold", where), _text(row, "opponent", where)
    if gold is not None and (policy is not None or gold not in GOLD):
        raise DataError(f"{where}: gold is '{gold}'", "it says which ready response is better, a, b or tie: no subject")
    if policy is not None and opponent is None:
        raise DataError(f"{where} names no opponent of '{policy}'", "say in `opponent` what it was compared with")
    if policy is None and opponent is not None:
        raise DataError(f"{where} names an opponent and no subject", "say in `subject` who was compared with it")
    theirs, ready = features["opponent."], features["response."]
    return Item(
        id=_needed(row, "item", where),
        turns=(),
        responses=()
        if policy is not None
        else (
            Response((), READY[0], features=ready),
            Response((), READY[1], features=theirs),
        ),
        gold=None if gold is None else Preference(GOLD[gold]),
        baseline=None if policy is None else Response((), str(opponent), features=theirs),
        cluster=_text(row, "cluster", where) or "",
        stratum=_text(row, "category", where) or "",
        features=features["item."],
    )


def _verdict(row: Mapping[str, Any], order: int, where: str) -> Preference | None:
    """The verdict in shown order, from the number or the label."""
    given = _number(row, "preference", where) if "preference" in row else None
    if given is not None and not 0.0 <= given <= 1.0:
        raise DataError(f"{where}: preference is {given:g}", "it is P(the subject's is better), 0 to 1")
    label = _text(row, "label", where)
    if label is None:
        return None if given is None else _shown(given, order)
    said = _shown(LABELS[label], order) if label in LABELS else preference(label)
    if said is None:
        raise DataError(f"{where}: label is '{label}'", "it must be win, tie or loss of the subject, or such as A>>B")
    meant = said.probs[order]
    if given is not None and (given > 0.5) - (given < 0.5) != (meant > 0.5) - (meant < 0.5):
        raise DataError(f"{where}: label '{label}' and preference {given:g} disagree", "leave one of them out")
    return said if given is None else Preference(_shown(given, order).probs, said.label)


def _shown(p: float, order: int) -> Preference:
    """P(the subject's is better) as a verdict in shown order."""
    return Preference((1.0 - p, p) if order else (p, 1.0 - p))


def _empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _number(row: Mapping[str, Any], name: str, where: str) -> float:
    cell = row[name]
    try:
        value = float(cell)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell) or not math.isfinite(value):
        raise DataError(f"{where}: {name} is {cell!r}", "it must be a finite number, or empty")
    return value


def _whole(row: Mapping[str, Any], name: str, where: str) -> int:
    value = _number(row, name, where) if name in row else 0.0
    if value != int(value):
        raise DataError(f"{where}: {name} is {value:g}", "it must be a whole number")
    return int(value)


def _text(row: Mapping[str, Any], name: str, where: str) -> str | None:
    cell = row.get(name)
    if cell is None:
        return None
    if isinstance(cell, float | bool) or not isinstance(cell, str | int):
        raise DataError(f"{where}: {name} is {cell!r}", "it must be a text")
    return str(cell)


def _needed(row: Mapping[str, Any], name: str, where: str) -> str:
    text = _text(row, name, where)
    if text is None:
        raise DataError(f"{where}: {name} is empty", "every row needs item and judge")
    return text


COMPONENT = Table
