"""Self-Taught Evaluators' pairs: a response, and a worse one that answers another instruction; made once for the loop.

Source: Wang et al. (2024), Self-Taught Evaluators, sections 3.1 and 3.2.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import Answered, Miss
from judgebench_loops.kept import Dropped, added, keep
from judgebench_loops.stage import Done, Stage, read_rows, write_rows
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.prompts import POOL
from judgebench_loops.workshop import Workshop, of_model
from judgebench_loops.writing.categories import ask_category, wanted_category
from judgebench_loops.writing.modified import (
    ask_both,
    ask_instruction,
    ask_worse,
    both_in,
    instruction_in,
    worse_in,
)

CONSTRUCTED, PAIRS = "constructed-pairs", "pairs.jsonl"
INSTRUCTIONS, WANTED = "instructions", "instructions.jsonl"
Row = dict[str, Any]


def instructions(shop: Workshop) -> Stage:
    """The instructions of the wanted categories out of the pool; all of them where none is wanted."""
    options, prompts = shop.loop.before.self_taught, shop.loop.before.prompts

    def work(folder: Path) -> Done:
        rows = read_rows(shop.root / "pool" / POOL)
        shop.rng("prompts").shuffle(rows)
        rows = rows[: prompts.number or None]
        dropped: Mapping[str, int] = {}
        if options.categories:
            asked = [{"id": row["id"], "prompt": ask_category(row["prompt"])} for row in rows]
            said = shop.asking.answers(folder / "categories", asked, options.writer, options)

            def of_category(number: int) -> Row:
                return {**rows[number], "category": wanted_category(_text(said[number]), options.categories)}

            kept = keep(range(len(rows)), of_category)
            rows, dropped = list(kept.rows), kept.dropped
        digest = write_rows(folder / WANTED, filled(INSTRUCTIONS, rows, dropped))
        return Done(made=digest, rows=len(rows), unit="instructions", dropped=dict(dropped))

    written = of_model(options.writer, shop.loop.models) if options.categories else {}
    inputs = shop.says(
        {"number": prompts.number, "categories": options.categories, "writer": options.writer}, models=written
    )
    return Stage(INSTRUCTIONS, work, inputs, (), ("pool", *(("seed",) if options.categories else ())))


def constructed(shop: Workshop) -> Stage:
    """Rows of `id`, `prompt` and two `responses`, of which the first is better by construction."""
    options = shop.loop.before.self_taught

    def work(folder: Path) -> Done:
        rows = read_rows(shop.root / INSTRUCTIONS / WANTED)
        dropped: dict[str, int] = {}

        def asked(step: str, rows: Sequence[Row], prompt: Callable[[Row], str]) -> list[Answered]:
            wanted = [{"id": row["id"], "prompt": prompt(row)} for row in rows]
            return shop.asking.answers(folder / step, wanted, options.writer, options) if wanted else []

        def further(
            step: str, rows: Sequence[Row], prompt: Callable[[Row], str], take: Callable[[Row, Answered], Row]
        ) -> list[Row]:
            nonlocal dropped
            said = asked(step, rows, prompt)
            kept = keep(range(len(rows)), lambda number: take(rows[number], said[number]))
            dropped = added(dropped, kept.dropped)
            return list(kept.rows)

        good = further("better", rows, lambda row: row["prompt"], lambda row, one: {**row, "better": _whole(one)})
        if options.worse == "direct":
            bad = further(
                "worse",
                good,
                lambda row: ask_worse(row["prompt"], row["better"]),
                lambda row, one: {**row, "worse": worse_in(_text(one), _finish(one), row["better"])},
            )
        elif options.worse == "one-call":
            bad = further(
                "both",
                good,
                lambda row: ask_both(row["prompt"], row["better"]),
                _with_both,
            )
        else:
            changed = further(
                "instruction",
                good,
                lambda row: ask_instruction(row["prompt"], row["better"]),
                lambda row, one: {**row, "modified": instruction_in(_text(one), _finish(one), row["prompt"])},
            )
            bad = further("worse", changed, lambda row: row["modified"], lambda row, one: {**row, "worse": _whole(one)})
        kept = keep(bad, _pair)
        dropped = added(dropped, kept.dropped)
        digest = write_rows(folder / PAIRS, filled(CONSTRUCTED, kept.rows, dropped))
        return Done(made=digest, rows=len(kept.rows), unit="pairs", dropped=dropped)

    part = {
        "worse": options.worse,
        "writer": options.writer,
        "drawing": [options.temperature, options.top_p, options.max_tokens],
    }
    return Stage(
        CONSTRUCTED,
        work,
        shop.says(part, models=of_model(options.writer, shop.loop.models)),
        (),
        (INSTRUCTIONS, "seed"),
    )


def _with_both(row: Row, said: Answered) -> Row:
    both = both_in(_text(said), _finish(said), row["prompt"])
    return {**row, "modified": both.instruction, "worse": both.answer}


def _pair(row: Row) -> Row:
    if row["better"].strip() == row["worse"].strip():
        raise Dropped("the worse response is the better one")
    plain: Row = {key: row[key] for key in ("id", "prompt", "modified", "category") if key in row}
    return {**plain, "responses": [row["better"], row["worse"]]}


def _text(said: Answered) -> str:
    if isinstance(said.response, Miss):
        raise Dropped("a call failed")
    return said.response.turns[0]


def _finish(said: Answered) -> str | None:
    return None if isinstance(said.response, Miss) else said.response.finish[0]


def _whole(said: Answered) -> str:
    """A response, which may be cut: what a policy says within its tokens is its response."""
    if not (text := _text(said)).strip():
        raise Dropped("an empty response")
    return text
