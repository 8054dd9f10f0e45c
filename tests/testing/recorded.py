"""A made-up file of each form that an import which ships reads, by the import's name."""

import json

TWICE = {
    "question_id": 81, "turn": 1, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "tie",
    "judge": ["gpt-4", "pair-v2"], "g1_judgment": "[[A]]", "g2_judgment": "[[C]]",
}  # fmt: skip
SCORE = {"question_id": 81, "turn": 1, "model": "m", "score": 7, "judge": ["gpt-4", "single-v1"], "judgment": "[[7]]"}
GAMES = [{"score": "A>B", "judgment": "[[A>B]]"}, {"score": "B>>A", "judgment": "[[B>>A]]"}]
SAID = {"swap = False": {"completion": ["a", "stop"], "winner": "1"}, "swap = True": {"winner": "2"}}
PAIR = {"input": "q", "output_1": "x", "output_2": "y", "label": 1, "results": SAID}
ANNOTATION = {
    "instruction": "q", "output_1": "b", "generator_1": "base", "output_2": "c", "generator_2": "g", "annotator": "a",
    "preference": 1.5,
}  # fmt: skip
JUDGED = {"model": "org/judge", "model_type": "x", "id": ["1"], "subset": ["math-prm"], "results": [1]}
BEST = {"id": ["7"], "subset": ["Precise IF"], "num_correct": [1], "results": [0], "scores": [[1.0, 2.0, 0.5, 0.0]]}
FILES = {
    "alpaca-eval": ("annotations.json", [ANNOTATION]),
    "arena-hard": ("m.jsonl", {"question_id": "u", "model": "m", "judge": "j", "games": GAMES}),
    "mt-bench": ("pairs.jsonl", TWICE),
    "mt-bench-single": ("single.jsonl", SCORE),
    "llmbar": ("LLMBar/Natural/evaluators/GPT-4/CoT/result.json", [PAIR]),
    "rewardbench": ("v1.json", {**JUDGED, "scores_chosen": [2.0], "scores_rejected": [1.0]}),
    "rewardbench-2": ("v2.json", {"model": "org/judge", "model_type": "x", **BEST}),
    "table": ("table.jsonl", {"item": "0", "judge": "j", "subject": "s", "opponent": "base", "preference": 0.25}),
}


def write(folder):
    """The files, below the folder."""
    found = {}
    for name, (place, content) in FILES.items():
        found[name] = folder / place
        found[name].parent.mkdir(parents=True, exist_ok=True)
        found[name].write_text(json.dumps(content))
    return found
