"""Judgments: what a judge says of every candidate, each score and, where the judge writes, each text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from judgebench import Chat, ConfigError, Judged, Miss, Preference, Recording, Score
from judgebench_loops.definition import Iteration
from judgebench_loops.kept import Dropped, Kept, keep
from judgebench_loops.options import Entry
from judgebench_loops.selection.pairs import mean_score
from judgebench_loops.stage import Done, Stage, read_rows, write_rows
from judgebench_loops.stages.candidates import CANDIDATES
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.models import Start
from judgebench_loops.workshop import Workshop, named, of_model

JUDGMENTS = "judgments.jsonl"


def judgments(shop: Workshop, iteration: Iteration, start: Start, judge: Entry, step: str = "judgments") -> Stage:
    """The rows of the candidates with `scores` (for each response one a draw, null where none was read).

    Where the judge writes texts each row has also `asked`, the messages that it was sent for each response, and
    `texts`, what it wrote in each draw.
    """
    name = named(iteration, step)

    def work(folder: Path) -> Done:
        rows = read_rows(shop.root / named(iteration, "candidates") / CANDIDATES)
        recording = shop.current(start.model(shop.root)).judged(folder, rows, judge)
        kept = judged_rows(rows, recording)
        digest = write_rows(folder / JUDGMENTS, filled(name, kept.rows, kept.dropped))
        scores = [score for row in kept.rows for column in row["scores"] for score in column]
        valid = [score for score in scores if score is not None]
        facts = {
            "scores": len(valid),
            "unread": len(scores) - len(valid),
            "mean score": mean_score(valid),
            "at the highest": valid.count(max(valid)) if valid else 0,
            "failed": sum(map(failed, recording.judgments)),
        }
        return Done(made=digest, rows=len(kept.rows), unit="prompts", dropped=dict(kept.dropped), facts=facts)

    inputs = shop.says(judge, models=of_model(judge, shop.loop.models))
    return Stage(name, work, inputs, (), (named(iteration, "candidates"), start.stage))


def judged_rows(rows: Sequence[Mapping[str, Any]], recording: Recording) -> Kept[dict[str, Any]]:
    """Each row with what the judge said of it, response by response; rows without any score are dropped."""
    by_item: dict[str, list[Judged]] = {}
    for one in recording.judgments:
        if not failed(one):
            by_item.setdefault(one.item.id, []).append(one)

    def with_scores(row: Mapping[str, Any]) -> dict[str, Any]:
        scores: list[list[float | None]] = [[] for _ in row["responses"]]
        texts: list[list[str]] = [[] for _ in row["responses"]]
        asked: list[Any] = [None] * len(scores)
        for one in sorted(by_item.get(row["id"], ()), key=lambda one: one.repeat):
            for draw in drawn_scores(one):
                for slot, score in enumerate(draw):
                    scores[slot].append(score)
            for slot, messages, text in written(recording, one):
                asked[slot] = messages
                texts[slot].append(text)
        if not any(score is not None for column in scores for score in column):
            raise Dropped("no score could be read")
        found = {**row, "scores": scores}
        return {**found, "asked": asked, "texts": texts} if all(texts) else found

    return keep(rows, with_scores)


def failed(judged: Judged) -> bool:
    """Whether a call of the judge failed: of such a judgment nothing is used."""
    return isinstance(judged.verdict, Miss) and judged.verdict.stage == "ask"


def drawn_scores(judged: Judged) -> list[list[float | None]]:
    """For each draw of a judgment the responses' scores, in slot order."""
    match judged.verdict:
        case Score(values) if not judged.parts:
            shown: list[Sequence[float | None]] = [values]
        case _:
            shown = [part or (None,) * len(judged.order) for part in judged.parts] or [(None,) * len(judged.order)]
    if isinstance(judged.verdict, Preference):
        raise ConfigError(
            f"judge '{judged.judge}' gives no scores", "give one that scores: additive, expected-score, ..."
        )
    return [[row[judged.order.index(slot)] for slot in range(len(judged.order))] for row in shown]


def written(recording: Recording, judged: Judged) -> list[tuple[int, list[dict[str, str]], str]]:
    """Slot, messages and text of each judgment that a pointwise judge wrote, draw by draw; none of another judge."""
    if not judged.samples:
        return []
    said = recording.asked(judged)
    if len(said) % len(judged.order) or not all(isinstance(request, Chat) for request, _ in said):
        return []
    return [
        (judged.order[place % len(judged.order)], msgspec.to_builtins(request.messages), sample.text)
        for place, (request, sample) in enumerate(said)
        if isinstance(request, Chat)
    ]
