"""Series: the checkpoints of one training on a board, in the order of their steps, and the pairs that they compare."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Literal

from judgebench.core.errors import ConfigError
from judgebench.core.leaderboard import Series
from judgebench.engine.checkpoints import in_order
from judgebench.engine.evidence import Evidence
from judgebench.plugin.options import nearest

Kind = Literal["policy", "judge"]


def series_of(evidence: Evidence, patterns: Sequence[str] = ()) -> tuple[Series, ...]:
    """The series of the runs, and of each pattern the subjects whose names on the board match: policies, or judges."""
    came = dict.fromkeys(subject.key for manifest in evidence.manifests for subject in manifest.subjects)
    listed = [(name, keys) for manifest in evidence.manifests for name, keys in manifest.series.items()]
    named = [(name, key) for name, keys in listed for key in came if key in keys]
    named += [(p, key) for p in patterns for key in evidence.subjects if fnmatchcase(evidence.shown(key), p)]
    kinds: dict[str, Kind] = {key: "policy" if s.kind == "policy" else "judge" for key, s in evidence.subjects.items()}
    return united(Series(name, kinds[key], (evidence.shown(key),)) for name, key in named)


def united(series: Iterable[Series]) -> tuple[Series, ...]:
    """Series of one name and kind as one: a training that was measured on several benchmarks."""
    found: dict[tuple[str, Kind], list[str]] = {}
    for one in series:
        found.setdefault((one.name, one.kind), []).extend(one.subjects)
    whole = [Series(name, kind, in_order(names)) for (name, kind), names in sorted(found.items())]
    return tuple(one for one in whole if not any(_within(one, other, whole) for other in whole))


def _within(one: Series, other: Series, among: Sequence[Series]) -> bool:
    """Does another series hold all of this one's steps: more of them, or the same under a name that came first."""
    if one is other or one.kind != other.kind or not set(one.subjects) <= set(other.subjects):
        return False
    return len(one.subjects) < len(other.subjects) or among.index(other) < among.index(one)


def check_patterns(evidence: Sequence[Evidence], patterns: Sequence[str]) -> None:
    """ConfigError for a pattern that no subject of any benchmark matches."""
    shown = {piece.shown(key) for piece in evidence for key in piece.subjects}
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in shown):
            raise ConfigError(f"series '{pattern}': no subject is called so", nearest(pattern, shown))


def steps(series: Sequence[Series], columns: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Columns of each checkpoint and the one before it, and of each and the first: the later one first.

    `columns` are those of a family by the subjects' names; checkpoints without an estimate are passed over.
    """
    for one in series:
        present = [columns[name] for name in one.subjects if name in columns]
        yield from ((later, earlier) for earlier, later in pairwise(present))
        yield from ((later, present[0]) for later in present[2:])
