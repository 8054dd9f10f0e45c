"""How a loop asks models: through runs of judgebench's own, with one cache of completions for the whole loop."""

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from judgebench import Answered, CallDone, Event, JobDone, Recording, RunStarted, collect
from judgebench_loops.options import CURRENT, SEED, Drawing, Entry
from judgebench_loops.stage import read_rows, write_rows

ITEMS, RUN = "items.jsonl", "run"


@dataclass(frozen=True)
class Asking:
    """Asks in runs of this loop: `models` are those that its judges and policies may name."""

    models: Mapping[str, Entry]
    cache: Path
    seed: int
    quiet: bool = False

    def to(self, current: Entry) -> "Asking":
        """The same with a checkpoint as the model `current`."""
        return Asking({**self.models, CURRENT: current}, self.cache, self.seed, self.quiet)

    def answers(
        self,
        folder: Path,
        prompts: Sequence[Mapping[str, Any]],
        model: str,
        drawing: Drawing,
        system: str | None = None,
    ) -> list[Answered]:
        """What a model answers to prompts (rows of `id` and `prompt`), in their order."""
        policy = {
            "policy": "chat",
            "model": model,
            "temperature": drawing.temperature,
            "top_p": drawing.top_p,
            "max_tokens": drawing.max_tokens,
            **({} if system is None else {"system": system}),
        }
        found = self._collected(folder, prompts, {"benchmark": "prompts", "policies": {"writer": policy}})
        by_id = {one.item.id: one for one in found.answers}
        return [by_id[row["id"]] for row in prompts]

    def judged(self, folder: Path, rows: Sequence[Mapping[str, Any]], judge: Entry, **planning: Any) -> Recording:
        """What a judge says of sets of responses (rows of `id`, `prompt`, `responses`); `planning` as its entry's."""
        return self._collected(folder, rows, {"benchmark": "ranked", "judges": {"judge": planned(judge, planning)}})

    def _collected(self, folder: Path, rows: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> Recording:
        path = folder / ITEMS
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() or read_rows(path) != list(rows):
            # a call that failed before is tried again, and what is asked after it may be something else then
            shutil.rmtree(folder / RUN, ignore_errors=True)
            write_rows(path, [dict(row) for row in rows])
        if _path_of(folder / RUN) not in (None, str(path)):
            shutil.rmtree(folder / RUN)  # the loop's folder was moved, or is named otherwise: all is in the cache
        spec = {
            **run,
            "benchmark": {"benchmark": run["benchmark"], "path": str(path)},
            "models": self._named(run),
            "out": str(folder / RUN),
            "cache": str(self.cache),
            "seed": self.seed,
        }
        return collect(spec, observers=() if self.quiet else (Watching(),))

    def _named(self, run: Mapping[str, Any]) -> dict[str, Entry]:
        """The loop's own models only where they are asked: a checkpoint is not looked into for nothing."""
        said = repr(run)
        return {name: entry for name, entry in self.models.items() if name not in (CURRENT, SEED) or name in said}


def _path_of(run: Path) -> str | None:
    """Under which name a run knows its items' file; None where it has no manifest."""
    try:
        found: str = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["options"]["path"]
    except FileNotFoundError:
        return None
    return found


def planned(judge: Entry, planning: Mapping[str, Any]) -> Entry:
    """A judge's entry with planning options, such as `order`, in the place of its own."""
    if isinstance(judge, str):
        for key in planning:
            judge = re.sub(rf",\s*{key}=[^,]*", "", judge)
        return judge + "".join(f",{key}={value}" for key, value in planning.items())
    return {**judge, **planning}


class Watching:
    """Says on the error stream how far a run is, where that is a terminal."""

    def __init__(self) -> None:
        self._jobs = self._done = self._calls = 0

    def __call__(self, event: Event) -> None:
        """Count an event."""
        match event:
            case RunStarted(planned, done):
                self._jobs, self._done = planned, done
            case CallDone(_, _, cached, _):
                self._calls += not cached
            case JobDone():
                self._done += 1
                self._show()

    def _show(self) -> None:
        if sys.stderr.isatty():
            last = self._done == self._jobs
            click.echo(f"\r  {self._done:,}/{self._jobs:,} jobs, {self._calls:,} calls", nl=last, err=True)
