"""Benchmarks: items, and who is compared with whom on them."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from judgebench.core.item import Item
from judgebench.plugin.component import Component
from judgebench.plugin.conventions import ConventionName
from judgebench.plugin.hub import DataFile

Order = Literal["both", "seeded"]


@dataclass(frozen=True, slots=True)
class Match:
    """A policy and what it is compared with: the items' baseline, or the policy `opponent`, by their names.

    `mutual`: the opponent is measured too, by the same verdicts. `alone`: it is compared with nothing; judges score it.
    """

    policy: str
    opponent: str | None = None
    mutual: bool = False
    alone: bool = False


def each_other(policies: Sequence[str]) -> list[Match]:
    """Every two of these policies, each pair once and the same way round, in whatever order they are named."""
    names = sorted(policies)
    return [Match(a, b, mutual=True) for k, a in enumerate(names) for b in names[k + 1 :]]


class Benchmark(Component):
    """Items, with the defaults by which they are judged and measured."""

    kind = "benchmark"
    order: ClassVar[Order] = "both"
    """In which orders pairs are shown where a judge does not say: both, or one that is drawn by the run's seed."""
    measures: ClassVar[tuple[str, ...]] = ()
    """Specs of the measures of a run that names none."""
    by_turn: ClassVar[bool] = False
    """Whether every turn of a conversation is judged on its own, after those before it."""
    convention: ClassVar[ConventionName] = "standard"
    """How a judge's ties and missing verdicts count, where measures take it as an option and nobody says."""

    @abstractmethod
    def items(self) -> Sequence[Item]:
        """All items; ids are unique. DataError when the data cannot be read."""

    def reference(self) -> Mapping[str, Sequence[float]]:
        """Columns of numbers that measures need beside the items, such as other models' rows; recorded with a run."""
        return {}

    def sources(self) -> Mapping[str, str]:
        """Each file that the data come from, with its revision and digest; asked after the items."""
        return {}

    def data_files(self) -> Sequence[DataFile]:
        """The hub's files that `items` and `reference` read under these options, by which a mirror is made; opens none.

        Nothing: what it ships, or what the user brings by an option. A benchmark that reads from the hub also has the
        options `data_dir` (a mirror) and `revision`, and opens its files by `hub_file`:

            def data_files(self):
                return [DataFile("OWNER/NAME", "data/test.parquet", "CC-BY-4.0", 123_000, revision=self.revision)]
        """
        return ()

    def holds(self, item: Item) -> bool:
        """Whether an item that an import brings is one of those that these options ask for; others are left out.

        Its texts may be lacking. DataError where it cannot be told.
        """
        return True

    def matches(self, policies: Sequence[str]) -> Sequence[Match] | None:
        """Who is compared with whom, given the policies' names; ConfigError where that cannot be.

        None: each with the items' baseline or, where no item brings one, every two of them with each other.
        """
        return None


class DerivedBenchmark(Benchmark):
    """A benchmark made of another one's items: implement `source` and `derive` in the place of `items`."""

    @property
    @abstractmethod
    def source(self) -> str:
        """The other benchmark's spec, NAME[:VALUE][,key=value]."""

    @abstractmethod
    def derive(self, items: Sequence[Item]) -> Sequence[Item]:
        """This benchmark's items, given the other's."""

    def items(self) -> Sequence[Item]:
        """Not to be asked: the engine asks the other benchmark, and derives."""
        raise TypeError(f"the items of '{self.name}' are made of another benchmark's")
