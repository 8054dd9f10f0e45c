"""The kinds of components. A component is a frozen dataclass whose fields are its options.

Subclass one kind, set `name`, decorate with `@dataclass(frozen=True)`, and return the class from
the hook `judgebench_components`. Everything that a component needs at run time is handed to its
method; components keep no state.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from judgebench.core.item import Item, Judged, Response, Sample, Trial, Verdict
from judgebench.core.leaderboard import Leaderboard
from judgebench.core.request import Chat, Completion, Request
from judgebench.plugin.conventions import ConventionName
from judgebench.plugin.hub import DataFile

if TYPE_CHECKING:
    from judgebench.stats.arrays import FloatArray, IntArray
    from judgebench.stats.table import Table

Order = Literal["both", "seeded"]
Mode = Literal["corrected", "official"]
"""What a board shows where the two differ: the right estimator, or what the official code computes, quirks included."""
Secret = Callable[[str], str | None]
"""Looks a secret up by name (an environment variable, or what a plugin's `judgebench_secret` finds)."""


class Ask(Protocol):
    """The one door to models: behind it stand cache, rate limit, retry by error class, budget and usage."""

    async def __call__(self, model: str, request: Request, draw: int = 0) -> Sample:
        """The sample for `request`; `draw` tells repeated samples of the same request apart."""
        ...


class Session(Protocol):
    """An opened backend."""

    async def complete(self, request: Request) -> Completion:
        """Answer one request, or raise a TransientError, RequestError or PermanentError."""
        ...


class Component(ABC):
    """What all kinds share: a name, and what of its surroundings can change its results."""

    kind: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str] = ""

    def fingerprint(self) -> Mapping[str, str]:
        """Digests of what the options only point to (a template's text, a model file): part of the identity."""
        return {}


class Backend(Component):
    """A way to ask a model. The first field is the model's name: `--policy NAME:VALUE` sets it.

    Without state, implement `complete` alone. A backend with a connection or a loaded model
    overrides `open`, which yields an object with `complete` and releases everything on exit.
    """

    kind = "backend"
    can: ClassVar[frozenset[type]] = frozenset({Chat})

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets without which it cannot work: checked before anything is spent."""
        return ()

    @property
    def slots(self) -> int:
        """How many requests may be in flight at once."""
        return 16

    @property
    def requests_per_minute(self) -> float | None:
        """The rate that the server allows; None: as many as the slots let through."""
        return None

    @property
    def prices(self) -> tuple[float, float] | None:
        """US dollars per million input and output tokens, where known."""
        return None

    @asynccontextmanager
    async def open(self, secret: Secret) -> AsyncIterator[Session]:
        """Connect or load; the yielded session is used by one event loop and then released."""
        yield self

    async def complete(self, request: Request) -> Completion:
        """Answer one request, or raise a TransientError, RequestError or PermanentError."""
        raise TypeError(f"{type(self).__name__} implements neither open() nor complete()")


class Policy(Component):
    """Answers items: all turns of a conversation, in order."""

    kind = "policy"

    def needs(self) -> tuple[type, ...]:
        """What its models must be able to do: request classes."""
        return (Chat,)

    @abstractmethod
    async def respond(self, item: Item, ask: Ask) -> Response:
        """The response to an item. LookupError: there is none, which is a Miss."""


class Judge(Component):
    """A protocol over no, one or more models that says which of a trial's responses is better.

    Two steps, so that every verdict can be read again from the record without a model: `sample`
    asks, `read` is a pure function of the trial and its samples.
    """

    kind = "judge"
    responses: ClassVar[tuple[int, int]] = (2, 2)
    """How many responses it can be shown, at least and at most: checked before anything is spent."""

    def needs(self) -> tuple[type, ...]:
        """What its models must be able to do: request classes."""
        return (Chat,)

    @abstractmethod
    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """Ask the model(s) about a trial; baselines that ask nobody return ()."""

    @abstractmethod
    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        """The verdict in shown order; VerdictError when the samples hold none."""


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
    measures: ClassVar[tuple[str, ...]] = ()
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


@dataclass(frozen=True, slots=True)
class Support:
    """How many units entered a measure, how many are missing, and from how many clusters: int [subjects] each."""

    n: "IntArray"
    missing: "IntArray"
    clusters: "IntArray"


@dataclass(frozen=True, slots=True)
class Published:
    """What the official code prints, for boards in official mode: float [subjects] each, NaN where there is none.

    None: it prints nothing of the kind. `method` names how its interval is made, and `confidence` how wide it is
    meant to be.
    """

    value: "FloatArray | None" = None
    standard_error: "FloatArray | None" = None
    low: "FloatArray | None" = None
    high: "FloatArray | None" = None
    confidence: float = 0.95
    method: str = "official"


@dataclass(frozen=True, slots=True)
class Limits:
    """Intervals by another rule than resampling, of subjects whose values are bounds or do not vary.

    alone: (low, high) float [subjects] at a confidence, NaN where resampling's ends hold. between: those of the
    differences of pairs (two int arrays of subjects, confidence), NaN likewise. bound: int [subjects], 1 where the
    value is the least that it can be, -1 the most, 0 neither: an interval then has no end beyond the value.
    """

    alone: "Callable[[float], tuple[FloatArray, FloatArray]]"
    between: "Callable[[IntArray, IntArray, float], tuple[FloatArray, FloatArray]]"
    bound: "IntArray"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A measure on one table, with all that does not depend on weights worked out.

    `values` maps weights [B, clusters] to values [B, subjects]; `details` are further numbers of each subject
    (float [subjects] each, NaN where there is none); `published` is what the official code prints beside or in the
    place of the value; `notes` say what a reader must know, of all subjects or of one; `why` says of subjects without
    an estimate why they have none, where the measure knows more than that units are missing; `limits` are intervals
    that resampling cannot give.
    """

    values: "Callable[[FloatArray], FloatArray]"
    details: "Mapping[str, FloatArray]" = field(default_factory=dict)
    published: "Published | None" = None
    notes: tuple[str | tuple[int, str], ...] = ()
    why: Mapping[int, str] = field(default_factory=dict)
    limits: Limits | None = None


