"""A folder in which everything lies that the pages' commands name: small files of every form, and finished runs."""

import json

import official_files
from command_line import run
from official_files import rows

PROMPTS = ("q", *(f"q{k}" for k in range(6)))


def lay_out(folder):
    """All of it."""
    answers(folder)
    own_data(folder)
    recorded(folder)
    arena_hard(folder)
    official_files.write(folder)
    checkpoints(folder)
    loop(folder)
    runs(folder)


def answers(folder):
    for name in ("iter1", "iter2"):
        rows(folder / f"outputs/{name}.json", [{"instruction": "q", "output": f"{name} answers", "generator": name}])
    rows(folder / "outputs/baseline.jsonl", [{"prompt": q, "response": "plain"} for q in PROMPTS])


def own_data(folder):
    rows(folder / "prompts.jsonl", [{"prompt": q} for q in PROMPTS])
    rows(folder / "my-baselines.jsonl", [{"prompt": q, "baseline": "plain"} for q in PROMPTS])
    rows(folder / "my-pairs.jsonl", [{"prompt": "q", "response_a": "x", "response_b": "y", "gold": "a"}])
    rows(folder / "rules.jsonl", [{"reply": "[[A]]"}])
    rows(folder / "meta.jsonl", [{"prompt": "q", "responses": ["Score: 4", "Score: 5"], "ratings": [4, 5]}])
    ranked = [{"prompt": f"q{k}", "responses": ["x", "y", "z"], "ranks": [1, 2, 3]} for k in range(4)]
    rows(folder / "ranked.jsonl", ranked)


def recorded(folder):
    """Judgments of AlpacaEval's form, a table of verdicts, and what of the hub they need."""
    judged = [
        {"instruction": f"q{k}", "output_1": "b", "generator_1": "base", "output_2": "c", "generator_2": "g",
         "annotator": "a", "preference": 1.5}
        for k in "xy"
    ]  # fmt: skip
    rows(folder / "annotations.json", judged)
    (folder / "verdicts.csv").write_text("item,judge,subject,opponent,preference\n0,j,s,base,0.5\n1,j,s,base,0.25\n")
    mirror = folder / "mirror/tatsu-lab/alpaca_eval"
    baseline = [{"instruction": q, "output": "b", "generator": "base", "dataset": "d"} for q in ("q", "qx", "qy")]
    rows(mirror / "alpaca_eval_gpt4_baseline.json", baseline)
    gamed = ["model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"]
    gamed += [f"concise,{place},0.1,1.5,0.0,False" for place in range(3)]
    (mirror / "df_gamed.csv").write_text("\n".join(gamed) + "\n")


def arena_hard(folder):
    hub = folder / "mirror/lmarena-ai/arena-hard-auto/data"
    answer = {"question_id": "u", "choices": [{"turns": [{"content": "text", "token_len": 1}]}]}
    for place in (hub / "arena-hard-v0.1/model_answer", folder / "model_answer"):
        for model in ("gpt-4-0314", "m"):
            rows(place / f"{model}.jsonl", [{**answer, "model_id": model}])
    rows(hub / "arena-hard-v0.1/question.jsonl", [{"uid": "u", "category": "c", "prompt": "q"}])
    for category, model in (("hard_prompt", "o3-mini-2025-01-31"), ("creative_writing", "gemini-2.0-flash-001")):
        said = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": {"answer": "text"}}]}
        rows(hub / f"arena-hard-v2.0/model_answer/{model}.jsonl", [{"uid": category, "model": model, **said}])
    questions = [{"uid": one, "category": one, "prompt": "q"} for one in ("hard_prompt", "creative_writing")]
    rows(hub / "arena-hard-v2.0/question.jsonl", questions)
    games = [{"score": "A>B", "judgment": "[[A>B]]"}, {"score": "B>>A", "judgment": "[[B>>A]]"}]
    rows(folder / "model_judgment.jsonl", [{"question_id": "u", "model": "m", "judge": "j", "games": games}])


def checkpoints(folder):
    """What is looked at before a model is loaded: settings, weights without a tensor, a tokenizer."""
    for name, head in (
        ("ckpts/step-10", "CausalLM"),
        ("ckpts/step-20", "CausalLM"),
        ("reward", "SequenceClassification"),
    ):
        place = folder / name
        place.mkdir(parents=True)
        labels = {"id2label": {"0": "reward"}} if head == "SequenceClassification" else {}
        config = {"architectures": [f"LlamaFor{head}"], "model_type": "llama", **labels}
        (place / "config.json").write_text(json.dumps(config))
        (place / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
        (place / "tokenizer.json").write_text("{}")
        (place / "tokenizer_config.json").write_text("{}")


def loop(folder):
    config = {
        "model": "none",
        "ask": {"backend": "scripted", "replies": ["One. Score: 4", "Two. Score: 2", "Three. Score: 5"]},
        "prompts": {"path": "prompts.jsonl"},
        "iterations": 1,
        "judge": {"judge": "additive", "model": "current", "parser": "nemo"},
    }
    (folder / "loop.yaml").write_text(json.dumps(config))


def runs(folder):
    """Two checkpoints in a run each, a training of two steps, duels, two judges of rankings, and recorded battles."""
    steps = [(step, place) for step in ("step-10", "step-20") for place in ("training", f"array/{step}")]
    who = "--policy {0}=scripted:rules.jsonl --judge verdict@scripted:rules.jsonl --limit 3 --quiet --out runs/{1}"
    for name, place in (("iter1", "iter1"), ("iter2", "iter2"), *steps):
        run(f"judgebench run starter {who.format(name, place)}", folder)
    run("judgebench import arena-hard model_judgment.jsonl --out runs/judged -o answers=model_answer", folder)
    duels = " ".join(f"--policy {name}=scripted:rules.jsonl" for name in ("start", "step-10", "step-20"))
    judge = "--judge verdict@scripted:rules.jsonl --limit 3 --quiet --out runs/duels"
    run(f"judgebench run head-to-head {duels} {judge}", folder)
    for place, names in (("judges", ("step-10", "step-20")), ("agreement", ("step-10", "strong"))):
        scorers = [
            f"""--judge '{name}=additive@scripted,replies=["Score: {low}", "Score: 5", "Score: 3"]'"""
            for low, name in enumerate(names, start=1)
        ]
        run(f"judgebench run ranked:ranked.jsonl {' '.join(scorers)} --quiet --out runs/{place}", folder)
