"""Series: the checkpoints of one training on a board, in the order of their steps, and the pairs that they compare."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from judgebench.core.errors import ConfigError
from judgebench.core.leaderboard import Series
from judgebench.engine.checkpoints import in_order
from judgebench.engine.evidence import Evidence
from judgebench.plugin.options import nearest


def series_of(evidence: Evidence, patterns: Sequence[str] = ()) -> tuple[Series, ...]:
    """The series of the runs, and of each pattern the subjects whose names on the board match: policies, or judges."""
    found: dict[tuple[str, str], list[str]] = {}
    for manifest in evidence.manifests:
        for name, keys in manifest.series.items():
            for key in keys:
                found.setdefault((name, evidence.subjects[key].kind), []).append(evidence.shown(key))
    for pattern in patterns:
        for key, subject in evidence.subjects.items():
            if fnmatchcase(evidence.shown(key), pattern):
                found.setdefault((pattern, subject.kind), []).append(evidence.shown(key))
    return tuple(
        Series(name, "policy" if kind == "policy" else "judge", in_order(names))
        for (name, kind), names in sorted(found.items())
    )


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