class Measure(Component):
    """A number about each subject, by the contract weights in, values out.

    Ones as weights give the point estimate, resample counts the bootstrap, leave-one-out the
    jackknife: one implementation serves all three, for all subjects at once. A measure whose official
    estimator is not the right one has an option `mode: Mode`, which the board sets; one that counts a judge's ties and
    missing verdicts has an option `convention: ConventionName`, which is the benchmark's unless a user says.
    """

    kind = "measure"
    about: ClassVar[Literal["policy", "policy under judge", "judge"]]
    unit: ClassVar[Literal["%", "points", "characters"]] = "%"
    better: ClassVar[Literal["higher", "lower"] | None] = "higher"
    responses: ClassVar[Literal["pair", "any"]] = "pair"
    """Whether its table holds trials of two responses alone, or of any number."""
    bounds: ClassVar[tuple[float, float] | None] = None
    """The lowest and highest value there can be, in its unit: values that do not vary then still get an interval."""

    @property
    def joint(self) -> bool:
        """Whether a subject's value depends on the verdicts about others."""
        return False

    @abstractmethod
    def fit(self, table: "Table", weights: "FloatArray") -> "FloatArray":
        """Values [B, subjects] for weights [B, clusters]; NaN where a subject has no weight. Rates in percent."""

    def prepare(self, table: "Table") -> Prepared:
        """The measure on this table: what `fit` would work out again for every block of weights, worked out once."""
        return Prepared(partial(self.fit, table))

    @abstractmethod
    def support(self, table: "Table") -> Support:
        """Units that entered and units that are missing, per subject; no unit gives no estimate."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What a ratio measure sums, per unit of the table: float [units] each.

    `numerator` and `denominator` are 0 for units that do not enter; `planned` counts what should
    have entered, in the denominator's terms.
    """

    numerator: "FloatArray"
    denominator: "FloatArray"
    planned: "FloatArray"


class RatioMeasure(Measure):
    """A measure that is a ratio of two sums over units: implement `cells` alone.

    It is a rate unless it says otherwise: set `bounds` with `scale`, `shift` and `unit`.
    """

    bounds: ClassVar[tuple[float, float] | None] = (0.0, 100.0)
    scale: ClassVar[float] = 100.0
    shift: ClassVar[float] = 0.0

    @abstractmethod
    def cells(self, table: "Table") -> Cells:
        """Numerator, denominator and planned count of every unit."""

    def fit(self, table: "Table", weights: "FloatArray") -> "FloatArray":
        """scale · Σ w·numerator / Σ w·denominator + shift."""
        return self.prepare(table).values(weights)

    def prepare(self, table: "Table") -> Prepared:
        """The sums by cluster, made once."""
        from judgebench.stats import ratio

        top, bottom = self.sums(table)
        return Prepared(lambda weights: self.scale * ratio(weights, top, bottom) + self.shift)

    def sums(self, table: "Table") -> "tuple[FloatArray, FloatArray]":
        """Numerator and denominator by cluster: float [clusters, subjects] each."""
        cells = self.cells(table)
        return self._sums(table, cells.numerator), self._sums(table, cells.denominator)

    def support(self, table: "Table") -> Support:
        """n = Σ denominator, missing = Σ planned − n, clusters = those with a denominator."""
        import numpy as np

        cells = self.cells(table)
        entered = self._sums(table, cells.denominator)
        n = np.rint(entered.sum(axis=0)).astype(np.intp)
        planned = np.rint(self._sums(table, cells.planned).sum(axis=0)).astype(np.intp)
        return Support(n, planned - n, (entered > 0).sum(axis=0))

    @staticmethod
    def _sums(table: "Table", values: "FloatArray") -> "FloatArray":
        from judgebench.stats import cluster_sums

        return cluster_sums(table.cluster, table.subject, values, table.n_clusters, table.n_subjects)


class Import(Component):
    """Reads what another tool recorded: its files become a run like any other."""

    kind = "import"
    benchmark: ClassVar[str | None] = None
    """The benchmark that its files are about, unless `about` says otherwise; None: a user must name it."""
    own_items: ClassVar[bool] = False
    """Whether that benchmark's own items stand in the place of the file's, where nobody says: they bring what its
    measures need and files lack. A run that does without the benchmark's numbers keeps the file's."""

    def about(self, paths: Sequence[Path]) -> str:
        """The spec of the benchmark that these files are about, where nobody names it and `benchmark` is set.

        DataError for files that cannot be read; ConfigError where they are about several.
        """
        return str(self.benchmark)

    @abstractmethod
    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """One `Judged` a verdict, in any order. DataError that names file and row for what cannot be read."""


class Report(Component):
    """A pure rendering of a leaderboard."""

    kind = "report"
    suffix: ClassVar[str] = ".txt"

    @abstractmethod
    def render(self, board: Leaderboard) -> str:
        """The board as text; the same board gives the same bytes."""


KINDS: dict[str, type[Component]] = {
    kind.kind: kind for kind in (Backend, Policy, Judge, Benchmark, Measure, Import, Report)
}
