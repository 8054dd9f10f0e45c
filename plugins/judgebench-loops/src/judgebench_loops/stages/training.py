"""Training by TRL on what an iteration made, and the checkpoint that goes on."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import DataError
from judgebench_loops.definition import plain
from judgebench_loops.measuring import measured, spec_of, value_of
from judgebench_loops.named_files import weights
from judgebench_loops.options import CURRENT, SEED, Choosing, Entry
from judgebench_loops.stage import Done, Stage, digest_of
from judgebench_loops.stages.models import MODEL, Start
from judgebench_loops.training.finished import Checkpoint
from judgebench_loops.training.finished import facts as facts_of
from judgebench_loops.training.job import Job, merged, run
from judgebench_loops.training.reward_source import Reward
from judgebench_loops.training.settings import Training
from judgebench_loops.whole import publish
from judgebench_loops.workshop import Workshop, of_model

WORK, LOG, CHECKPOINTS = "trainer", "training.log", "checkpoints.json"


def training(
    shop: Workshop,
    name: str,
    settings: Training,
    start: Start,
    data: Path,
    after: Sequence[str],
    *,
    reference: Start | None = None,
    reward: Start | None = None,
    judge: Entry | None = None,
) -> Stage:
    """One training of `start` on a folder of rows.

    `reference` is what DPO is tied to, `start` itself without one; `reward` a trained reward model, `judge` the entry
    of a direct one.
    """

    def work(folder: Path) -> Done:
        job = Job(
            settings=settings,
            model=start.model(shop.root),
            data=shop.root / data,
            out=folder / WORK,
            reference=None if reference is None else reference.model(shop.root),
            reward=reward_of(shop, reward, judge),
        )
        found = run(job, folder / LOG)
        rows = [{"step": one.step, "folder": str(one.folder.relative_to(folder))} for one in found]
        publish(folder / CHECKPOINTS, json.dumps(rows, indent=1) + "\n")
        made = digest_of([[one.step, weights(one.folder)] for one in found])
        told = dict(facts_of(folder / WORK) or {})
        dropped = told.pop("dropped", {})
        for volatile in ("checkpoints", "seconds"):
            told.pop(volatile, None)
        return Done(made=made, rows=len(rows), unit="checkpoints", dropped=dropped, facts=told)

    inputs = {
        "settings": plain(settings),
        **({} if judge is None else shop.says(judge, models=of_model(judge, shop.loop.models))),
    }
    stages = dict.fromkeys((*after, *(one.stage for one in (start, reference, reward) if one is not None)))
    return Stage(name, work, inputs, (), tuple(stages))


def reward_of(shop: Workshop, reward: Start | None, judge: Entry | None) -> Reward | None:
    """What gives RL its rewards: a reward model's folder, or a judge with the models that it may name."""
    if reward is not None:
        return Reward(model=reward.model(shop.root))
    if judge is not None:
        known = {**shop.loop.models, SEED: shop.backend(shop.loop.model)}
        return Reward(judge=judge, models={name: model for name, model in known.items() if name in repr(judge)})
    return None


def checkpoint(shop: Workshop, name: str, trained: str, start: Start, choose: Choosing) -> Stage:
    """The checkpoint that goes on, as a whole model in the stage's folder."""

    def work(folder: Path) -> Done:
        rows = json.loads((shop.root / trained / CHECKPOINTS).read_text(encoding="utf-8"))
        found = [Checkpoint(row["step"], shop.root / trained / row["folder"]) for row in rows]
        facts: dict[str, Any] = {"step": found[-1].step}
        best = found[-1]
        if choose.by == "measure":
            values = by_measure(shop, choose, found, start, folder)
            best = max(found, key=lambda one: values[one.step])
            facts = {"step": best.step, **{f"{choose.measure} at step {step}": value for step, value in values.items()}}
        merged(best.folder, start.model(shop.root), folder / "model", folder / LOG)
        publish(folder / MODEL, json.dumps({"model": "model", "step": best.step}) + "\n")
        return Done(made=weights(folder / "model"), rows=1, unit="model", facts=facts)

    inputs = shop.says(choose, models=of_model(choose.run, shop.loop.models))
    return Stage(name, work, inputs, (), (trained, start.stage))


def by_measure(
    shop: Workshop, choose: Choosing, checkpoints: Sequence[Checkpoint], start: Start, folder: Path
) -> Mapping[int, float]:
    """What the measure says of every checkpoint, by its step. DataError for one of which it says nothing."""
    names = {f"step-{one.step}": one for one in checkpoints}
    run_of = dict(choose.run)
    as_policy, as_judge = run_of.pop("as_policy", None), run_of.pop("as_judge", None)
    spec = spec_of(
        {**run_of, "measures": [choose.measure]},
        {name: shop.backend(one.folder) for name, one in names.items()},
        as_policy=as_policy,
        as_judge=as_judge,
        models={
            **shop.loop.models,
            SEED: shop.backend(shop.loop.model),
            CURRENT: shop.backend(start.model(shop.root)),
        },
        out=str(folder / "run"),
        cache=str(shop.asking.cache),
        seed=shop.loop.seed,
    )
    board = measured(spec, shop.asking.quiet)
    values: dict[int, float] = {}
    for name, one in names.items():
        value = value_of(board, str(choose.measure), name)
        if value is None:
            raise DataError(f"'{choose.measure}' says nothing of {name}", "is it a measure of that run's subjects?")
        values[one.step] = value
    return values
