"""Small files of the judge benchmarks' official forms: a mirror of the hub, and what other tools recorded."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

VOTES = {"question_id": 81, "turn": 1, "model_a": "a", "model_b": "b"}
SUBSETS = ("alpacaeval-easy", "llmbar-natural", "xstest-should-refuse", "math-prm")


def write(folder: Path) -> None:
    """Everything that the README's commands name, beside what other tests lay out."""
    mirror(folder / "mirror")
    rows(folder / "my-rankings.jsonl", [{"prompt": "q", "responses": ["x", "y", "z"], "ranks": [1, 2, 3]}])
    rows(folder / "outputs/mt-iter1.jsonl", [{"question_id": 81, "choices": [{"turns": ["one", "two"]}]}])
    rows(folder / "human.jsonl", [{**VOTES, "judge": "expert_1", "winner": "model_a"}])
    rows(folder / "gpt4_pair.jsonl", [{**VOTES, "judge": "gpt4_pair", "winner": "model_a"}])
    said = {"swap = False": {"completion": ["a", "stop"], "winner": "1"}, "swap = True": {"winner": "2"}}
    pair = {"input": "q", "output_1": "x", "output_2": "y", "label": 1, "results": said}
    rows(folder / "LLMBar/Natural/evaluators/GPT-4/CoT/result.json", [pair])
    scores = {"scores_chosen": [1.0] * 4, "scores_rejected": [0.5] * 4, "results": [1] * 4}
    columns = {"model": "org/model", "id": [str(k) for k in range(4)], "subset": list(SUBSETS), **scores}
    (folder / "my-reward-model.json").write_text(json.dumps(columns))


def rows(path: Path, values: list) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, values)) if path.suffix == ".jsonl" else json.dumps(values))


def mirror(folder: Path) -> None:
    pairs = [
        {"id": k, "prompt": f"q{k}", "chosen": "x", "chosen_model": "m", "rejected": "y", "rejected_model": "n",
         "subset": subset}
        for k, subset in enumerate(SUBSETS)
    ]  # fmt: skip
    table(folder / "allenai/reward-bench/data/filtered-00000-of-00001.parquet", pairs)
    best = {"prompt": "q", "chosen": ["x"], "rejected": ["y", "z", "u"], "num_correct": 1}
    two = [{**best, "id": "1", "subset": "Math"}, {**best, "id": "ref:1", "subset": "Ties"}]
    table(folder / "allenai/reward-bench-2/data/test-00000-of-00001.parquet", two)
    rated = {"helpfulness": 4, "correctness": 4, "coherence": 4, "complexity": 2, "verbosity": 2}
    halves = [{"prompt": "q", "response": "x", **rated}, {"prompt": "q", "response": "y", **rated, "helpfulness": 1}]
    path = folder / "nvidia/HelpSteer2/validation.jsonl.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, halves)).encode()))
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
    vote = {**VOTES, "judge": "expert_1", "winner": "model_a", "conversation_a": turns, "conversation_b": turns}
    table(folder / "lmsys/mt_bench_human_judgments/data/human-00000-of-00001-25f4910818759289.parquet", [vote])
    question = {"question_id": 81, "category": "writing", "turns": ["one?", "two?"]}
    rows(folder / "HuggingFaceH4/mt_bench_prompts/raw/question.jsonl", [question])


def table(path: Path, values: list) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(values), path)
