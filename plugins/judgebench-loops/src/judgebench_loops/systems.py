"""The four systems as lists of stages, in the order in which they are made."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from judgebench import ConfigError
from judgebench_loops.definition import Iteration
from judgebench_loops.options import LABELER, Choosing, System
from judgebench_loops.stage import Stage
from judgebench_loops.stages.candidates import candidates
from judgebench_loops.stages.constructed import constructed, instructions
from judgebench_loops.stages.evaluation import evaluation, measurable
from judgebench_loops.stages.judgments import judgments
from judgebench_loops.stages.labels import labels
from judgebench_loops.stages.meta import meta_judging
from judgebench_loops.stages.models import SEED_MODEL, Start, seed
from judgebench_loops.stages.pairs import DATA, pairs
from judgebench_loops.stages.prompts import drawn, pool
from judgebench_loops.stages.rl_prompts import rl_prompts
from judgebench_loops.stages.sampled import sampled
from judgebench_loops.stages.training import checkpoint, training
from judgebench_loops.stages.warm_up import EFT, IFT, JOINED, eft, ift, joined
from judgebench_loops.workshop import Workshop, named

Made = Iterator[Stage]


def stages(shop: Workshop) -> list[Stage]:
    """All stages of a loop."""
    return list(_stages(shop))


def _stages(shop: Workshop) -> Made:
    loop = shop.loop
    yield seed(shop)
    yield pool(shop)
    checkpoints: dict[str, Start] = {}
    current = SEED_MODEL
    if loop.warms_up:
        checkpoints["seed"] = SEED_MODEL
        current = Start("warm-up/checkpoint")
        yield from warm_up(shop)
    checkpoints[f"M{loop.first}"] = current
    if measurable(loop, len(checkpoints)):
        yield evaluation(shop, 0, dict(checkpoints))
    if loop.system == "self-taught":
        yield instructions(shop)
        yield constructed(shop)
    for iteration in loop.iterations:
        begun = SEED_MODEL if iteration.start == "seed" else current
        yield from SYSTEMS[loop.system](shop, iteration, current, begun)
        current = Start(named(iteration, "checkpoint"))
        checkpoints[f"M{loop.first + iteration.number}"] = current
        if loop.evaluations:
            yield evaluation(shop, iteration.number, dict(checkpoints))


def warm_up(shop: Workshop) -> Made:
    """Supervised fine-tuning before the first iteration: on instruction data, on judgments, or on both."""
    loop, settings = shop.loop, shop.loop.before.train["sft"]
    data: list[str] = []
    judge = SEED_MODEL
    if loop.ift is not None:
        yield ift(shop, loop.ift)
        data.append(IFT)
    if loop.eft.path is not None:
        if loop.ift is not None:
            yield training(shop, "warm-up/baseline", settings, SEED_MODEL, Path(IFT, DATA), [IFT])
            yield checkpoint(shop, "warm-up/baseline-checkpoint", "warm-up/baseline", SEED_MODEL, loop.before.choose)
            judge = Start("warm-up/baseline-checkpoint")
        yield eft(shop, loop.eft, judge)
        data.append(EFT)
    if len(data) > 1:
        yield joined(shop, data)
    source = JOINED if len(data) > 1 else data[0]
    yield training(shop, "warm-up/training", settings, SEED_MODEL, Path(source, DATA), [source])
    yield checkpoint(shop, "warm-up/checkpoint", "warm-up/training", SEED_MODEL, loop.before.choose)


def by_preference(shop: Workshop, iteration: Iteration, current: Start, begun: Start) -> Made:
    """Self-Rewarding and Meta-Rewarding: candidates, judgments, pairs, and DPO on them."""
    yield drawn(shop, iteration.number)
    yield candidates(shop, iteration, current)
    scored = "judgments"
    if iteration.scores is None or iteration.meta.on:
        yield judgments(shop, iteration, current, iteration.judge)
    if iteration.scores is not None:
        scored = "scores"
        yield judgments(shop, iteration, current, iteration.scores, scored)
    if iteration.meta.on:
        yield meta_judging(shop, iteration, current)
    yield pairs(shop, iteration, scored)
    yield from trained(shop, iteration, "dpo", begun, named(iteration, "pairs"))


def by_judgments(shop: Workshop, iteration: Iteration, current: Start, begun: Start) -> Made:
    """Self-Taught Evaluators: judgments of constructed pairs that are right, and fine-tuning on them."""
    yield sampled(shop, iteration, current)
    method = "dpo" if iteration.self_taught.rows == "pairs" else "sft"
    yield from trained(shop, iteration, method, begun, named(iteration, "judgments"))


def by_reward(shop: Workshop, iteration: Iteration, current: Start, begun: Start) -> Made:
    """RLAIF: labels of an AI labeler, a reward model, and RL against it; or RL against a judge itself."""
    yield drawn(shop, iteration.number)
    reward, judge = None, None
    if iteration.rlaif.mode == "direct":
        judge = iteration.rlaif.reward
        if judge is None:
            raise ConfigError(
                "rlaif: mode=direct names no judge", "add `reward:`, such as `{judge: expected-score, ...}`"
            )
    else:
        if LABELER in repr(iteration.judge) and LABELER not in shop.loop.models:
            hint = "add `models: {labeler: BACKEND:MODEL}`, the AI that labels, or another `judge`"
            raise ConfigError("rlaif: no labeler is named", hint)
        yield candidates(shop, iteration, current)
        yield labels(shop, iteration, current)
        name, settings = named(iteration, "reward-training"), iteration.train["reward"]
        source = named(iteration, "labels")
        yield training(shop, name, settings, current, Path(source, DATA), [source])
        reward = Start(named(iteration, "reward-model"))
        yield checkpoint(shop, reward.stage, name, current, Choosing())
    yield rl_prompts(shop, iteration)
    yield from trained(shop, iteration, "rl", begun, named(iteration, "rl-prompts"), reward=reward, judge=judge)


def trained(shop: Workshop, iteration: Iteration, method: str, begun: Start, source: str, **reward: object) -> Made:
    """Training on an iteration's data, and the checkpoint that goes on."""
    name, settings = named(iteration, "training"), iteration.train[method]
    tied = SEED_MODEL if method == "dpo" and iteration.reference == "seed" else None
    yield training(shop, name, settings, begun, Path(source, DATA), [source], reference=tied, **reward)  # type: ignore[arg-type]
    yield checkpoint(shop, named(iteration, "checkpoint"), name, begun, iteration.choose)


SYSTEMS: Mapping[System, Callable[[Workshop, Iteration, Start, Start], Made]] = {
    "self-rewarding": by_preference,
    "meta-rewarding": by_preference,
    "self-taught": by_judgments,
    "rlaif": by_reward,
}
