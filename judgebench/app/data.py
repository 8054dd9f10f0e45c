"""The mirror of the hub: what benchmarks need of it, fetched and verified."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgebench.discovery.registry import Registry

if TYPE_CHECKING:
    from judgebench.engine.data import Outcome, Row
    from judgebench.engine.mirror import Difference


def data_list(benchmarks: Sequence[str], known: Registry, mirror: Path | None = None) -> "list[Row]":
    """What benchmarks, named by their specs, need of the hub, and what of it a mirror has; all where none is named."""
    from judgebench.engine.data import needs, rows

    return rows(needs(benchmarks, known), mirror)


def data_fetch(
    benchmarks: Sequence[str], known: Registry, mirror: Path, revision: str | None = None
) -> "Iterator[Outcome]":
    """Fetch what benchmarks need into a mirror, one outcome as soon as a file is there."""
    from judgebench.engine.data import fetch, needs

    return fetch(needs(benchmarks, known), mirror, revision)


def data_verify(mirror: Path) -> "tuple[int, list[Difference]]":
    """How many files of a mirror are as they were fetched, and those that are not."""
    from judgebench.engine.mirror import differences

    return differences(mirror)
