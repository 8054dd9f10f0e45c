"""Before the first iteration: instruction data, judgments that rank as people did, and fine-tuning on both.

Source: Yuan et al. (2024), Self-Rewarding Language Models, section 3.1: the evaluation data's targets are written by
the model that was tuned on the instruction data alone, and kept where they rank the responses as people did.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import DataError, Judged, Recording
from judgebench_loops.kept import Dropped, added, keep
from judgebench_loops.options import Eft
from judgebench_loops.rows_of_file import json_rows
from judgebench_loops.selection.eft import flatten, ranking_agrees
from judgebench_loops.stage import Done, Stage
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.judgments import drawn_scores, failed, written
from judgebench_loops.stages.models import Start
from judgebench_loops.stages.pairs import DATA
from judgebench_loops.workshop import Workshop, of_model
from judgebench_loops.writing.dataset import digest, read, write
from judgebench_loops.writing.judgments import eft_row
from judgebench_loops.writing.rows import SftRow, messages

IFT, EFT, JOINED = "warm-up/ift", "warm-up/eft", "warm-up/data"


def ift(shop: Workshop, path: Path) -> Stage:
    """The instruction data as training rows."""

    def work(folder: Path) -> Done:
        rows = [sft_row(row, number, where) for number, (where, row) in enumerate(json_rows(path), start=1)]
        write(folder / DATA, rows, title=IFT, facts=shop.card(shop.loop.before, {}), dropped={})
        return Done(made=digest(folder / DATA), rows=len(rows), unit="rows")

    return Stage(IFT, work, {"seed": shop.loop.seed}, (path,))


def sft_row(row: Mapping[str, Any], number: int, where: str) -> SftRow:
    """A row of `prompt` and `completion`, texts or TRL's lists of messages. DataError for another."""
    prompt, completion = row.get("prompt"), row.get("completion")
    if isinstance(prompt, str):
        prompt = [{"role": "user", "content": prompt}]
    if isinstance(completion, str):
        completion = [{"role": "assistant", "content": completion}]
    try:
        asked = messages(prompt)  # type: ignore[arg-type]
        (answer,) = (one["content"] for one in completion)  # type: ignore[union-attr]
        if not all(isinstance(text, str) for one in asked for text in (one.role, one.content, answer)):
            raise TypeError
    except (TypeError, KeyError, ValueError):
        raise DataError(
            f"{where} is no instruction with its answer", "rows have a `prompt` and a `completion`"
        ) from None
    return SftRow(f"ift:{row.get('id', number)}", asked, answer, {"iteration": 0, "kind": "instruction"})


def eft(shop: Workshop, options: Eft, start: Start) -> Stage:
    """The evaluation data: of each prompt the first draw whose scores rank the responses as people did."""
    path = Path(str(options.path))
    judge = shop.loop.before.judge

    def work(folder: Path) -> Done:
        rows = [{**row, "id": str(row.get("id", number))} for number, (_, row) in enumerate(json_rows(path), start=1)]
        recording = shop.current(start.model(shop.root)).judged(folder, rows, judge)
        kept = keep(recording.judgments, lambda one: agreeing(one, recording, options))
        flat = [row for group in kept.rows for row in group]
        dropped: dict[str, int] = dict(kept.dropped)
        if options.flatten != "no":
            fewer = flatten(flat, lambda row: row.lineage["score"], shop.rng(EFT), cap=options.cap, to=options.flatten)
            flat, dropped = list(fewer.rows), added(dropped, fewer.dropped)
        facts = {"prompts whose ranking agrees": len(kept.rows), "prompts": len(recording.judgments)}
        flat = filled(EFT, flat, dropped)
        write(folder / DATA, flat, title=EFT, facts=shop.card(shop.loop.before, facts), dropped=dropped)
        return Done(made=digest(folder / DATA), rows=len(flat), dropped=dropped, facts=facts)

    inputs = shop.says(options, judge, models=of_model(judge, shop.loop.models))
    return Stage(EFT, work, inputs, (path,), (start.stage,))


def agreeing(judged: Judged, recording: Recording, options: Eft) -> list[SftRow]:
    """The judgments of one draw as training rows. Dropped where no draw's ranking agrees, or none could be read."""
    ranks = [-rating for rating in judged.item.ratings]
    if not ranks:
        raise Dropped("without ranks")
    if failed(judged):
        raise Dropped("a call failed")
    said = written(recording, judged)
    if not said:
        raise Dropped("the judge writes no judgments")
    reason = "no draw could be read"
    for draw, scores in enumerate(drawn_scores(judged)):
        read = [score for score in scores if score is not None]
        if len(read) < len(scores):
            continue
        try:
            ranking_agrees(read, ranks, ties=options.ties)
        except Dropped as drop:
            reason = drop.reason
            continue
        own = said[draw * len(scores) : (draw + 1) * len(scores)]
        return [_judgment(judged, draw, slot, read[slot], asked, text) for slot, asked, text in own]
    raise Dropped(reason)


def _judgment(
    judged: Judged, draw: int, slot: int, score: float, asked: Sequence[Mapping[str, Any]], text: str
) -> SftRow:
    about = {"iteration": 0, "kind": "judgment", "prompt": judged.item.id, "response": slot, "draw": draw}
    lineage = {**about, "repeat": judged.repeat}
    return eft_row(f"eft:{judged.item.id}/{slot + 1}", messages(asked), text, score, lineage)


def joined(shop: Workshop, sources: Sequence[str]) -> Stage:
    """The rows of several sets as one."""

    def work(folder: Path) -> Done:
        rows = [
            SftRow(
                row["id"],
                messages(row["prompt"]),
                row["completion"][0]["content"],
                json.loads(row["lineage"]),
            )
            for source in sources
            for row in read(shop.root / source / DATA)
        ]
        write(folder / DATA, rows, title=JOINED, facts=shop.card(shop.loop.before, {}), dropped={})
        return Done(made=digest(folder / DATA), rows=len(rows))

    return Stage(JOINED, work, {"seed": shop.loop.seed}, (), tuple(sources))
