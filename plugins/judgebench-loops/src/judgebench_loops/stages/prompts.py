"""Prompts: the pool of the loop, with those that a model writes, and what of it each iteration draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError, Miss, build
from judgebench_loops.definition import plain
from judgebench_loops.kept import added
from judgebench_loops.options import Prompts
from judgebench_loops.rows_of_file import json_rows
from judgebench_loops.stage import Done, Stage, read_rows, write_rows
from judgebench_loops.stages.empty import filled
from judgebench_loops.workshop import Workshop, of_model
from judgebench_loops.writing.new_prompts import Filter, few_shot, parse

POOL, DRAWN = "pool.jsonl", "prompts.jsonl"
CALLS = 8
"""Calls of the writer between two looks at what is new: later calls show examples out of the earlier ones."""


def pool(shop: Workshop) -> Stage:
    """The pool: the user's prompts, and those that the writer adds (Self-Rewarding, section 2.1)."""
    options = shop.loop.before.prompts
    if options.path is None:
        raise ConfigError("no prompts are named", "add `prompts: {path: FILE}`, jsonl rows with a `prompt`")
    path = Path(options.path)
    prompt_filter = build(Filter, options.filter, "prompts: filter")

    def work(folder: Path) -> Done:
        seeds = read_prompts(path)
        rows = [{**row, "origin": "pool"} for row in seeds]
        dropped: dict[str, int] = {}
        if options.new:
            written, dropped = _written(shop, options, prompt_filter, [row["prompt"] for row in seeds], folder)
            new = [{"id": f"new-{n}", "prompt": text, "origin": "written"} for n, text in enumerate(written, start=1)]
            rows = (rows if options.with_seeds else []) + new
            if twice := {row["id"] for row in seeds if options.with_seeds} & {row["id"] for row in new}:
                raise DataError(f"{path}: '{min(twice)}' is the id of a written prompt too", "give yours other ids")
        digest = write_rows(folder / POOL, filled("pool", rows, dropped))
        return Done(made=digest, rows=len(rows), unit="prompts", dropped=dropped)

    written = of_model(options.writer, shop.loop.models) if options.new else {}
    part = {key: value for key, value in plain(options).items() if key not in ("number", "reuse")}
    inputs = shop.says(part, models=written)
    return Stage("pool", work, inputs, (path,), ("seed",) if options.new else ())


def _written(
    shop: Workshop, options: Prompts, prompt_filter: Filter, seeds: Sequence[str], folder: Path
) -> tuple[list[str], dict[str, int]]:
    """New prompts, round after round, until there are enough or the calls are used up."""
    rng = shop.rng("pool")
    found: list[str] = []
    dropped: dict[str, int] = {}
    for begin in range(0, options.calls, CALLS):
        numbers = range(begin, min(begin + CALLS, options.calls))
        asked = [
            {
                "id": f"call-{number}",
                "prompt": few_shot(
                    seeds, found, shots=options.shots, from_generated=options.from_new, more=options.more, rng=rng
                ),
            }
            for number in numbers
        ]
        answers = shop.asking.answers(folder / f"round-{begin // CALLS + 1}", asked, options.writer, options)
        texts = []
        for one in answers:
            if isinstance(one.response, Miss):
                dropped = added(dropped, {"a call of the writer failed": 1})
            elif tasks := parse(one.response.turns[0], one.response.finish[0]):
                texts += tasks
            else:
                dropped = added(dropped, {"a completion without a task": 1})
        kept = prompt_filter.filtered(texts, [*seeds, *found])
        dropped = added(dropped, kept.dropped)
        found += kept.rows
        if len(found) >= options.new:
            more = len(found) - options.new
            dropped = added(dropped, {"more than were wanted": more} if more else {})
            break
    return found[: options.new], dropped


def drawn(shop: Workshop, number: int) -> Stage:
    """The prompts of one iteration: the pool in a seeded order, from where the iteration before ended."""
    name = f"iteration-{number}/prompts"

    def work(folder: Path) -> Done:
        there = read_rows(shop.root / "pool" / POOL)
        shop.rng("prompts").shuffle(there)
        for later in shop.loop.iterations[number:]:  # better now than after the trainings before it
            share(shop, later.number, there)
        rows = share(shop, number, there)
        digest = write_rows(folder / DRAWN, filled(name, rows, {}))
        return Done(made=digest, rows=len(rows), unit="prompts")

    options = [(one.prompts.number, one.prompts.reuse) for one in shop.loop.iterations[:number]]
    return Stage(name, work, {"seed": shop.loop.seed, "options": options}, (), ("pool",))


def share(shop: Workshop, number: int, there: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an iteration takes of a pool in its order. DataError where earlier ones leave it too few."""
    options = shop.loop.iterations[number - 1].prompts
    wanted, begin = options.number or len(there), 0
    if options.number and not options.reuse:
        begin = sum(one.prompts.number for one in shop.loop.iterations[: number - 1])
    rows = there[begin : begin + wanted]
    if len(rows) < min(wanted, len(there)):
        raise DataError(
            f"iteration-{number}/prompts: {len(rows)} of {wanted} prompts are left in the pool of {len(there)}",
            "give more prompts, draw fewer (`prompts: {number: N}`), or set `reuse: true`",
        )
    return rows


def read_prompts(path: Path) -> list[dict[str, Any]]:
    """Rows of `id`, `prompt` and perhaps `category`. DataError that names the line of one that cannot be used."""
    rows: list[dict[str, Any]] = []
    known: set[str] = set()
    for number, (where, row) in enumerate(json_rows(path), start=1):
        if not isinstance(row.get("prompt"), str) or not row["prompt"].strip():
            raise DataError(f"{where} has no text in 'prompt'", "each line is a JSON object with a `prompt`")
        name = f"p{number}" if row.get("id") is None else str(row["id"])
        if name in known:
            raise DataError(f"{where}: the id '{name}' stands here a second time", "give each prompt its own")
        known.add(name)
        rows.append({"id": name, "prompt": row["prompt"], **{key: row[key] for key in ("category",) if key in row}})
    return rows
