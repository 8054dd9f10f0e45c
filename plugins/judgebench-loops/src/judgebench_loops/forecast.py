"""What a loop would ask and train, stage by stage, without asking or training: `--dry-run`.

Calls are counted by walking through each stage's run on a few prompts with responses of the greatest length, and
scaled up. What later stages drop is not known yet and counts as not dropped, so all are upper bounds.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from judgebench import Forecast
from judgebench import forecast as foreseen
from judgebench_loops.definition import Evaluation, Iteration, Loop
from judgebench_loops.measuring import spec_of
from judgebench_loops.options import CURRENT, SEED, Drawing
from judgebench_loops.rows_of_file import json_rows
from judgebench_loops.stages.evaluation import measurable
from judgebench_loops.stages.meta import meta_judge
from judgebench_loops.stages.prompts import read_prompts
from judgebench_loops.training.settings import RL, Training, steps
from judgebench_loops.walk import COUNTS, FEW, Line, Walk
from judgebench_loops.writing.meta_judge import meta_question


def lines(loop: Loop) -> list[Line]:
    """What each stage would ask and train, at most. The errors of a wrong configuration as of a real run."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_lines(loop, Walk(loop, Path(folder))))


def _lines(loop: Loop, walk: Walk) -> Iterator[Line]:
    once = loop.before
    seeds = [row["prompt"] for row in read_prompts(Path(str(once.prompts.path)))] if once.prompts.path else []
    there = once.prompts.new + (len(seeds) if once.prompts.with_seeds or not once.prompts.new else 0)
    if once.prompts.new and seeds:
        shown = ["\n".join((seeds * once.prompts.shots)[: once.prompts.shots])]
        yield walk.answers(0, "pool", shown, once.prompts, once.prompts.writer, once.prompts.calls)
    if loop.warms_up:
        yield from _warm_up(loop, walk)
    there_are = 2 if loop.warms_up else 1
    yield from _evaluations(loop, walk, 0, there_are)
    if loop.system == "self-taught":
        wanted = min(once.prompts.number or there, there)
        yield from _constructed(loop, walk, seeds, wanted)
    for iteration in loop.iterations:
        wanted = min(iteration.prompts.number or there, there)
        yield from _iteration(loop, walk, iteration, seeds, wanted)
        yield from _evaluations(loop, walk, iteration.number, there_are + iteration.number)


