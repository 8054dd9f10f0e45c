"""Candidates: several responses of the current policy to each prompt."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judgebench import Message, Miss
from judgebench_loops.definition import Iteration
from judgebench_loops.kept import Dropped, keep
from judgebench_loops.options import CURRENT
from judgebench_loops.selection.pairs import distinct
from judgebench_loops.stage import Done, Stage, read_rows, write_rows
from judgebench_loops.stages.empty import filled
from judgebench_loops.stages.models import Start
from judgebench_loops.stages.prompts import DRAWN
from judgebench_loops.workshop import Workshop, named

CANDIDATES = "candidates.jsonl"


def asked_of(iteration: Iteration, row: Mapping[str, Any]) -> tuple[Message, ...]:
    """What the policy was sent for a prompt: the messages of a training row."""
    system = iteration.candidates.system
    before = () if not system else (Message("system", system),)
    return (*before, Message("user", row["prompt"]))


def candidates(shop: Workshop, iteration: Iteration, start: Start) -> Stage:
    """Rows of `id`, `prompt`, and two or more distinct `responses` with the number of the draw of each."""
    options, name = iteration.candidates, named(iteration, "candidates")

    def work(folder: Path) -> Done:
        prompts = read_rows(shop.root / named(iteration, "prompts") / DRAWN)
        asked = [
            {"id": f"{row['id']}/{number}", "prompt": row["prompt"], "cluster": row["id"]}
            for row in prompts
            for number in range(1, options.n + 1)
        ]
        answers = shop.current(start.model(shop.root)).answers(folder, asked, CURRENT, options, options.system)
        cut, failed = 0, 0

        def gathered(number: int) -> dict[str, Any]:
            nonlocal cut, failed
            own = answers[number * options.n : (number + 1) * options.n]
            said = [
                (draw, one.response.turns[0], one.response.finish[0])
                for draw, one in enumerate(own, start=1)
                if not isinstance(one.response, Miss)
            ]
            failed += len(own) - len(said)
            cut += sum(finish == "length" for _, _, finish in said)
            if options.cut == "drop":
                said = [one for one in said if one[2] != "length"]
            said = [one for one in said if one[1].strip()]
            first = [said[k] for k in distinct([text for _, text, _ in said], most_duplicates=options.duplicates)]
            if len({text for _, text, _ in first}) < 2:
                raise Dropped("fewer than two distinct responses")
            return {
                **{key: prompts[number][key] for key in ("id", "prompt")},
                "responses": [text for _, text, _ in first],
                "draws": [draw for draw, _, _ in first],
            }

        kept = keep(range(len(prompts)), gathered)
        digest = write_rows(folder / CANDIDATES, filled(name, kept.rows, kept.dropped))
        facts = {"responses": sum(len(row["responses"]) for row in kept.rows), "cut": cut, "failed": failed}
        return Done(made=digest, rows=len(kept.rows), unit="prompts", dropped=dict(kept.dropped), facts=facts)

    return Stage(name, work, shop.says(options), (), (named(iteration, "prompts"), start.stage))
