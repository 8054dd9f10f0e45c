"""RLAIF's labels: which of two responses is better, as a probability over both orders.

Source: Lee et al. (2024), RLAIF vs. RLHF, sections 2.1 and 3.
"""

from pathlib import Path
from typing import Any

from judgebench import ConfigError, Judged, Preference, Score
from judgebench_loops.definition import Iteration
from judgebench_loops.kept import keep
from judgebench_loops.selection.pairs import distinct
from judgebench_loops.selection.soft_labels import confident, oriented, soft_label
from judgebench_loops.stage import Done, Stage, read_rows
from judgebench_loops.stages.candidates import CANDIDATES, asked_of
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.models import Start
from judgebench_loops.stages.pairs import DATA
from judgebench_loops.workshop import Workshop, named, of_model
from judgebench_loops.writing.dataset import digest, write
from judgebench_loops.writing.rows import SoftPairRow

BOTH = ((0, 1), (1, 0))


def labels(shop: Workshop, iteration: Iteration, start: Start) -> Stage:
    """The first two distinct responses to each prompt with their label: the reward model's training data."""
    options, name = iteration.rlaif, named(iteration, "labels")

    def work(folder: Path) -> Done:
        rows = [first_two(row) for row in read_rows(shop.root / named(iteration, "candidates") / CANDIDATES)]
        recording = shop.current(start.model(shop.root)).judged(folder, rows, iteration.judge, order="both")
        said = {(one.item.id, one.order): slot_shares(one) for one in recording.judgments}

        def labelled(row: dict[str, Any]) -> SoftPairRow:
            forward, backward = (said.get((row["id"], order)) for order in BOTH)
            p = confident(
                soft_label(forward, backward, average=options.average, missing=options.missing), options.confidence
            )
            choice, probability = oriented(p, hard=options.hard)
            return SoftPairRow(
                id=f"label:{row['id']}",
                prompt=asked_of(iteration, row),
                chosen=row["responses"][choice.chosen],
                rejected=row["responses"][choice.rejected],
                probability=1.0 if options.hard else probability,
                lineage={
                    "iteration": iteration.number,
                    "kind": "label",
                    "prompt": row["id"],
                    "draws": [row["draws"][choice.chosen], row["draws"][choice.rejected]],
                    "probability": probability,
                    "orders": [forward[0] if forward else None, backward[0] if backward else None],
                },
            )

        kept = keep(rows, labelled)
        made = filled(name, kept.rows, kept.dropped)
        both = [(said.get((row["id"], BOTH[0])), said.get((row["id"], BOTH[1]))) for row in rows]
        read = [(one[0], other[0]) for one, other in both if one is not None and other is not None]
        facts = {
            "labelled in both orders": len(read),
            "same place preferred": sum((one - 0.5) * (other - 0.5) < 0 for one, other in read),
            "mean probability": round(sum(row.lineage["probability"] for row in made) / len(made), 4),
        }
        write(folder / DATA, made, title=name, facts=shop.card(iteration, facts), dropped=kept.dropped)
        return Done(made=digest(folder / DATA), rows=len(made), unit="pairs", dropped=dict(kept.dropped), facts=facts)

    inputs = shop.says(options, iteration.judge, models=of_model(iteration.judge, shop.loop.models))
    return Stage(name, work, inputs, (), (named(iteration, "candidates"), start.stage))


def first_two(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its first two distinct responses alone."""
    places = distinct(row["responses"])[:2]
    return {**row, **{key: [row[key][place] for place in places] for key in ("responses", "draws")}}


def slot_shares(judged: Judged) -> tuple[float, float] | None:
    """What a verdict gives to either response in slot order; None where there is none."""
    match judged.verdict:
        case Preference(probs):
            shown = dict(zip(judged.order, probs, strict=True))
            return shown[0], shown[1]
        case Score():
            raise ConfigError(
                f"judge '{judged.judge}' scores responses, and compares none", "give one that does: rlaif, logprob, ..."
            )
    return None
