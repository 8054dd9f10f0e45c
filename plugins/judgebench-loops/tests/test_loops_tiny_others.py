"""Self-Taught Evaluators and RLAIF: a tiny random model, scripted judges, TRL, two iterations each."""

from pathlib import Path

import pytest
from loops_tiny_kit import JUDGED_AS_POLICY, loop, rows, said, tiny

pytestmark = pytest.mark.torch
pytest.importorskip("trl", reason="needs torch, transformers and trl")


def test_self_taught(tmp_path: Path) -> None:
    model = tiny(tmp_path)
    folder = loop(
        "self-taught",
        tmp_path,
        model=str(model),
        models={
            "writer": {"backend": "scripted", "replies": ["One way.", "Another way.", "Something else.", "No."]},
            "judge": {"backend": "scripted", "replies": ["Because. [[A]]", "Since. [[B]]"]},
        },
        self_taught={"writer": "writer", "samples": 6, "max_tokens": 32},
        judge={"judge": "self-taught", "model": "judge", "temperature": 0.7, "template": "two.jinja"},
        train={"sft": {"batch": 2, "epochs": 1, "warmup_steps": 0, "precision": "float32", "max_length": 512}},
        evaluate=[
            {
                "benchmark": "pairs:pairs.jsonl",
                "as_judge": {"judge": "logprob", "model": "checkpoint", "template": "two.jinja"},
                "measures": ["accuracy"],
            }
        ],
    )
    kept = rows(folder / "iteration-1" / "judgments")
    labels = [row["lineage"]["label"] for row in kept]
    assert labels.count("A") == labels.count("B") > 0
    assert all(f"[[{row['lineage']['label']}]]" in row["completion"][0]["content"] for row in kept)
    assert said(folder, "accuracy") == {"M0", "M1", "M2"}


def test_rlaif(tmp_path: Path) -> None:
    model = tiny(tmp_path)
    folder = loop(
        "rlaif",
        tmp_path,
        model=str(model),
        models={"labeler": {"backend": "scripted", "replies": ["1", "2"]}},
        judge={"judge": "rlaif", "model": "labeler"},
        candidates={"n": 2, "max_tokens": 12},
        train={
            "reward": {"batch": 2, "epochs": 1, "learning_rate": 1e-3, "max_length": 128},
            "rl": {"batch": 4, "generations": 2, "epochs": 1, "learning_rate": 1e-3, "max_response": 8},
        },
        evaluate=[JUDGED_AS_POLICY],
    )
    labelled = rows(folder / "iteration-1" / "labels")
    assert labelled
    assert all(0.5 <= row["probability"] <= 1 for row in labelled)
    assert (folder / "iteration-1" / "reward-model" / "model" / "model.safetensors").exists()
    assert said(folder, "win-rate") == {"M0", "M1", "M2"}
