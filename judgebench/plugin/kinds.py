"""The kinds of components. A component is a frozen dataclass whose fields are its options.

Subclass one kind, set `name`, decorate with `@dataclass(frozen=True)`, and return the class from
the hook `judgebench_components`. Everything that a component needs at run time is handed to its
method; components keep no state.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, Protocol

from judgebench.core.item import Item, Judged, Part, Response, Sample, Trial, Verdict
from judgebench.core.leaderboard import Leaderboard
from judgebench.core.request import Chat, Completion, Request
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.component import Component
from judgebench.plugin.measure import Measure

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


class Backend(Component):
    """A way to ask a model. The first field is the model's name: `--policy NAME:VALUE` sets it.

    Without state, implement `complete` alone. A backend with a connection or a loaded model
    overrides `open`, which yields an object with `complete` and releases everything on exit.
    """

    kind = "backend"
    can: ClassVar[frozenset[type]] = frozenset({Chat})
    """The request classes that it answers; a request of another class never reaches it."""
    guides: ClassVar[bool] = False
    """Whether it can hold the answer to a Chat to the request's JSON schema; one that cannot is not given it."""

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

    def parts(self, trial: Trial, samples: Sequence[Sample]) -> Sequence[Part]:
        """What each of its votes or jurors said, where the verdict is made of several: kept in the record beside it.

        One row of numbers a part, in shown order: probabilities beside a Preference, scores beside a Score. None where
        a response got none, and an empty row for a part without a verdict.
        """
        return ()


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
    """How the name of a file ends that holds what it renders."""

    @abstractmethod
    def render(self, board: Leaderboard) -> str:
        """The board as text; the same board gives the same bytes."""


KINDS: dict[str, type[Component]] = {
    kind.kind: kind for kind in (Backend, Policy, Judge, Benchmark, Measure, Import, Report)
}
