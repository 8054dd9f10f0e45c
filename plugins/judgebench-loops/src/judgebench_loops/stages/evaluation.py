"""Evaluation: every checkpoint so far, measured as policy and as judge in runs that all iterations share."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import Leaderboard
from judgebench_loops.definition import Evaluation, Loop
from judgebench_loops.measuring import measured, spec_of
from judgebench_loops.options import SEED
from judgebench_loops.stage import Done, Stage, digest_of, finished
from judgebench_loops.stages.models import Start
from judgebench_loops.whole import publish
from judgebench_loops.workshop import Workshop, named

RUNS, OF = "evaluation", "of.json"


def evaluation(shop: Workshop, iteration: int, checkpoints: Mapping[str, Start]) -> Stage:
    """What the boards say of these checkpoints (all so far, by name): the estimates, in `estimates.json`."""
    name = named(iteration, "evaluation")
    ready = measurable(shop.loop, len(checkpoints))

    def work(folder: Path) -> Done:
        found: list[dict[str, Any]] = []
        for one in ready:
            board = measured(spec(shop, one, checkpoints, fresh(shop, one, checkpoints)), shop.asking.quiet)
            found += estimates(one, board, list(checkpoints))
        text = json.dumps(found, indent=1, sort_keys=True) + "\n"
        publish(folder / "estimates.json", text)
        return Done(made=digest_of(found), rows=len(found), unit="figures")

    told = [[one.name, one.run, one.as_policy, one.as_judge] for one in ready]
    inputs = shop.says(told, list(checkpoints), models=shop.loop.models)
    return Stage(name, work, inputs, (), tuple(one.stage for one in checkpoints.values()))


def measurable(loop: Loop, checkpoints: int) -> list[Evaluation]:
    """The evaluations that so many checkpoints can be in.

    A single one is measured as policy together with the next: there may be nothing else to compare it with.
    """
    return [one for one in loop.evaluations if one.as_judge is not None or checkpoints > 1]


def spec(shop: Workshop, one: Evaluation, checkpoints: Mapping[str, Start], out: Path) -> dict[str, Any]:
    """The run of one evaluation with these checkpoints in it."""
    models = {name: shop.backend(start.model(shop.root)) for name, start in checkpoints.items()}
    found = spec_of(
        one.run,
        models,
        as_policy=one.as_policy,
        as_judge=one.as_judge,
        models={**shop.loop.models, SEED: shop.backend(shop.loop.model)},
        out=str(out),
        cache=str(shop.asking.cache),
        seed=shop.loop.seed,
    )
    found["series"] = ["M*"]
    return found


def fresh(shop: Workshop, one: Evaluation, checkpoints: Mapping[str, Start]) -> Path:
    """The folder of an evaluation's run: begun anew where it was about other checkpoints, or asked otherwise."""
    folder = shop.root / RUNS / one.name
    of = {
        "": digest_of(shop.says(one.run, one.as_policy, one.as_judge, models=shop.loop.models)),
        **{name: _made(shop, start) for name, start in checkpoints.items()},
    }
    try:
        before = json.loads((folder / OF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = None
    if before is None or any(of.get(name, digest) != digest for name, digest in before.items()):
        shutil.rmtree(folder, ignore_errors=True)  # what was asked lies in the loop's cache
        before = {}
    folder.mkdir(parents=True, exist_ok=True)
    publish(folder / OF, json.dumps({**before, **of}, indent=1, sort_keys=True) + "\n")
    return folder


def _made(shop: Workshop, start: Start) -> str:
    done = finished(shop.root / start.stage)
    return "" if done is None else done.made


def estimates(one: Evaluation, board: Leaderboard, checkpoints: Sequence[str]) -> list[dict[str, Any]]:
    """The board's figures about the checkpoints."""
    return [
        {
            "evaluation": one.name,
            "subject": row.subject,
            "judge": row.judge,
            "measure": row.measure,
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "n": row.n,
        }
        for row in board.estimates
        if row.subject in checkpoints
    ]
