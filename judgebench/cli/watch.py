"""judgebench run --watch: each checkpoint is measured as it appears."""

import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
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


def follow(
    spec: "RunSpec",
    watch: Watch,
    plan: "Callable[[Collection[str]], Plan]",
    carry_out: "Callable[[Plan], Leaderboard]",
) -> "tuple[Plan, Leaderboard]":
    """Plan and carry out whenever a checkpoint is complete, until no new one has come for `idle` seconds.

    Returns the last plan and its board; ConfigError when there was none.

    An error of the first plan, and any error of a run, ends it: the same command continues. Later, a plan that fails (a
    checkpoint that is damaged, say) is told, and tried again when the folder changes.
    """
    from judgebench.core.errors import ConfigError, JudgebenchError
    from judgebench.engine.watch import NOTHING, check, look

    check(spec, watch.folder)
    signal.signal(signal.SIGTERM, _interrupt)
    settled = f"a checkpoint counts once nothing in it has changed for {watch.settle:g} s"
    click.echo(f"watching {watch.folder}: {settled}", err=True)
    pause = min(POLL, max(watch.settle, 0.1))
    done, last = NOTHING, time.monotonic()
    found: tuple[Plan, Leaderboard] | None = None
    while True:
        signal.signal(signal.SIGTERM, _interrupt)  # a polite kill is a Ctrl-C; a run's own loop sets this back
        there = look(spec)
        ready = there.settled(time.time(), watch.settle)
        if ready.complete and ready.adds_to(done):
            done = ready
            try:
                planned = plan(ready.paths)
            except JudgebenchError as error:
                if found is None:
                    raise
                click.echo(f"error: {error.message}\nhint: {error.hint}", err=True)
            else:
                found = planned, carry_out(planned)
            last = time.monotonic()
        elif there.adds_to(ready):  # one is being written
            last = time.monotonic()
            time.sleep(pause)
        elif watch.idle is not None and time.monotonic() - last >= watch.idle:
            if found is None:
                raise ConfigError(
                    f"no checkpoint has come within {watch.idle / 60:g} minutes", "check the patterns, or raise --idle"
                )
            click.echo(f"no new checkpoint within {watch.idle / 60:g} minutes: done", err=True)
            return found
        else:
            time.sleep(pause)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
