"""judgebench run --watch: each checkpoint is measured as it appears."""

import os
import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.core.events import CallDone, CallFailed, Event

if TYPE_CHECKING:
    from judgebench.core.errors import JudgebenchError
    from judgebench.core.leaderboard import Leaderboard
    from judgebench.engine.prepare import Plan
    from judgebench.engine.spec import RunSpec

POLL = 5.0
"""Most seconds between two looks at the folder."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Which folder, how long nothing in a checkpoint may have changed, and how long to wait for the next one (None: for
    ever), both in seconds."""

    folder: Path
    settle: float
    idle: float | None


@dataclass(frozen=True, slots=True)
class Round:
    """What a look leads to: `check` one path, `plan` with those that are complete, `carry_out` the plan."""

    check: Callable[[str], None]
    plan: "Callable[[Collection[str]], Plan]"
    carry_out: "Callable[[Plan], Leaderboard]"


def follow(spec: "RunSpec", watch: Watch, of: Round) -> "tuple[Leaderboard, list[str]]":
    """Plan and carry out whenever a checkpoint is complete, until no new one has come for `idle` seconds.

    Returns the last board, and the checkpoints that could not be read: each is told when it is found, set aside, and
    looked at again when it changes. ConfigError when there was none to measure. Any other error ends the watch, and the
    same command continues; not so where a checkpoint was deleted amid a run.
    """
    from judgebench.core.errors import ConfigError, DataError, JudgebenchError
    from judgebench.engine.watch import NOTHING, Patience, check, look

    check(spec, watch.folder)
    signal.signal(signal.SIGTERM, _interrupt)
    settled = f"a checkpoint counts once nothing in it has changed for {watch.settle:g} s"
    click.echo(f"watching {watch.folder}: {settled}", err=True)
    pause, patience = min(POLL, max(watch.settle, 0.1)), Patience(watch.settle)
    done, last, aside = NOTHING, time.monotonic(), dict[str, float]()
    board: Leaderboard | None = None
    while True:
        signal.signal(signal.SIGTERM, _interrupt)  # a polite kill is a Ctrl-C; a run's own loop sets this back
        there = look(spec)
        ready = patience.settled(there, time.time(), time.monotonic())
        writing = there.adds_to(ready)
        ready = ready.only([path for path, at in ready.paths.items() if aside.get(path) != at])
        for path, at in ready.paths.items() if ready.adds_to(done) else ():
            if done.paths.get(path) != at:
                try:
                    of.check(path)
                except DataError as error:
                    _tell(error)
                    aside[path] = at
        ready = ready.only([path for path, at in ready.paths.items() if aside.get(path) != at])
        if ready.adds_to(done) and (board is not None or ready.complete):
            try:
                board = of.carry_out(of.plan(ready.paths))
                done = ready
            except JudgebenchError as error:
                if all(map(os.path.lexists, ready.paths)):
                    raise
                _tell(error)  # a trainer deletes old checkpoints: the next look is without it
            last = time.monotonic()
        elif writing:
            last = time.monotonic()
            time.sleep(pause)
        elif watch.idle is not None and time.monotonic() - last >= watch.idle:
            left = sorted(path for path, at in aside.items() if there.paths.get(path) == at)
            if board is None:
                found = f": {left[0]} could not be read" if left else ""
                raise ConfigError(
                    f"no checkpoint has come within {watch.idle / 60:g} minutes{found}",
                    "check the patterns, or raise --idle",
                )
            click.echo(f"no new checkpoint within {watch.idle / 60:g} minutes: done", err=True)
            return board, left
        else:
            time.sleep(pause)


@dataclass(slots=True)
class Spent:
    """An observer that counts what the rounds of one command have spent together."""

    calls: int = 0
    cost: float = 0.0

    def __call__(self, event: Event) -> None:
        """Count a call that was bought, and a try that failed."""
        if isinstance(event, CallFailed):
            self.calls += 1
        elif isinstance(event, CallDone) and not event.cached:
            self.calls += 1
            self.cost += event.cost or 0.0

    def within(self, planned: "Plan") -> "Plan":
        """The plan, with what is left of the bounds of its command."""
        import msgspec

        spec = planned.setup.spec
        calls = None if spec.max_calls is None else max(0, spec.max_calls - self.calls)
        cost = None if spec.max_cost is None else max(0.0, spec.max_cost - self.cost)
        left = msgspec.structs.replace(spec, max_calls=calls, max_cost=cost)
        return replace(planned, setup=replace(planned.setup, spec=left))


def _tell(error: "JudgebenchError") -> None:
    click.echo(f"error: {error.message}\nhint: {error.hint}", err=True)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
