"""Checkpoints as subjects of a run: each as policy or as judge, beside what the run brings itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from judgebench import Leaderboard, run
from judgebench_loops.asking import Watching
from judgebench_loops.options import Entry

CHECKPOINT = "checkpoint"
"""The model's name that stands for each checkpoint in the entry of a policy or judge."""


def spec_of(
    plain: Mapping[str, Any],
    checkpoints: Mapping[str, Entry],
    *,
    as_policy: Entry | None,
    as_judge: Entry | None,
    models: Mapping[str, Entry],
    out: str,
    cache: str,
    seed: int,
) -> dict[str, Any]:
    """A run file in which each of the checkpoints is a model and a subject of that name."""
    known = {**models, **plain.get("models", {}), **checkpoints}
    spec = {**plain, "models": known, "out": out, "cache": cache, "seed": seed}
    for kind, entry in (("policies", as_policy), ("judges", as_judge)):
        if entry is not None:
            subjects = {name: renamed(entry, name) for name in checkpoints}
            spec[kind] = {**subjects, **plain.get(kind, {})}
    said = repr({key: value for key, value in spec.items() if key != "models"})
    spec["models"] = {name: model for name, model in spec["models"].items() if name in said}
    return spec


def measured(spec: Mapping[str, Any], quiet: bool = False) -> Leaderboard:
    """Carry the run out, and its board."""
    return run(spec, observers=() if quiet else (Watching(),))


def renamed(entry: Any, model: str) -> Any:
    """The entry with this model where it names `checkpoint`: as a value, or behind the @ or : of a spec text."""
    if isinstance(entry, Mapping):
        return {key: renamed(value, model) for key, value in entry.items()}
    if isinstance(entry, str):
        return model if entry == CHECKPOINT else re.sub(rf"(?<=[@:]){CHECKPOINT}(?=$|[,+])", model, entry)
    if isinstance(entry, Sequence):
        return [renamed(value, model) for value in entry]
    return entry


def value_of(board: Leaderboard, measure: str, subject: str) -> float | None:
    """What a board says of a subject by a measure; None where it says nothing."""
    found = [one.value for one in board.estimates if one.measure == measure and one.subject == subject]
    return found[0] if found else None
