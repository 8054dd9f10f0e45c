"""Benchmarks of two items, or of a file's rows."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from judgebench import Benchmark, DataError, DataFile, Item, Preference, Response, option

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Good(Benchmark):
    """Questions of one's own, or two that are known."""

    name = "good"
    summary = "a good benchmark"
    measures = ("accuracy", "section/Chat,part=x", "miss-rate")

    path: str | None = option(None, help="a json file of questions")

    def items(self) -> Sequence[Item]:
        questions = ["one?", "two?"] if self.path is None else self.read(Path(self.path))
        ready = (Response(("yes",), "a"), Response(("no",), "b"))
        return [
            Item(str(k), (question,), responses=ready, gold=Preference((1.0, 0.0)), cluster="all", stratum="x")
            for k, question in enumerate(questions)
        ]

    def read(self, path: Path) -> list[str]:
        try:
            found: list[str] = json.loads(path.read_text())
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}", "name a file") from None
        return found


@dataclass(frozen=True)
class Changing(Good):
    """Brings other items each time."""

    name = "changing"

    def items(self) -> Sequence[Item]:
        return [replace(item, features={"number": float(next(_NUMBERS))}) for item in super().items()]


@dataclass(frozen=True)
class Empty(Good):
    """Brings nothing."""

    name = "empty"

    def items(self) -> Sequence[Item]:
        return list(super().items())[:0]


@dataclass(frozen=True)
class Twins(Good):
    """Calls two items by one name."""

    name = "twins"

    def items(self) -> Sequence[Item]:
        return [replace(item, id="1") for item in super().items()]


@dataclass(frozen=True)
class Silent(Good):
    """Asks nothing."""

    name = "silent"

    def items(self) -> Sequence[Item]:
        return [replace(item, turns=(), responses=(), gold=None) for item in super().items()]


@dataclass(frozen=True)
class Doubtful(Good):
    """Its gold labels do not sum to 1."""

    name = "doubtful"

    def items(self) -> Sequence[Item]:
        return [replace(item, gold=Preference((0.9, 0.2))) for item in super().items()]


@dataclass(frozen=True)
class OneRating(Good):
    """Has one rating for two responses."""

    name = "one-rating"

    def items(self) -> Sequence[Item]:
        return [replace(item, ratings=(3.0,)) for item in super().items()]


@dataclass(frozen=True)
class Spread(Good):
    """A cluster lies in two strata."""

    name = "spread"

    def items(self) -> Sequence[Item]:
        return [replace(item, stratum=item.id) for item in super().items()]


@dataclass(frozen=True)
class Mistaken(Good):
    """Names a measure that there is not."""

    name = "mistaken"
    measures = ("acuracy",)


@dataclass(frozen=True)
class Opening(Good):
    """Reads the file to say which it is."""

    name = "opening"

    def data_files(self) -> Sequence[DataFile]:
        Path(__file__).read_bytes()
        return ()


@dataclass(frozen=True)
class Unmirrored(Good):
    """Reads from the hub, and has no option for a mirror of it."""

    name = "unmirrored"

    def data_files(self) -> Sequence[DataFile]:
        return [DataFile("nobody/nothing", "data.jsonl", "MIT", 10)]


@dataclass(frozen=True)
class Bare(Good):
    """Lets Python's own error through."""

    name = "bare"

    def read(self, path: Path) -> list[str]:
        found: list[str] = json.loads(path.read_text())
        return found


@dataclass(frozen=True)
class Nameless(Good):
    """Does not say which file is missing."""

    name = "nameless"

    def read(self, path: Path) -> list[str]:
        raise DataError("a file is missing", "name another")


APART, FIT = "tells its items apart", "brings gold, ratings and votes that fit its responses"
TWICE, MISSING = "brings the same items twice", "says that a file is missing"
FILES = "lists its files without opening them"
GOOD = (Good,)
BROKEN = (
    (TWICE, Changing, ()),
    (TWICE, Empty, ()),
    (APART, Twins, ()),
    (APART, Silent, ()),
    (FIT, Doubtful, ()),
    (FIT, OneRating, ()),
    ("keeps each cluster in one stratum", Spread, ()),
    ("names measures that there are", Mistaken, ()),
    (FILES, Opening, ()),
    (FILES, Unmirrored, ()),
    (MISSING, Bare, ()),
    (MISSING, Nameless, ()),
)
