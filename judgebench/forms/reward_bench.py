"""RewardBench's rows: how they become items, and which of them are the same problem."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response
from judgebench.forms.conversation import exchange
from judgebench.forms.rewardbench_parts import BEST_OF, TIES
from judgebench.plugin.hub import DataFile

REPO, FILE, LICENCE, SIZE = "allenai/reward-bench", "data/filtered-00000-of-00001.parquet", "ODC-BY", 2_350_000
CODE = "hep-"
"""The subsets whose names begin so hold the same 164 problems (HumanEval), each in another language."""
Row = tuple[str, Mapping[str, Any]]
"""Where a row stands, and its columns."""


def data_file(revision: str | None) -> DataFile:
    """The hub's file of all pairs."""
    return DataFile(REPO, FILE, LICENCE, SIZE, "2,985 pairs in 23 subsets", revision)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item belongs: its id, subset, stratum and cluster (empty: its own)."""

    id: str
    subset: str
    stratum: str
    cluster: str = ""


def places(rows: Sequence[tuple[str, str, Any]]) -> list[Place]:
    """The place of each row, given where it stands, its subset and its id.

    Ids are `SUBSET/ID`, since one of the hub's ids occurs twice. The code subsets are one stratum of problem clusters;
    only the order in each subset, by id, tells which problem a row is. DataError for a row without subset or id, and
    where the code subsets differ in length, so that the order tells nothing.
    """
    for where, subset, name in rows:
        if not isinstance(subset, str) or not subset or isinstance(name, bool) or not isinstance(name, int | str):
            raise DataError(f"{where} has no subset or no id", "a row has prompt, chosen, rejected, subset and id")
    problems = _problems(rows)
    found = []
    for number, (_, subset, name) in enumerate(rows):
        label = str(name) if str(name).startswith(subset) else f"{subset}/{name}"
        if number in problems:
            found.append(Place(label, subset, CODE.rstrip("-"), f"{CODE}{problems[number]:03d}"))
        else:
            found.append(Place(label, subset, subset))
    return found


def _problems(rows: Sequence[tuple[str, str, Any]]) -> dict[int, int]:
    """The number of the problem of each row of code, by the row's number."""
    groups: dict[str, list[tuple[Any, int]]] = defaultdict(list)
    for number, (_, subset, name) in enumerate(rows):
        if subset.startswith(CODE):
            groups[subset].append((name, number))
    lengths = {subset: len(group) for subset, group in groups.items()}
    if len(set(lengths.values())) > 1:
        counted = ", ".join(f"{subset} {length}" for subset, length in sorted(lengths.items()))
        raise DataError(
            f"the subsets of code differ in length: {counted}",
            "take them whole: only the order in each tells which rows are the same problem",
        )
    for group in groups.values():
        if all(isinstance(name, int) for name, _ in group):
            group.sort()
    return {number: problem for group in groups.values() for problem, (_, number) in enumerate(group)}


SUBSETS_2 = (*BEST_OF, TIES)
"""RewardBench 2's subsets; the hub spells them `Precise IF`."""
_PROMPT = re.compile(r"(?:ref|tied):(\d+)")


def place_2(where: str, subset: Any, name: Any) -> Place:
    """The place of a row of RewardBench 2; `ref:3` and `tied:3` are one cluster. DataError names the row."""
    slug = str(subset).lower().replace(" ", "-")
    if slug not in SUBSETS_2 or isinstance(name, bool) or not isinstance(name, int | str):
        raise DataError(f"{where}: subset is {subset!r}, id {name!r}", f"the subsets: {', '.join(SUBSETS_2)}")
    prompt = _PROMPT.fullmatch(str(name))
    if slug == TIES and prompt is None:
        raise DataError(f"{where}: id is {name!r}", "ids of ties are such as ref:3 and tied:3")
    return Place(f"{slug}/{name}", slug, slug, f"{slug}/{prompt[1]}" if slug == TIES and prompt else "")


def pair_items(rows: Sequence[Row]) -> list[Item]:
    """Items of rows with prompt, chosen, rejected, subset and id; the chosen response has slot 0.

    A prompt is a text, or a list of messages whose last is answered. DataError that names the row.
    """
    found = []
    located = places([(where, row.get("subset", ""), row.get("id")) for where, row in rows])
    for place, (where, row) in zip(located, rows, strict=True):
        for column in ("prompt", "chosen", "rejected"):
            if row.get(column) is None:
                raise DataError(
                    f"{where} has no text in '{column}'", "its columns: prompt, chosen, rejected, subset, id"
                )
        said = exchange(("prompt", row["prompt"]), [(name, row[name]) for name in ("chosen", "rejected")], where)
        found.append(
            Item(
                id=place.id,
                turns=said.turns,
                context=said.context,
                responses=(Response(said.responses[0], "chosen"), Response(said.responses[1], "rejected")),
                gold=Preference((1.0, 0.0)),
                cluster=place.cluster,
                stratum=place.stratum,
                subsets=(place.subset,),
            )
        )
    return found
