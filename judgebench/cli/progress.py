"""Progress of a run on stderr: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from typing import Any, TextIO

from judgebench.core.events import CallDone, CallFailed, Event, JobDone, RunFinished, RunStarted, StageStarted

EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """An observer that shows rate, misses, cost where it is known, and the time left."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: Any = None
        self._stage = ""
        self._jobs = self._done = self._misses = self._bought = self._cached = 0
        self._cost = 0.0
        self._began = self._spoke = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Take note of an event, and speak when it is time."""
        match event:
            case RunStarted(total, done):
                self._say(f"{total} jobs planned, {done} of them already in the record")
            case StageStarted(subject, work, jobs):
                self._stage_starts(f"{subject}: {work}", jobs)
            case JobDone(miss=miss):
                self._done += 1
                self._misses += miss is not None
                self._job_done()
            case CallDone(cached=cached, cost=cost):
                self._cached += cached
                self._bought += not cached
                self._cost += cost or 0.0
            case CallFailed(model, message, wait):
                then = "given up" if wait is None else f"again in {wait:.1f} s"
                self._say(f"{model}: {message} ({then})")
            case RunFinished(complete):
                self._close()
                self._say(
                    f"{'done' if complete else 'stopped'}: {self._bought} calls, {self._cached} from the cache"
                    f"{self._money()}"
                )

    def _stage_starts(self, stage: str, jobs: int) -> None:
        self._close()
        self._stage, self._jobs, self._done, self._misses = stage, jobs, 0, 0
        self._began = self._spoke = time.monotonic()
        if self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=jobs, desc=stage, file=self._stream, unit="job", dynamic_ncols=True)
        else:
            self._say(f"{stage}: {jobs} to do")

    def _job_done(self) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._misses} misses{self._money()}", refresh=False)
            self._bar.update()
            return
        now = time.monotonic()
        if now - self._spoke >= EVERY or self._done == self._jobs:
            self._spoke = now
            rate = self._done / max(now - self._began, 1e-9)
            left = (self._jobs - self._done) / rate
            self._say(
                f"{self._stage}: {self._done}/{self._jobs}, {rate:.2g}/s, {self._misses} misses{self._money()}, "
                f"{left:.0f} s left"
            )

    def _money(self) -> str:
        return f", ${self._cost:.4f}" if self._cost else ""

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
