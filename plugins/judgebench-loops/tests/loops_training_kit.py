"""Tiny models, rows and jobs for trainings of a few steps."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench_loops.training.job import Job
from judgebench_loops.training.reward_source import Reward
from judgebench_loops.training.settings import Training

HF_TESTS = Path(__file__).parents[2] / "judgebench-hf" / "tests"
if str(HF_TESTS) not in sys.path:
    sys.path.append(str(HF_TESTS))

QUESTIONS = ("What is the capital of France?", "Pick one: A or B?", "Who jumps over the dog?", "Count: 0 1 2")
ANSWERS = ("Paris is its name.", "Yes, B.", "the quick brown fox jumps.", "3456789")
FAST = {"learning_rate": 2e-3, "batch": 2, "per_device_batch": 2, "max_length": 64, "scheduler": "constant", "seed": 3}
RL = {"batch": 4, "per_device_batch": 2, "max_response": 8, "learning_rate": 1e-3}


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
    card = (
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: train.jsonl\n---\n# rows\n"
    )
    (folder / "README.md").write_text(card)
    return folder


def job(folder: Path, model: Path, method: str, count: int = 4, **more: Any) -> Job:
    """A job of a few fast steps in a folder; `more` are options of the job or of its settings."""
    given = {name: more.pop(name) for name in ("reward", "reference") if name in more}
    data = more.pop("data", None) or write(folder / "data", rows(method, count))
    settings = Training(**{"method": method, **FAST, **more})  # type: ignore[arg-type]
    return Job(settings=settings, model=model, data=data, out=folder / "out", **given)


def of_length(prompts: Sequence[Any], completions: Sequence[str]) -> list[float | None]:
    """A reward: the characters of each response."""
    return [float(len(text)) for text in completions]


def rewarded(method: str) -> dict[str, Any]:
    """What RL needs beside, so that it takes fast steps; nothing for other methods."""
    if method not in ("rloo", "grpo"):
        return {}
    return {"reward": Reward(function=f"{__name__}:of_length"), **RL}


def train(job: Job) -> tuple[Any, ...]:
    """Train in this process; its checkpoints. What the libraries warn of is no matter here."""
    import warnings

    from judgebench_loops.training import finished, work

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work.train(job)
    return finished.checkpoints(job.out) or ()


def prepared(job: Job, scorer: Any = None) -> Any:
    """The trainer of a job, ready to train."""
    import warnings

    from judgebench_loops.training import work

    job.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work.prepared(job, scorer)[0]


def trained(trainer: Any) -> Any:
    """The trainer, after its training."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.train()
    return trainer


def weights(folder: Path) -> dict[str, Any]:
    """The weights in a checkpoint, model's or adapter's."""
    from safetensors.torch import load_file

    (path,) = (*folder.glob("model.safetensors"), *folder.glob("adapter_model.safetensors"))
    found: dict[str, Any] = load_file(path)
    return found


def difference(one: Path, other: Path) -> float:
    """The greatest difference between the weights of two checkpoints."""
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    return max(float((a[name] - b[name]).abs().max()) for name in a)
