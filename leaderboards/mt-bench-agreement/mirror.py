"""Lay out a mirror of the hub's MT-Bench files from a folder of recorded votes, questions and answers.

    python mirror.py DATA OUT

DATA holds human.jsonl.gz and gpt4_pair.jsonl.gz (question_id, turn, model_a, model_b, winner, judge),
question.jsonl.gz, model_answer/MODEL.jsonl.gz and reference_answer/MODEL.jsonl.gz. OUT becomes a folder for
`--data-dir`, with reference_answer/MODEL.jsonl beside the mirrored files.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SPLITS = {
    "human": "human-00000-of-00001-25f4910818759289.parquet",
    "gpt4_pair": "gpt4_pair-00000-of-00001-c0b431264a82ddc0.parquet",
}
Rows = list[dict[str, Any]]


def rows(path: Path) -> Rows:
    """The objects of a jsonl file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def conversation(turns: list[str], answers: list[str]) -> Rows:
    """Both turns as messages."""
    pairs = zip(turns, answers, strict=True)
    return [
        {"content": text, "role": role}
        for asked, said in pairs
        for text, role in ((asked, "user"), (said, "assistant"))
    ]


def votes(data: Path, split: str) -> pa.Table:
    """The votes of a split with the conversations that they are about."""
    questions = {row["question_id"]: row["turns"] for row in rows(data / "question.jsonl.gz")}
    answers = {
        (row["model_id"], row["question_id"]): row["choices"][0]["turns"]
        for path in (data / "model_answer").glob("*.jsonl.gz")
        for row in rows(path)
    }
    found = []
    for row in rows(data / f"{split}.jsonl.gz"):
        turns = questions[row["question_id"]]
        shown = {
            f"conversation_{side}": conversation(turns, answers[row[f"model_{side}"], row["question_id"]])
            for side in "ab"
        }
        found.append({**row, **shown})
    return pa.Table.from_pylist(found)


def main(data: Path, out: Path) -> None:
    """Write the mirror into the folder `out`."""
    judgments = out / "lmsys/mt_bench_human_judgments/data"
    judgments.mkdir(parents=True, exist_ok=True)
    for split, name in SPLITS.items():
        pq.write_table(votes(data, split), judgments / name)
    prompts = out / "HuggingFaceH4/mt_bench_prompts/raw/question.jsonl"
    prompts.parent.mkdir(parents=True, exist_ok=True)
    with prompts.open("w", encoding="utf-8") as file:
        for row in rows(data / "question.jsonl.gz"):
            kept = {"question_id": row["question_id"], "category": row["category"], "prompt": row["turns"]}
            file.write(json.dumps({**kept, "reference": row.get("reference", [])}) + "\n")
    for path in sorted((data / "reference_answer").glob("*.jsonl.gz")):
        target = out / "reference_answer" / path.with_suffix("").name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(gzip.decompress(path.read_bytes()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
