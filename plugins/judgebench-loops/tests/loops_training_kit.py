"""Tiny models, rows and jobs for trainings of a few steps."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench_loops.training.job import Job
from judgebench_loops.training.settings import Training

HF_TESTS = Path(__file__).parents[2] / "judgebench-hf" / "tests"
if str(HF_TESTS) not in sys.path:
    sys.path.append(str(HF_TESTS))

QUESTIONS = ("What is the capital of France?", "Pick one: A or B?", "Who jumps over the dog?", "Count: 0 1 2")
ANSWERS = ("Paris is its name.", "Yes, B.", "the quick brown fox jumps.", "3456789")
FAST = {"learning_rate": 2e-3, "batch": 2, "per_device_batch": 2, "max_length": 64, "scheduler": "constant", "seed": 3}


def message(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def said(text: str) -> list[dict[str, str]]:
    return [message("assistant", text)]


def row(method: str, number: int, **more: Any) -> dict[str, Any]:
    """A row as a loop writes it, with the columns that no trainer reads."""
    question, answer = QUESTIONS[number % 4], f"{ANSWERS[number % 4]} {number // 4}" if number > 3 else ANSWERS[number]
    found: dict[str, Any] = {"id": f"r{number}", "prompt": [message("user", question)]}
    if method == "sft":
        found["completion"] = said(answer)
    elif method in ("dpo", "reward"):
        found |= {"chosen": said(answer), "rejected": said(answer[::-1])}
    if method == "reward":
        found["probability"] = 1.0 - 0.1 * (number % 4)
    return {**found, "lineage": '{"iteration": 1}', **more}


def rows(method: str, count: int = 4) -> list[dict[str, Any]]:
    return [row(method, number) for number in range(count)]


def write(folder: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    """A folder of rows, with the card that a loop writes beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: train.jsonl\n---\n# rows\n"
    (folder / "README.md").write_text(card)
    return folder


def job(folder: Path, model: Path, method: str, count: int = 4, **more: Any) -> Job:
    """A job of a few fast steps in a folder; `more` are options of the job or of its settings."""
    given = {name: more.pop(name) for name in ("reward", "reference") if name in more}
    data = more.pop("data", None) or write(folder / "data", rows(method, count))
    settings = Training(**{"method": method, **FAST, **more})  # type: ignore[arg-type]
    return Job(settings=settings, model=model, data=data, out=folder / "out", **given)
