"""Which items, and in which order responses are shown: seeded, nested, independent of list order."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Sequence

from judgebench.core.errors import DataError
from judgebench.core.item import Item


def draw(seed: int, *names: str | int) -> float:
    """A number in [0, 1) fixed by the seed and the names, the same on every machine."""
    text = "\x1f".join(map(str, (seed, *names)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def ranked(items: Sequence[Item], seed: int) -> list[Item]:
    """All items in the order in which a limit takes them.

    Within a stratum the order is random by seed; strata are interleaved in proportion to their
    sizes, so every prefix is a stratified sample, and a larger limit extends a smaller one.
    """
    strata: dict[str, list[Item]] = defaultdict(list)
    ids: set[str] = set()
    for item in items:
        if item.id in ids:
            raise DataError(f"two items have the id '{item.id}'", "ids must be unique within a benchmark")
        ids.add(item.id)
        _check_turns(item)
        _check_ratings(item)
        strata[item.stratum].append(item)
    places: list[tuple[float, float, str, Item]] = []
    for stratum, members in strata.items():
        offset = draw(seed, "stratum", stratum)
        members.sort(key=lambda item: (draw(seed, "item", item.id), item.id))
        for number, item in enumerate(members):
            places.append(((number + offset) / len(members), offset, item.id, item))
    places.sort(key=lambda place: place[:3])
    return [place[3] for place in places]


def _check_turns(item: Item) -> None:
    """A ready response answers every turn, neither fewer nor more: a judge would see only some of them."""
    if not item.turns:
        raise DataError(f"item '{item.id}' asks nothing", "an item has at least one user turn")
    for response in (*item.responses, *filter(None, [item.baseline])):
        if len(response.turns) != len(item.turns):
            raise DataError(
                f"item '{item.id}' has {len(item.turns)} user turn(s), its response by '{response.author}' "
                f"{len(response.turns)}",
                "give one text per turn; what was said before stands in the item's context",
            )


def _check_ratings(item: Item) -> None:
    """Gold numbers are of all ready responses, or of none."""
    if item.ratings and len(item.ratings) != len(item.responses):
        raise DataError(
            f"item '{item.id}' has {len(item.responses)} ready responses and {len(item.ratings)} ratings",
            "give one rating a response",
        )
    if not all(map(math.isfinite, item.ratings)):
        raise DataError(f"item '{item.id}' has ratings {list(item.ratings)}", "ratings are finite numbers")
