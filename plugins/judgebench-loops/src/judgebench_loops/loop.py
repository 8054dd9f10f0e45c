"""A loop carried out: stage after stage, each said in a line; what is made already is passed over."""

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from judgebench import ConfigError, RecordError, nearest
from judgebench_loops.asking import Asking
from judgebench_loops.definition import Loop
from judgebench_loops.options import SEED
from judgebench_loops.stage import Done, Stage, carried_out
from judgebench_loops.systems import stages
from judgebench_loops.whole import publish
from judgebench_loops.workshop import Workshop, backend_of
from judgebench_loops.writing.dataset import reasons

CACHE, LOCK, LOOP = "completions.sqlite", ".lock", "loop.json"
Say = Callable[[str], None]


def workshop(loop: Loop, *, quiet: bool = False) -> Workshop:
    """The loop with the models that it asks, and its one cache."""
    models = {**loop.models, SEED: backend_of(loop, loop.model)}
    return Workshop(loop, Asking(models, loop.out / CACHE, loop.seed, quiet))


def carry_out(shop: Workshop, say: Say, *, again: Collection[str] = (), only: bool = False) -> dict[str, Done]:
    """Make every stage that is not made yet, in order, and those named in `again` anew.

    `only`: end after the last of them. ConfigError for a stage that the loop does not have; whatever ends a stage ends
    the loop, and the same command goes on from there.
    """
    every = stages(shop)
    known = [stage.name for stage in every]
    for name in again:
        if name not in known:
            raise ConfigError(f"the loop has no stage '{name}'", nearest(name, known))
    made: dict[str, Done] = {}
    with locked(shop.root):
        _check_system(shop)
        publish(shop.root / LOOP, _described(shop, every))
        for stage in every:
            done, now = carried_out(stage, shop.root, made, again=stage.name in again)
            made[stage.name] = done
            say(line(stage.name, done, now))
            if only and all(name in made for name in again):
                break
    return made


def _check_system(shop: Workshop) -> None:
    """RecordError where the folder is that of another system: its stages would be made anew as this one's."""
    try:
        system = json.loads((shop.root / LOOP).read_text(encoding="utf-8"))["loop"]["system"]
    except (OSError, ValueError, LookupError, TypeError):
        return
    if system != shop.loop.system:
        raise RecordError(f"{shop.root} holds a loop of {system}", "name another folder as `out`")


def line(name: str, done: Done, now: bool) -> str:
    """One line about a stage: what it made, what it dropped and why."""
    told = [f"{name}: {done.rows:,} {done.unit}"]
    if done.dropped:
        told.append(f"dropped: {reasons(done.dropped)}")
    if done.facts:
        told.append(", ".join(f"{key} {_number(value)}" for key, value in done.facts.items()))
    return "; ".join(told) + ("" if now else " (made before)")


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _described(shop: Workshop, every: Collection[Stage]) -> str:
    """What the loop is, for readers of its folder: the whole configuration, and its stages in order."""
    told: Mapping[str, Any] = {"loop": _plain(shop.loop), "stages": [stage.name for stage in every]}
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """The loop's folder for this process alone. RecordError where another holds it, or it cannot be made."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RecordError(f"{root}: {error.strerror}", "name another folder as `out`") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RecordError(f"{root} is being worked on by another loop", "wait for it, or set another `out`") from None
    finally:
        os.close(file)
