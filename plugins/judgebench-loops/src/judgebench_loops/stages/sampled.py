"""Self-Taught Evaluators' training rows: sampled judgments whose verdict is right by construction.

Source: Wang et al. (2024), Self-Taught Evaluators, section 3.3, and the data of the model that was released.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from judgebench import Chat, ConfigError, Judged, Message, Preference, Recording, Score
from judgebench_loops.definition import Iteration
from judgebench_loops.kept import added, keep
from judgebench_loops.selection.rejection import balance, correct_and_wrong, one_correct
from judgebench_loops.stage import Done, Stage, read_rows
from judgebench_loops.stages.constructed import CONSTRUCTED, PAIRS
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.judgments import failed
from judgebench_loops.stages.models import Start
from judgebench_loops.stages.pairs import DATA
from judgebench_loops.workshop import Workshop, named, of_model
from judgebench_loops.writing.dataset import digest, write
from judgebench_loops.writing.judgments import judgment_pair, judgment_row
from judgebench_loops.writing.rows import PairRow, SftRow

GOLD = 0
"""The slot of the response that is better by construction."""


def sampled(shop: Workshop, iteration: Iteration, judge: Start) -> Stage:
    """`samples` judgments of each constructed pair in random orders by the current judge, and those that are kept."""
    options, name = iteration.self_taught, named(iteration, "judgments")

    def work(folder: Path) -> Done:
        rng = shop.rng(name)
        pairs = read_rows(shop.root / CONSTRUCTED / PAIRS)
        asking = shop.current(judge.model(shop.root))
        recording = asking.judged(folder, pairs, iteration.judge, repeats=options.samples, order="seeded")
        said: dict[str, list[Judged]] = {}
        for one in recording.judgments:
            said.setdefault(one.item.id, []).append(one)

        def chosen(pair: dict[str, Any]) -> list[SftRow | PairRow]:
            own = sorted(said.get(pair["id"], ()), key=lambda one: one.repeat)
            verdicts = [preferred(one) for one in own]
            if options.rows == "pairs":
                order = rng.choice(sorted({one.order for one in own})) if own else ()
                alike = [
                    one for one in own if one.order == order and not failed(one)
                ]  # both judgments of a pair answer one prompt
                choices = correct_and_wrong([preferred(one) for one in alike], GOLD, rng, options.per_pair)
                return [_pair(iteration, recording, alike[one.chosen], alike[one.rejected]) for one in choices]
            return [
                _row(iteration, recording, own[one_correct(verdicts, GOLD, rng, majority=options.majority)], verdicts)
            ]

        kept = keep(pairs, chosen)
        rows, dropped = [row for group in kept.rows for row in group], dict(kept.dropped)
        if options.balance:
            even = balance(rows, lambda row: row.lineage["label"], rng)
            rows, dropped = list(even.rows), added(dropped, even.dropped)
        rows = filled(name, rows, dropped)
        verdicts = [preferred(one) for one in recording.judgments]
        facts = {
            "judgments": len(verdicts),
            "correct": sum(one == GOLD for one in verdicts),
            "unread": sum(one is None for one in verdicts),
            "named A": sum(row.lineage["label"] == "A" for row in rows),
        }
        write(folder / DATA, rows, title=name, facts=shop.card(iteration, facts), dropped=dropped)
        return Done(made=digest(folder / DATA), rows=len(rows), dropped=dropped, facts=facts)

    inputs = shop.says(options, iteration.judge, models=of_model(iteration.judge, shop.loop.models))
    return Stage(name, work, inputs, (), (CONSTRUCTED, judge.stage))


def preferred(judged: Judged) -> int | None:
    """The slot that a judgment prefers; -1 for a tie, None where none could be read. ConfigError for scores."""
    if isinstance(judged.verdict, Score):
        raise ConfigError(
            f"judge '{judged.judge}' scores responses, and compares none", "give one that does, such as `self-taught`"
        )
    if not isinstance(judged.verdict, Preference):
        return None
    first, second = judged.verdict.probs
    return -1 if first == second else judged.order[0 if first > second else 1]


def _row(iteration: Iteration, recording: Recording, one: Judged, verdicts: Sequence[int | None]) -> SftRow:
    prompt, text = _written(recording, one)
    lineage = {**_lineage(iteration, one), "correct": verdicts.count(GOLD), "samples": len(verdicts)}
    return judgment_row(f"judgment:{one.item.id}", prompt, text, lineage)


def _pair(iteration: Iteration, recording: Recording, right: Judged, wrong: Judged) -> PairRow:
    prompt, chosen = _written(recording, right)
    name = f"judgment:{right.item.id}/{right.repeat}-{wrong.repeat}"
    lineage = {**_lineage(iteration, right), "rejected repeat": wrong.repeat}
    return judgment_pair(name, prompt, chosen, _written(recording, wrong)[1], lineage)


def _lineage(iteration: Iteration, one: Judged) -> dict[str, Any]:
    label = "AB"[one.order.index(GOLD)]
    found = {
        "iteration": iteration.number,
        "kind": "judgment",
        "pair": one.item.id,
        "repeat": one.repeat,
        "label": label,
    }
    return {**found, "order": list(one.order)}


def _written(recording: Recording, one: Judged) -> tuple[tuple[Message, ...], str]:
    """What the judge was sent and wrote. ConfigError for one that writes no text, or asks more than once."""
    said = recording.asked(one)
    if len(said) == 1 and isinstance(request := said[0][0], Chat):
        return request.messages, said[0][1].text
    raise ConfigError(
        f"judge '{one.judge}' writes no judgment in one text", "give one that does, such as `self-taught`"
    )
