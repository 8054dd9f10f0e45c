"""Preference pairs: of responses by the judge's scores, and of judgments by a meta-judge's comparisons."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench_loops.definition import Iteration
from judgebench_loops.kept import Kept, added, keep
from judgebench_loops.selection.pairs import Choice, best_against_worst, length_tiers, mean_score, within
from judgebench_loops.stage import Done, Stage, read_rows
from judgebench_loops.stages.candidates import asked_of
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.judgments import JUDGMENTS
from judgebench_loops.stages.meta import JUDGMENT_PAIRS
from judgebench_loops.workshop import Workshop, named
from judgebench_loops.writing.dataset import digest, write
from judgebench_loops.writing.judgments import judgment_pair
from judgebench_loops.writing.rows import PairRow, messages

DATA = "data"


def pairs(shop: Workshop, iteration: Iteration, scored: str) -> Stage:
    """An iteration's training data: pairs of responses out of the stage `scored`, and those of judgments."""
    options, meta, name = iteration.pairs, iteration.meta, named(iteration, "pairs")

    def work(folder: Path) -> Done:
        rng = shop.rng(name)
        rows = read_rows(shop.root / named(iteration, scored) / JUDGMENTS)

        def chosen(row: Mapping[str, Any]) -> PairRow:
            scores = [mean_score(column) for column in row["scores"]]
            lengths = [len(text) for text in row["responses"]]
            choice = (
                length_tiers(scores, lengths, rho=options.rho)
                if options.rule == "length-tiers"
                else best_against_worst(scores, margin=options.margin, ties=options.ties, rng=rng)
            )
            within(lengths[choice.chosen], options.longest_chosen or None, "chosen response")
            return response_pair(iteration, row, choice, scores)

        actor = keep(rows, chosen)
        judge: Kept[PairRow] = Kept(())
        if meta.on:
            judge = judgment_pairs(shop.root / named(iteration, "meta-judging") / JUDGMENT_PAIRS)
            most = int(len(actor.rows) * meta.share / (1 - meta.share) + 1e-9) if meta.share < 1 else len(judge.rows)
            if len(judge.rows) > most:
                rest = {"more judgments than their share": len(judge.rows) - most}
                kept = sorted(rng.sample(range(len(judge.rows)), most))
                judge = Kept(tuple(judge.rows[k] for k in kept), added(judge.dropped, rest))
        dropped = added(actor.dropped, judge.dropped)
        both = filled(name, (*actor.rows, *judge.rows), dropped)
        facts = {"pairs of responses": len(actor.rows), "pairs of judgments": len(judge.rows), **margins(actor.rows)}
        write(folder / DATA, both, title=name, facts=shop.card(iteration, facts), dropped=dropped)
        return Done(made=digest(folder / DATA), rows=len(both), unit="pairs", dropped=dropped, facts=facts)

    after = [named(iteration, scored), *([named(iteration, "meta-judging")] if meta.on else [])]
    return Stage(name, work, shop.says(options, {"on": meta.on, "share": meta.share}), (), tuple(after))


def response_pair(
    iteration: Iteration, row: Mapping[str, Any], choice: Choice, scores: Sequence[float | None]
) -> PairRow:
    """A pair of responses to one prompt, with where it came from."""
    return PairRow(
        id=f"response:{row['id']}",
        prompt=asked_of(iteration, row),
        chosen=row["responses"][choice.chosen],
        rejected=row["responses"][choice.rejected],
        lineage={
            "iteration": iteration.number,
            "kind": "response",
            "prompt": row["id"],
            "draws": [row["draws"][choice.chosen], row["draws"][choice.rejected]],
            "scores": [scores[choice.chosen], scores[choice.rejected]],
            "candidates": len(row["responses"]),
        },
    )


def judgment_pairs(path: Path) -> Kept[PairRow]:
    """The pairs of judgments that meta-judging made; what it dropped is counted there."""
    return keep(
        read_rows(path),
        lambda row: judgment_pair(row["id"], messages(row["prompt"]), row["chosen"], row["rejected"], row["lineage"]),
    )


def margins(rows: Sequence[PairRow]) -> dict[str, float]:
    """Means over pairs of responses: by how much the scores differ, and the lengths in characters."""
    if not rows:
        return {}
    gaps = [row.lineage["scores"][0] - row.lineage["scores"][1] for row in rows]
    return {
        "mean score difference": round(sum(gaps) / len(gaps), 4),
        "mean length of chosen": round(sum(len(row.chosen) for row in rows) / len(rows), 1),
        "mean length of rejected": round(sum(len(row.rejected) for row in rows) / len(rows), 1),
    }