def _texts(drawing: Drawing, number: int, what: str) -> list[str]:
    """Responses of the greatest length, all different."""
    return [(f"{what} {k} " + "word " * (drawing.max_tokens * 4 // 5)).strip() for k in range(number)]


def _iteration(loop: Loop, walk: Walk, one: Iteration, seeds: Sequence[str], wanted: int) -> Iterator[Line]:
    number = one.number
    prompts = (list(seeds) or ["?"])[:FEW]
    if loop.system == "self-taught":
        rows = [_row(k, text, _texts(one.self_taught, 2, "response")) for k, text in enumerate(prompts)]
        yield walk.judged(number, "judgments", rows, one.judge, wanted, repeats=one.self_taught.samples, order="seeded")
        each = one.self_taught.per_pair if one.self_taught.rows == "pairs" else 1
        yield _trained(
            number, "training", one.train["dpo" if one.self_taught.rows == "pairs" else "sft"], wanted * each
        )
        return
    if loop.system == "rlaif" and one.rlaif.mode == "direct":
        yield _trained(number, "training", one.train["rl"], wanted)
        return
    options = one.candidates
    yield walk.answers(number, "candidates", prompts, options, CURRENT, wanted * options.n)
    if loop.system == "rlaif":
        rows = [_row(k, text, _texts(options, 2, "response")) for k, text in enumerate(prompts)]
        yield walk.judged(number, "labels", rows, one.judge, wanted, order="both")
        yield _trained(number, "reward-training", one.train["reward"], wanted)
        yield _trained(number, "training", one.train["rl"], wanted)
        return
    rows = [_row(k, text, _texts(options, options.n, "response")) for k, text in enumerate(prompts)]
    draws = 0
    if one.scores is None or one.meta.on:
        line = walk.judged(number, "judgments", rows, one.judge, wanted)
        draws = round(line.calls / (wanted * options.n))
        yield line
    if one.scores is not None:
        yield walk.judged(number, "scores", rows, one.scores, wanted)
    if one.meta.on:
        judgments = _texts(Drawing(max_tokens=256), min(one.meta.most, draws), "judgment")
        pairs = list(combinations(judgments, 2))
        if pairs:
            question = meta_question(prompts[0], rows[0]["responses"][0])
            games = [_row(k, question, list(pair)) for k, pair in enumerate(pairs[:FEW])]
            yield walk.judged(
                number, "meta-judging", games, meta_judge(one.meta.judge), wanted * len(pairs), order="both"
            )
    yield _trained(number, "training", one.train["dpo"], wanted * (2 if one.meta.on else 1))


def _row(number: int, prompt: str, responses: Sequence[str]) -> dict[str, Any]:
    return {"id": str(number), "prompt": prompt, "responses": list(responses)}


def _constructed(loop: Loop, walk: Walk, seeds: Sequence[str], wanted: int) -> Iterator[Line]:
    options = loop.before.self_taught
    prompts = list(seeds) or ["?"]
    if options.categories:
        yield walk.answers(0, "instructions", prompts, options, options.writer, wanted)
    calls = {"two-calls": 3, "one-call": 2, "direct": 2}[options.worse]
    yield walk.answers(0, "constructed-pairs", prompts, options, options.writer, wanted * calls)


def _warm_up(loop: Loop, walk: Walk) -> Iterator[Line]:
    settings = loop.before.train["sft"]
    rows = 0
    if loop.ift is not None:
        rows = sum(1 for _ in json_rows(loop.ift))
        if loop.eft.path is not None:
            yield _trained(0, "warm-up/baseline", settings, rows)
    if loop.eft.path is not None:
        ranked = [{**row, "id": str(number)} for number, (_, row) in enumerate(json_rows(Path(loop.eft.path)))]
        responses, shown = (sum(len(row.get("responses", ())) for row in some) for some in (ranked, ranked[:FEW]))
        yield walk.judged(
            0, "warm-up/eft", ranked[:FEW], loop.before.judge, min(len(ranked), FEW) * responses / max(shown, 1)
        )
        rows += responses
    yield _trained(0, "warm-up/training", settings, rows)


def _trained(number: int, stage: str, settings: Training, rows: int) -> Line:
    taken = steps(settings, rows)
    drawn = taken * settings.batch if settings.method in RL else 0
    return Line(number, stage, drawn, 0, drawn * settings.max_response, rows, taken)


def _evaluations(loop: Loop, walk: Walk, number: int, checkpoints: int) -> Iterator[Line]:
    """What each evaluation of all checkpoints so far asks more than that of those before did."""
    before = measurable(loop, checkpoints - 1) if checkpoints > 1 else []
    for one in measurable(loop, checkpoints):
        line = walk.line(number, f"evaluation/{one.name}", _evaluated(loop, walk, one, checkpoints), 1.0)
        if one in before:
            earlier = walk.line(number, line.stage, _evaluated(loop, walk, one, checkpoints - 1), 1.0)
            line = replace(line, **{name: getattr(line, name) - getattr(earlier, name) for name in COUNTS})
        yield line


def _evaluated(loop: Loop, walk: Walk, one: Evaluation, checkpoints: int) -> list[Forecast]:
    spec = spec_of(
        one.run,
        {f"M{k}": walk.models[SEED] for k in range(checkpoints)},
        as_policy=one.as_policy,
        as_judge=one.as_judge,
        models={**loop.models, SEED: walk.models[SEED]},
        out=str(walk.folder / "evaluation" / one.name),
        cache="",
        seed=loop.seed,
    )
    return foreseen(spec)


def forecast(loop: Loop) -> str:
    """The table of `--dry-run`."""
    from tabulate import tabulate

    found = lines(loop)
    rows: list[tuple[Any, ...]] = [
        (one.iteration or "once", one.stage, *(getattr(one, name) for name in COUNTS), one.rows or "", one.steps or "")
        for one in found
    ]
    total = (sum(getattr(one, name) for one in found) for name in COUNTS)
    rows.append(("", "all", *total, "", sum(one.steps for one in found)))
    head = ("iteration", "stage", "calls", "input tokens", "output tokens", "rows", "training steps")
    table: str = tabulate(rows, headers=head, tablefmt="github")
    return (
        f"{table}\n\nAt most: nothing is counted as dropped, and texts that are not there yet count as long as their "
        "max_tokens.\nTokens are estimates, 4 characters each. What is made or asked already is not asked again."
    )
