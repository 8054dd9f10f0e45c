"""A benchmark's own items in the place of those that a file holds."""

from collections.abc import Iterable, Mapping

from judgebench.core.errors import DataError
from judgebench.core.item import Item
from judgebench.engine.named import items_of
from judgebench.plugin.benchmark import Benchmark

SHOWN = 60
"""Characters of an instruction by which an error names it."""


def own_items(benchmark: Benchmark, source: Benchmark, without: str) -> dict[str, Item]:
    """The benchmark's items under their ids, and under `prompt:` and their first turn.

    DataError where they cannot be read; its hint ends with `without`, how to do without them.
    """
    try:
        return _by_id_and_prompt(items_of(benchmark, source))
    except DataError as error:
        raise DataError(error.message, f"{error.hint}; {without}") from None


def _by_id_and_prompt(items: Iterable[Item]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for item in items:
        found[item.id] = item
        if item.turns:
            found.setdefault(f"prompt:{item.turns[0]}", item)
    return found


def matched(imported: Item, items: Mapping[str, Item]) -> Item:
    """The benchmark's own item: by id where the imported one has no text or the same, else by its text.

    DataError where there is none, or where its baseline or its responses say something else than the imported one's.
    """
    own = items.get(imported.id)
    if imported.turns and (own is None or own.turns[:1] != imported.turns[:1]):
        own = items.get(f"prompt:{imported.turns[0]}")
    if own is None:
        raise DataError(
            f"the benchmark has no {_named(imported)}",
            "import other prompts than the benchmark's with --items file, or name their benchmark with --benchmark",
        )
    mine, theirs = own.baseline, imported.baseline
    if mine is not None and theirs is not None and theirs.turns and theirs.turns != mine.turns:
        raise DataError(
            f"{_named(imported)} was compared with another answer than the benchmark's baseline",
            "import with --items file, or name its benchmark with --benchmark",
        )
    if any(theirs.turns for theirs in imported.responses) and imported.responses != own.responses:
        raise DataError(
            f"item '{imported.id}' is about other responses than the benchmark's '{own.id}'",
            "import with --items file, or name its benchmark with --benchmark",
        )
    return own


def _named(item: Item) -> str:
    if not item.turns:
        return f"item '{item.id}'"
    text = " ".join(item.turns[0].split())
    return f"instruction '{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}'"
