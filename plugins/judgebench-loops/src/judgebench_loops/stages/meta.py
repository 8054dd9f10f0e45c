"""Meta-judging: judgments of one response meet in both orders, and the strongest and weakest become a pair.

Source: Wu et al. (2024), Meta-Rewarding Language Models, section 2.3.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from judgebench import ConfigError, Judged, Preference, Score
from judgebench_loops.definition import Iteration
from judgebench_loops.kept import Dropped, added, keep
from judgebench_loops.options import CURRENT, Entry
from judgebench_loops.selection.battles import battle_matrix, bradley_terry, position_weights, wins_by_position
from judgebench_loops.selection.judgments import judgment_pair, largest_variance
from judgebench_loops.selection.pairs import distinct
from judgebench_loops.stage import Done, Stage, read_rows, write_rows
from judgebench_loops.stages.judgments import JUDGMENTS
from judgebench_loops.stages.models import Start
from judgebench_loops.workshop import Workshop, named, of_model
from judgebench_loops.writing.meta_judge import meta_judge_template, meta_question

JUDGMENT_PAIRS = "pairs.jsonl"
Row = Mapping[str, Any]


def meta_judge(entry: Entry | None) -> Entry:
    """The meta-judge, shown two judgments of one response: `verdict` of the current model where none is named.

    One without a template of its own gets our wording: the short one where it is a `logprob` judge.
    """
    if entry is None:
        entry = {"judge": "verdict", "model": CURRENT, "max_tokens": 1024}
    if isinstance(entry, str):
        short = entry.startswith("logprob")
        return entry if ",template=" in entry else f"{entry},template={meta_judge_template(short)}"
    return {"template": str(meta_judge_template(entry.get("judge") == "logprob")), **entry}


def meta_judging(shop: Workshop, iteration: Iteration, start: Start) -> Stage:
    """Pairs of judgments, each with the prompt under which a judge wrote it."""
    options, name = iteration.meta, named(iteration, "meta-judging")
    judge = meta_judge(options.judge)

    def work(folder: Path) -> Done:
        rng = shop.rng(name)
        rows = read_rows(shop.root / named(iteration, "judgments") / JUDGMENTS)
        met = keep(rows, lambda row: meeting(row, iteration, rng))
        games = [game for row in met.rows for game in row["games"]]
        dropped = dict(met.dropped)
        pairs: list[dict[str, Any]] = []
        facts: dict[str, Any] = {"comparisons": 2 * len(games)}
        if games:
            recording = shop.current(start.model(shop.root)).judged(folder, games, judge, order="both")
            outcomes = [outcome(row, recording.judgments) for row in met.rows]
            first, second = wins_by_position(outcomes)
            weights = position_weights(first, second)
            facts |= {
                "won in the first place": first,
                "won in the second": second,
                "undecided": 2 * len(games) - first - second,
            }

            decided = {one.item.id for one in recording.judgments if isinstance(one.verdict, Preference)}
            facts["unread"] = sum(not isinstance(one.verdict, Preference) for one in recording.judgments)

            def paired(number: int) -> dict[str, Any]:
                if not any(game["id"] in decided for game in met.rows[number]["games"]):
                    raise Dropped("no comparison could be read")
                own = weights if options.scope == "iteration" else position_weights(*wins_by_position(outcomes[number]))
                strengths = bradley_terry(battle_matrix(outcomes[number], own), options.ridge)
                return judgment_row(met.rows[number], strengths.tolist(), iteration, own)

            kept = keep(range(len(met.rows)), paired)
            pairs, dropped = list(kept.rows), added(dropped, kept.dropped)
        digest = write_rows(folder / JUDGMENT_PAIRS, pairs)
        return Done(made=digest, rows=len(pairs), unit="pairs of judgments", dropped=dropped, facts=facts)

    inputs = shop.says(options, judge, models=of_model(judge, shop.loop.models))
    return Stage(name, work, inputs, (), (named(iteration, "judgments"), start.stage))


def meeting(row: Row, iteration: Iteration, rng: Any) -> dict[str, Any]:
    """The response whose judgments differ most, its distinct readable judgments, and the comparisons of every two."""
    if "texts" not in row:
        raise Dropped("the judge writes no judgments")
    response = largest_variance(row["scores"], rng=rng, ddof=iteration.meta.ddof)
    said = [
        (text, score)
        for text, score in zip(row["texts"][response], row["scores"][response], strict=True)
        if score is not None and text.strip()
    ]
    kept = [said[k] for k in distinct([text for text, _ in said])][: iteration.meta.most]
    if len(kept) < 2:
        raise Dropped("fewer than two distinct judgments")
    question = meta_question(row["prompt"], row["responses"][response])
    games = [
        {
            "id": f"{row['id']}/{m}-{n}",
            "prompt": question,
            "responses": [kept[m][0], kept[n][0]],
            "ratings": [kept[m][1], kept[n][1]],
            "cluster": row["id"],
        }
        for m, n in combinations(range(len(kept)), 2)
    ]
    asked = row["asked"][response]
    return {"id": row["id"], "response": response, "asked": asked, "judgments": kept, "games": games}


def outcome(row: Row, judged: Sequence[Judged]) -> Any:
    """r[m, n]: 1 where the meta-judge, shown m first and n second, prefers m; -1 where n; 0 for a tie or no verdict."""
    found = np.zeros((len(row["judgments"]),) * 2, dtype=np.int64)
    games = {game["id"] for game in row["games"]}
    for one in judged:
        if isinstance(one.verdict, Score):
            raise ConfigError(
                f"meta: judge '{one.judge}' scores judgments, and compares none",
                "give one that does, such as `verdict`",
            )
        if one.item.id in games and isinstance(one.verdict, Preference):
            pair = [int(number) for number in one.item.id.rpartition("/")[2].split("-")]
            first, second = (pair[slot] for slot in one.order)
            gap = one.verdict.probs[0] - one.verdict.probs[1]
            found[first, second] = (gap > 0) - (gap < 0)
    return found


def judgment_row(
    row: Row, strengths: Sequence[float], iteration: Iteration, weights: tuple[float, float]
) -> dict[str, Any]:
    """The strongest against the weakest judgment of one response."""
    lengths = [len(text) for text, _ in row["judgments"]]
    choice = judgment_pair(strengths, lengths, longest=iteration.meta.longest_chosen or None)
    chosen, rejected = row["judgments"][choice.chosen], row["judgments"][choice.rejected]
    return {
        "id": f"judgment:{row['id']}",
        "prompt": row["asked"],
        "chosen": chosen[0],
        "rejected": rejected[0],
        "lineage": {
            "iteration": iteration.number,
            "kind": "judgment",
            "prompt": row["id"],
            "response": row["response"],
            "scores": [chosen[1], rejected[1]],
            "strengths": [round(strengths[choice.chosen], 6), round(strengths[choice.rejected], 6)],
            "judgments": len(row["judgments"]),
            "position weights": list(weights),
        },
    }
