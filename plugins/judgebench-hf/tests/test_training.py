"""Checkpoints of short real trainings: measured, killed between two of them and continued; a DPO pair as a judge."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hf_kit import CHATML, save, tiny_model, tiny_tokenizer
from judgebench_hf.backend import HuggingFace

from judgebench import Message, SequenceScore
from judgebench.testing.opened import no_secret

pytestmark = pytest.mark.torch
pytest.importorskip("trl", reason="needs torch, transformers and trl")

QUESTIONS = ("What is the capital of France?", "Pick one: A or B?", "Who jumps over the dog?", "Count: 0 1 2")
ANSWERS = ("Paris is its name.", "Yes, B.", "the quick brown fox jumps.", "3456789")
SETTINGS = {
    "per_device_train_batch_size": 2,
    "learning_rate": 2e-3,
    "max_length": 64,
    "save_only_model": True,
    "report_to": [],
    "use_cpu": True,
    "bf16": False,
    "gradient_checkpointing": False,
    "disable_tqdm": True,
    "logging_strategy": "no",
    "seed": 3,
}


def quietly(train: Any) -> None:
    """The trainers warn of what is no matter here: a padding token that they set, a cache that they switch off."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        train()


@pytest.fixture(scope="module")
def ckpts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with checkpoint-2, -4 and -12 of a supervised fine-tuning, and the model that it began with."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    folder = tmp_path_factory.mktemp("training")
    base = tiny_model(folder / "base", seed=1)
    rows = [
        {"prompt": [{"role": "user", "content": q}], "completion": [{"role": "assistant", "content": a}]}
        for q, a in zip(QUESTIONS, ANSWERS, strict=True)
    ]

    def train() -> None:
        settings = SFTConfig(output_dir=str(folder / "ckpts"), max_steps=12, save_steps=2, **SETTINGS)
        tokenizer = tiny_tokenizer()
        trainer = SFTTrainer(
            model=str(base), args=settings, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
        )
        trainer.train()

    quietly(train)
    for step in (6, 8, 10):
        (folder / "ckpts" / f"checkpoint-{step}").rename(folder / f"other-{step}")
    return folder


def command(folder: Path, out: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--limit", "6", "--out", str(out), "--quiet"),
        *("--policy", f"hf:{folder}/ckpts/checkpoint-*,device=cpu,threads=1,max_tokens=24,batch=2"),
        *("--judge", 'v=verdict@scripted,replies=["[[A]]", "[[B]]"]'),
        *("--judge", f"self=logprob@hf:{folder}/ckpts/checkpoint-*,device=cpu,threads=1,batch=2,sees=pairs"),
    ]


def lines(out: Path, kind: str) -> int:
    record = out / "record.jsonl"
    return record.read_text(errors="replace").count(f'"line":"{kind}"') if record.exists() else 0


def test_three_checkpoints_are_killed_between_two_continued_and_told_apart(ckpts: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(command(ckpts, whole), check=True, capture_output=True)
    process = subprocess.Popen(command(ckpts, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while lines(killed, "answer") < 6:  # the first checkpoint has answered all, the second is not loaded yet
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert lines(killed, "answer") < 18
    subprocess.run(command(ckpts, killed), check=True, capture_output=True)
    for name in ("board.json", "board.md", "trajectory.md", "trajectory.svg"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
    board = json.loads((whole / "board.json").read_text())
    names = ["checkpoint-2", "checkpoint-4", "checkpoint-12"]
    assert [one["subjects"] for one in board["series"] if one["kind"] == "policy"] == [names]
    said = subprocess.run(
        [
            *(sys.executable, "-m", "judgebench.cli.main", "compare", str(whole)),
            *("--a", "checkpoint-12", "--b", "checkpoint-2", "--measure", "win-rate"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "checkpoint-12" in said
    assert "6 items" in said


def test_a_trained_dpo_pair_scores_as_transformers_does(ckpts: Path, tmp_path: Path) -> None:
    import asyncio

    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl import DPOConfig, DPOTrainer

    base = ckpts / "base"
    rows = [
        {
            "prompt": [{"role": "user", "content": q}],
            "chosen": [{"role": "assistant", "content": a}],
            "rejected": [{"role": "assistant", "content": a[::-1]}],
        }
        for q, a in zip(QUESTIONS, ANSWERS, strict=True)
    ]

    def train() -> None:
        settings = DPOConfig(output_dir=str(tmp_path), max_steps=6, save_strategy="no", beta=0.1, **SETTINGS)
        trainer = DPOTrainer(
            model=str(base), args=settings, train_dataset=Dataset.from_list(rows), processing_class=tiny_tokenizer()
        )
        trainer.train()
        save(trainer.model, tmp_path / "dpo", CHATML)

    quietly(train)
    asked = [
        SequenceScore((Message("user", row["prompt"][0]["content"]),), row[which][0]["content"])
        for row in rows
        for which in ("chosen", "rejected")
    ]

    async def scores(folder: Path) -> list[float]:
        async with HuggingFace(model=str(folder), device="cpu", threads=1, batch=4).open(no_secret) as session:
            return [one.score for one in await asyncio.gather(*map(session.complete, asked)) if one.score is not None]

    def naive(folder: Path) -> list[float]:
        model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), tiny_tokenizer()
        found = []
        for request in asked:
            turns = [{"role": m.role, "content": m.content} for m in request.messages]
            prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
            turns.append({"role": "assistant", "content": request.response})
            ids = tokenizer.apply_chat_template(turns, return_dict=False)
            with torch.no_grad():
                values = model(torch.tensor([ids])).logits[0].log_softmax(-1)
            found.append(sum(float(values[k - 1, ids[k]]) for k in range(len(prompt), len(ids))))
        return found

    policy, reference = asyncio.run(scores(tmp_path / "dpo")), asyncio.run(scores(base))
    assert policy == pytest.approx(naive(tmp_path / "dpo"), abs=1e-4, rel=1e-6)
    assert reference == pytest.approx(naive(base), abs=1e-4, rel=1e-6)
    implied = [0.1 * (mine - theirs) for mine, theirs in zip(policy, reference, strict=True)]
    expected = [0.1 * (a - b) for a, b in zip(naive(tmp_path / "dpo"), naive(base), strict=True)]
    assert implied == pytest.approx(expected, abs=1e-5)
    better, worse = implied[::2], implied[1::2]
    assert all(good > bad for good, bad in zip(better, worse, strict=True))  # it was trained to
