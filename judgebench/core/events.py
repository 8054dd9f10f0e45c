"""What happens in a run, as values: observers (progress, plugins) receive them in order."""

from dataclasses import dataclass

from judgebench.core.item import Miss
from judgebench.core.request import Usage


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins: how many jobs it holds and how many of them an earlier run has already done."""

    total: int
    done: int


@dataclass(frozen=True, slots=True)
class StageStarted:
    """One policy begins to answer, or one judge to judge: `jobs` are left to do."""

    subject: str
    work: str
    jobs: int


@dataclass(frozen=True, slots=True)
class JobDone:
    """One answer or verdict (or the miss in its place) is on disk."""

    subject: str
    item: str
    miss: Miss | None


@dataclass(frozen=True, slots=True)
class CallDone:
    """A model was asked: `cached` when nothing was bought; `cost` in US dollars where prices are known."""

    model: str
    usage: Usage
    cached: bool
    cost: float | None


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A try failed; `wait` is the pause before the next one in seconds, None when there is none."""

    model: str
    message: str
    wait: float | None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ends: everything that was planned is on disk, or it was interrupted."""

    complete: bool


Event = RunStarted | StageStarted | JobDone | CallDone | CallFailed | RunFinished
