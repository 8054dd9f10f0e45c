"""The prompts of an iteration as a training set, for RL, which draws its responses itself."""

from pathlib import Path

from judgebench_loops.definition import Iteration
from judgebench_loops.stage import Done, Stage, read_rows
from judgebench_loops.stages.candidates import asked_of
from judgebench_loops.stages.pairs import DATA
from judgebench_loops.stages.prompts import DRAWN
from judgebench_loops.workshop import Workshop, named
from judgebench_loops.writing.dataset import digest, write
from judgebench_loops.writing.rows import PromptRow


def rl_prompts(shop: Workshop, iteration: Iteration) -> Stage:
    """One row a prompt."""
    name = named(iteration, "rl-prompts")

    def work(folder: Path) -> Done:
        rows = [
            PromptRow(
                f"prompt:{row['id']}",
                asked_of(iteration, row),
                {"iteration": iteration.number, "kind": "prompt", "prompt": row["id"], "origin": row["origin"]},
            )
            for row in read_rows(shop.root / named(iteration, "prompts") / DRAWN)
        ]
        write(folder / DATA, rows, title=name, facts=shop.card(iteration, {}), dropped={})
        return Done(made=digest(folder / DATA), rows=len(rows), unit="prompts")

    return Stage(name, work, shop.says(iteration.candidates.system), (), (named(iteration, "prompts"),))
