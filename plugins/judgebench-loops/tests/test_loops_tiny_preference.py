"""Self-Rewarding and Meta-Rewarding: a tiny random model, scripted judges, TRL, two iterations each."""

import json
from pathlib import Path

import pytest
from loops_tiny_kit import JUDGED_AS_POLICY, loop, rows, said, tiny

pytestmark = pytest.mark.torch
pytest.importorskip("trl", reason="needs torch, transformers and trl")

SCORES = ["Good. Score: 4", "Poor. Score: 2", "Best. Score: 5", "Bad. Score: 1", "Middling. Score: 3"]
JUDGE = {"judge": "additive", "model": "scorer", "temperature": 0.7, "parser": "nemo", "template": "alone.jinja"}
TRAIN = {"dpo": {"batch": 2, "epochs": 1, "learning_rate": 1e-3, "dropout": 0, "lora_rank": 4, "max_length": 256}}


def test_self_rewarding(tmp_path: Path) -> None:
    model = tiny(tmp_path)
    ift, ranked = tmp_path / "ift.jsonl", tmp_path / "ranked.jsonl"
    ift.write_text('{"prompt": "Count: 1", "completion": "2"}\n{"prompt": "Who jumps?", "completion": "The fox."}\n')
    ranked.write_text('{"prompt": "Count: 3", "responses": ["4", "5", "x"], "ranks": [1, 2, 3]}\n' * 6)
    folder = loop(
        "self-rewarding",
        tmp_path,
        model=str(model),
        ift=str(ift),
        eft={"path": str(ranked), "flatten": "no"},
        models={"scorer": {"backend": "scripted", "replies": SCORES}},
        judge={**JUDGE, "samples": 3},
        candidates={"n": 3, "max_tokens": 12},
        train={**TRAIN, "sft": {"batch": 2, "epochs": 1, "dropout": 0, "max_length": 384}},
        evaluate=[JUDGED_AS_POLICY],
    )
    for number in (1, 2):
        pairs = rows(folder / f"iteration-{number}" / "pairs")
        assert pairs
        assert {row["lineage"]["kind"] for row in pairs} == {"response"}
        assert all(row["lineage"]["scores"][0] > row["lineage"]["scores"][1] for row in pairs)
    assert said(folder, "win-rate") == {"seed", "M1", "M2", "M3"}
    assert [one["subjects"] for one in series(folder)] == [["M1", "M2", "M3"]]


def series(folder: Path) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = json.loads((folder / "board" / "policy" / "board.json").read_text())["series"]
    return [one for one in found if one["kind"] == "policy"]


def test_meta_rewarding(tmp_path: Path) -> None:
    model = tiny(tmp_path)
    folder = loop(
        "meta-rewarding",
        tmp_path,
        model=str(model),
        models={
            "scorer": {"backend": "scripted", "replies": SCORES},
            "meta": {"backend": "scripted", "replies": ["It keeps to the rules. [[A]]", "This one does. [[B]]"]},
        },
        judge={**JUDGE, "samples": 4},
        meta={"judge": {"judge": "verdict", "model": "meta", "template": "two.jinja"}},
        prompts={"number": 2},
        candidates={"n": 3, "max_tokens": 12},
        train={"dpo": {**TRAIN["dpo"], "max_length": 512, "epochs": 2}},
        choose={"by": "measure", "measure": "win-rate", "run": {**JUDGED_AS_POLICY, "measures": ["win-rate"]}},
        iterations=[{"pairs": {"rho": 0}}, {"pairs": {"rho": 0.32}}],
        evaluate=[JUDGED_AS_POLICY],
    )
    kinds = [row["lineage"]["kind"] for row in rows(folder / "iteration-1" / "pairs")]
    assert {"response", "judgment"} == set(kinds)
    for number in (1, 2):  # of the checkpoints of two epochs, which are adapters, the better one
        chosen = json.loads((folder / f"iteration-{number}" / "checkpoint" / "stage.json").read_text())["facts"]
        values = {int(key.rpartition(" ")[2]): value for key, value in chosen.items() if key.startswith("win-rate")}
        assert len(values) == 2
        assert values[chosen["step"]] == max(values.values())
    assert (folder / "iteration-2" / "checkpoint" / "model" / "model.safetensors").exists()
    assert said(folder, "win-rate") == {"M0", "M1", "M2"}
