"""Loops with a tiny random model, run from the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from loops_training_kit import HF_TESTS

PROMPTS = ("Who jumps over the dog?", "Count: 0 1 2", "Pick one: A or B?", "What is the capital of France?")
JUDGED_AS_POLICY: dict[str, Any] = {
    "benchmark": "starter",
    "limit": 3,
    "as_policy": {"policy": "chat", "model": "checkpoint", "max_tokens": 8},
    "judges": {"j": {"judge": "verdict", "model": "umpire"}},
    "models": {"umpire": {"backend": "scripted", "replies": ["[[A]]", "[[B]]", "[[C]]"]}},
    "measures": ["win-rate", "average-length"],
}


def tiny(folder: Path) -> Path:
    """The seed model."""
    assert str(HF_TESTS) in sys.path
    from hf_kit import tiny_model

    return tiny_model(folder / "tiny", seed=1)


def loop(system: str, folder: Path, **options: Any) -> Path:
    """Carry a loop out. The loop's folder."""
    prompts = folder / "prompts.jsonl"
    prompts.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in PROMPTS))
    (folder / "alone.jinja").write_text("{{ question }} {{ answers[0] }} Score:")
    (folder / "two.jinja").write_text("{{ answers[0] }} or {{ answers[1] }}? [[A]] or [[B]]")
    pairs = [{"prompt": text, "response_a": "fox", "response_b": "dog", "gold": gold} for text, gold in ("1a", "2b")]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs))
    config = folder / "loop.yaml"
    about = {
        "out": str(folder / "out"),
        "ask": {"device": "cpu", "threads": 1, "batch": 4},
        "prompts": {"path": str(prompts), **options.pop("prompts", {})},
        "iterations": 2,
    }
    config.write_text(yaml.safe_dump({**about, **options}))
    command = [sys.executable, "-m", "judgebench.cli.main", "loop", system, "--config", str(config), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out"


def rows(folder: Path) -> list[dict[str, Any]]:
    """The training rows of a stage, with their lineage as a mapping."""
    found = [json.loads(line) for line in (folder / "data" / "train.jsonl").read_text().splitlines()]
    return [{**row, "lineage": json.loads(row["lineage"])} for row in found]


def said(folder: Path, measure: str) -> set[str]:
    """The checkpoints of which the last evaluation says something by a measure."""
    last = sorted((folder).glob("iteration-*/evaluation/estimates.json"))[-1]
    found = json.loads(last.read_text())
    assert all(row["low"] <= row["value"] <= row["high"] for row in found)
    return {row["subject"] for row in found if row["measure"] == measure}
