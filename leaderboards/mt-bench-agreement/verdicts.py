"""Write the recorded judgments of gpt-4-0613 in FastChat's form.

    python verdicts.py DATA OUT

DATA holds recorded_gpt-4-0613_pair.jsonl.gz (item_id, order, sample, text, verdict) and the votes, human.jsonl.gz,
which say what an item_id stands for. OUT gets gpt-4-0613_pair.jsonl, which `judgebench import mt-bench` reads. Of each
order the first sample counts; one that is not there is a game without a winner. Order `ab` shows first the model that
comes first in the alphabet.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

JUDGE = "gpt-4-0613"
ORDERS = {
    "ab": ("g1", {"first": "model_1", "second": "model_2"}),
    "ba": ("g2", {"first": "model_2", "second": "model_1"}),
}
WINNERLESS = {"tie": "tie", "error": "error"}


def games(judgments: list[dict[str, Any]], votes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One row a comparison, both games in it."""
    names = {}
    for vote in votes:
        pair = sorted((vote["model_a"], vote["model_b"]))
        names["-".join((f"q{vote['question_id']}", f"t{vote['turn']}", *pair))] = (vote, pair)
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(judgments, key=lambda row: (row["item_id"], row["order"], row["sample"])):
        vote, (first, second) = names[row["item_id"]]
        about = {"question_id": vote["question_id"], "turn": vote["turn"], "model_1": first, "model_2": second}
        game = found.setdefault(row["item_id"], {**about, "judge": JUDGE, "g1_winner": None, "g2_winner": None})
        number, winners = ORDERS[row["order"]]
        if game[f"{number}_winner"] is None:
            game[f"{number}_winner"] = {**winners, **WINNERLESS}[row["verdict"]]
            game[f"{number}_judgment"] = row["text"]
    yield from found.values()


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a jsonl file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main(data: Path, out: Path) -> None:
    """Write the file into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    found = games(rows(data / "recorded_gpt-4-0613_pair.jsonl.gz"), rows(data / "human.jsonl.gz"))
    (out / f"{JUDGE}_pair.jsonl").write_text("".join(json.dumps(game) + "\n" for game in found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
