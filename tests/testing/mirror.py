"""A mirror of the hub with a few made-up rows for each benchmark that ships, and files such as users bring."""

import gzip
import json

import pyarrow as pa
from pyarrow import parquet

from judgebench.testing.examples import items

SUBSETS = ("alpacaeval-easy", "llmbar-natural", "llmbar-adver-GPTOut", "xstest-should-refuse", "math-prm")
RATED = {"helpfulness": 4, "correctness": 4, "coherence": 4, "complexity": 2, "verbosity": 2}
COUNTS = {"token_len": 7, "header_count": {"h1": 1}, "list_count": {"ordered": 1}, "bold_count": {"**": 0}}
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
VOTE = {
    "question_id": 81, "turn": 1, "model_a": "a", "model_b": "b", "winner": "model_a", "conversation_a": TALK,
    "conversation_b": TALK,
}  # fmt: skip
PAIR = {"prompt": "q?", "response_a": "x", "response_b": "y", "gold": "a"}


def write(folder):
    """Everything, below the folder."""
    hub, data = folder / "mirror", "data/{}-00000-of-00001.parquet"
    pair = {"prompt": "q", "chosen": "x", "chosen_model": "m", "rejected": "y", "rejected_model": "n"}
    pairs = [{**pair, "id": k, "subset": subset} for k, subset in enumerate(SUBSETS)]
    table(hub / "allenai/reward-bench" / data.format("filtered"), pairs)
    best = {"prompt": "q", "chosen": ["x"], "rejected": ["y", "z", "u"], "num_correct": 1}
    two = [{**best, "id": "1", "subset": "Math"}, {**best, "id": "ref:1", "subset": "Ties"}]
    table(hub / "allenai/reward-bench-2" / data.format("test"), two)
    human = hub / "lmsys/mt_bench_human_judgments/data"
    table(human / "human-00000-of-00001-25f4910818759289.parquet", [{**VOTE, "judge": "expert_1"}])
    table(human / "gpt4_pair-00000-of-00001-c0b431264a82ddc0.parquet", [{**VOTE, "judge": "gpt4_pair"}])
    halves = [{"prompt": "q", "response": "x", **RATED}, {"prompt": "q", "response": "y", **RATED, "helpfulness": 1}]
    put(hub / "nvidia/HelpSteer2/validation.jsonl.gz", gzip.compress(lines(halves)))
    question = {"question_id": 81, "category": "writing", "turns": ["one?", "two?"]}
    put(hub / "HuggingFaceH4/mt_bench_prompts/raw/question.jsonl", lines([question]))
    alpaca(hub / "tatsu-lab/alpaca_eval")
    arena(hub / "lmarena-ai/arena-hard-auto/data")
    put(folder / "pairs.jsonl", lines([PAIR, {**PAIR, "gold": "tie", "category": "chat"}]))
    put(folder / "prompts.jsonl", lines([{"prompt": "q?"}, {"prompt": ["one?", "two?"], "system": "Be brief."}]))
    put(folder / "ranked.jsonl", lines([{"prompt": "q", "responses": ["x", "y", "z"], "ranks": [1, 2, 3]}]))
    answers = [{"id": item.id, "response": list(item.responses[0].turns)} for item in items()]
    put(folder / "answers.jsonl", lines(answers))
    return folder


def alpaca(folder):
    rows = [{"dataset": f"set {n % 2}", "instruction": f"q{n}", "output": "x", "generator": "g"} for n in range(3)]
    put(folder / "alpaca_eval_gpt4_baseline.json", json.dumps(rows).encode())
    header = "model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"
    gamed = [f"concise,{n},0.{n + 1},{n}.5,-0.{n},False" for n in range(3)]
    put(folder / "df_gamed.csv", "\n".join([header, *gamed, ""]).encode())


def arena(folder):
    for version, category, models in (
        ("v0.1", "arena-hard-v0.1", ("gpt-4-0314",)),
        ("v2.0", "hard_prompt", ("o3-mini-2025-01-31", "gemini-2.0-flash-001")),
    ):
        place = folder / f"arena-hard-{version}"
        put(place / "question.jsonl", lines([{"uid": uid, "category": category, "prompt": f"q {uid}"} for uid in "ab"]))
        for model in models:
            said = [old(uid, model) if version == "v0.1" else new(uid, model) for uid in "ab"]
            put(place / f"model_answer/{model}.jsonl", lines(said))


def old(uid, model):
    turns = [{"content": f"answer to {uid}", "token_len": 7}]
    return {"question_id": uid, "model_id": model, "choices": [{"index": 0, "turns": turns}], "conv_metadata": COUNTS}


def new(uid, model):
    said = {"role": "assistant", "content": {"answer": f"{model} to {uid}"}}
    return {"uid": uid, "model": model, "messages": [{"role": "user", "content": "x"}, said], "metadata": COUNTS}


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows), path)
