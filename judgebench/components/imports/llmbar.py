"""llmbar: recorded judgments of LLMBar's judges, its `result.json` files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Sample
from judgebench.core.request import Completion, Finish
from judgebench.forms.files import read_rows
from judgebench.forms.llmbar import SETS, llmbar_item
from judgebench.plugin.kinds import Import

ORDERS = {"swap = False": (0, 1), "swap = True": (1, 0)}
"""A judgment's two parts, and the order in which output_1 (slot 0) and output_2 were shown."""
FINISHES: Mapping[str, Finish] = {"stop": "stop", "length": "length", "content management policy": "content_filter"}


@dataclass(frozen=True)
class LLMBar(Import):
    """`SET/evaluators/JUDGE/TEMPLATE/result.json`: the judge is named `JUDGE/TEMPLATE`, the subset by the set.

    A judgment in several steps has one entry a step, of which the last decides; its winner names an output, whichever
    was shown first, and none is a missing verdict. The judge's text at that step is kept; templates that rate each
    output by itself have two. Sets beside LLMBar's five go by their folder's name. Source: Zeng et al. (2024), LLMBar.
    """

    name = "llmbar"
    summary = "LLMBar's result.json files, of one or many judges"
    benchmark = "llmbar"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every judgment of every file, in both orders."""
        for path in paths:
            subset, judge = _place(path)
            for place, (where, row) in enumerate(read_rows(path)):
                yield from _judged(where, row, llmbar_item(where, row, subset, place), judge)


def _place(path: Path) -> tuple[str, str]:
    """The subset and the judge that a path names."""
    parts = path.absolute().parts
    if "evaluators" not in parts[2:-3]:
        raise DataError(
            f"{path}: the path names neither set nor judge",
            "it should end in SET/evaluators/JUDGE/TEMPLATE/result.json",
        )
    at = len(parts) - 1 - parts[::-1].index("evaluators")
    folder = parts[at - 1]
    known = SETS.get(folder) or SETS.get(f"{parts[at - 2]}/{folder}")
    return known or folder.lower(), "/".join(parts[at + 1 : -1])


def _judged(where: str, row: Mapping[str, Any], item: Item, judge: str) -> Iterator[Judged]:
    results = row.get("results")
    last = results[-1] if isinstance(results, list) and results else results
    if not isinstance(last, dict) or not all(isinstance(last.get(name), dict) for name in ORDERS):
        raise DataError(f"{where} holds no judgment", f"its last step has {' and '.join(map(repr, ORDERS))}")
    rated = [last[name] for name in ("score_1", "score_2") if name in last]
    for name, order in ORDERS.items():
        said = last[name]
        texts = [said["completion"]] if "completion" in said else rated
        yield Judged(
            item=item,
            judge=judge,
            verdict=_verdict(said.get("winner"), order, where),
            order=order,
            samples=tuple(Sample(judge, _completion(text, where)) for text in texts),
        )


def _verdict(winner: Any, order: tuple[int, int], where: str) -> Preference | Miss:
    """The verdict in shown order."""
    if winner is None:
        return Miss("read", "no verdict is recorded")
    if str(winner) not in ("1", "2"):
        raise DataError(f"{where}: winner is {winner!r}", "it is 1, 2 or null")
    best = int(winner) - 1
    return Preference((1.0, 0.0) if order[0] == best else (0.0, 1.0))


def _completion(value: Any, where: str) -> Completion:
    """The text and why it ended, as recorded."""
    match value:
        case [str(text), str(finish)]:
            return Completion(text=text, finish=FINISHES.get(finish))
    raise DataError(f"{where}: a completion is {value!r}"[:200], "it is a text and why it ended")


COMPONENT = LLMBar
