"""A run as a user makes it: a command, local models as policy and judge, and the same command again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hf_kit import save, tiny_config, tiny_model

pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch


def judgebench(*arguments: str, where: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "judgebench"), *arguments]
    environment = {**os.environ, "JUDGEBENCH_CACHE": str(where / "cache"), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import LlamaForSequenceClassification

    where = tmp_path_factory.mktemp("run")
    save(LlamaForSequenceClassification(tiny_config(num_labels=1, max_position_embeddings=4096)), where / "reward")
    for seed, name in enumerate(("step-1", "step-2", "judge")):
        tiny_model(where / name, seed, max_position_embeddings=4096)
    return where


def run(models: Path) -> "subprocess.CompletedProcess[str]":
    policies = ["--policy", "a=hf:step-1,max_tokens=8,batch=4", "--policy", "b=hf:step-2,max_tokens=8"]
    judges = ["--judge", "logprob@hf:judge,device=cpu", "--judge", "reward-model@hf-reward:reward"]
    return judgebench("run", "starter", *policies, *judges, "--limit=2", "--out=out", "--seed=3", where=models)


def test_a_run_with_local_models_is_continued_without_a_call(models: Path) -> None:
    done = run(models)
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    assert told[-2].startswith("done: 18 calls")  # 4 answers, 8 verdicts in two orders, 6 rewards
    assert all(
        line.startswith(("done", "board", "a:", "b:", "logprob", "reward")) or "planned" in line for line in told
    )
    again = run(models)
    assert again.returncode == 0, again.stderr
    assert again.stderr.splitlines()[-2].startswith("done: 0 calls")
    assert again.stdout == done.stdout
    board: dict[str, Any] = json.loads((models / "out" / "board.json").read_text())
    assert {"a", "b"} <= {row["subject"] for row in board["estimates"]}


def test_what_cannot_work_is_said_before_anything_is_loaded(models: Path) -> None:
    done = judgebench("run", "starter", "--policy", "hf:step-1", "--judge", "reward-model@hf:judge", where=models)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (models / "broken").mkdir(exist_ok=True)
    (models / "broken" / "config.json").write_text("{}")
    done = judgebench("run", "starter", "--policy", "hf:broken", "--judge", "logprob@hf:judge", where=models)
    assert done.returncode == 4, done.stderr
    assert "holds no weights" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2
