"""Checkpoints of every method, asked through judgebench and merged; where the rewards of RL come from."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from loops_training_kit import QUESTIONS, RL, difference, job, rewarded, row, train, weights

from judgebench import ConfigError, Message, Reward, SequenceScore
from judgebench.testing.opened import no_secret

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")]
pytest.importorskip("trl", reason="needs torch, transformers and trl")

METHODS = ("sft", "dpo", "reward", "rloo", "grpo")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a chat template."""
    from hf_kit import tiny_model

    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


def asked(folder: Path, method: str) -> list[float]:
    """Scores of two answers by the model in a folder, through the backend that asks such a model."""
    from judgebench_hf.backend import HuggingFace
    from judgebench_hf.reward import HuggingFaceReward

    kind, request = (HuggingFaceReward, Reward) if method == "reward" else (HuggingFace, SequenceScore)

    async def scores() -> list[float]:
        async with kind(model=str(folder), device="cpu", threads=1).open(no_secret) as session:
            requests = [request((Message("user", QUESTIONS[0]),), text) for text in ("Paris.", "the lazy dog")]
            return [
                one.score for one in await asyncio.gather(*map(session.complete, requests)) if one.score is not None
            ]

    return asyncio.run(scores())


@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("method", METHODS)
def test_checkpoints_are_asked_and_merged(tiny: Path, tmp_path: Path, method: str, rank: int) -> None:
    from judgebench_loops.training.job import Merge
    from judgebench_loops.training.merging import merge
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

    one = job(tmp_path, tiny, method, max_steps=3, save_every=1, lora_rank=rank, **rewarded(method))
    checkpoints = train(one)
    assert [checkpoint.step for checkpoint in checkpoints] == [1, 2, 3]
    first, last = (asked(checkpoints[k].folder, method) for k in (0, -1))
    assert len(last) == 2
    assert first != last  # it goes on learning
    out = tmp_path / "merged"
    merge(Merge(checkpoints[-1].folder, str(tiny), out))
    assert asked(out, method) == pytest.approx(last, rel=1e-4, abs=1e-3)
    kind: Any = AutoModelForSequenceClassification if method == "reward" else AutoModelForCausalLM
    model = kind.from_pretrained(out)
    assert model.dtype == kind.from_pretrained(tiny, **({"num_labels": 1} if method == "reward" else {})).dtype
    assert AutoTokenizer.from_pretrained(out).chat_template == AutoTokenizer.from_pretrained(tiny).chat_template
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    merge(Merge(checkpoints[-1].folder, str(tiny), out))
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    with pytest.raises(ConfigError, match="not of this checkpoint"):
        merge(Merge(checkpoints[0].folder, str(tiny), out))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "merged", "out"]


def test_a_base_in_half_precision_stays_so(tiny: Path, tmp_path: Path) -> None:
    import torch
    from hf_kit import save
    from judgebench_loops.training.job import Merge
    from judgebench_loops.training.merging import merge
    from transformers import AutoModelForCausalLM

    half = tmp_path / "half"
    save(AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.bfloat16), half)
    for rank in (0, 4):
        folder = tmp_path / str(rank)
        (checkpoint,) = train(job(folder, half, "sft", max_steps=1, lora_rank=rank, precision="bfloat16"))
        assert {one.dtype for one in weights(checkpoint.folder).values()} == {torch.float32}
        merge(Merge(checkpoint.folder, str(half), folder / "merged"))
        assert {one.dtype for one in weights(folder / "merged").values()} == {torch.bfloat16}


def test_what_is_finished_is_not_done_again(tiny: Path, tmp_path: Path) -> None:
    from judgebench_loops.training import finished

    one = job(tmp_path, tiny, "dpo", max_steps=2, save_every=1)
    found = train(one)
    files = {path: path.stat().st_mtime_ns for path in one.out.rglob("*") if path.is_file() and path.name != ".lock"}
    assert not any(path.name in ("optimizer.pt", "scheduler.pt") for path in files)
    assert train(one) == found == finished.checkpoints(one.out)
    after = {path: path.stat().st_mtime_ns for path in one.out.rglob("*") if path.is_file() and path.name != ".lock"}
    assert {path: time for path, time in after.items() if path.name != "job.json"} == {
        path: time for path, time in files.items() if path.name != "job.json"
    }
    log = [json.loads(line) for line in (one.out / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in log if "loss" in entry] == [1, 2]
    assert {"rewards/margins", "logps/chosen", "learning_rate", "grad_norm"} <= log[0].keys()


def test_a_checkpoint_at_each_epochs_end(tiny: Path, tmp_path: Path) -> None:
    found = train(job(tmp_path, tiny, "sft", count=6, epochs=2.5))
    assert [checkpoint.step for checkpoint in found] == [3, 6, 8]


@pytest.fixture(scope="module")
def reward_folder(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model, trained for three steps."""
    one = job(tmp_path_factory.mktemp("reward"), tiny, "reward", max_steps=3, save_every=3)
    folder: Path = train(one)[-1].folder
    return folder


def test_rl_by_a_reward_model(tiny: Path, tmp_path: Path, reward_folder: Path) -> None:
    from judgebench_loops.training import work
    from judgebench_loops.training.reward_source import Reward as Source

    one = job(tmp_path, tiny, "rloo", reward=Source(model=str(reward_folder)), max_steps=2, save_every=1, **RL)
    assert [found.step for found in train(one)] == [1, 2]
    trainer, _ = work.prepared(job(tmp_path / "b", tiny, "rloo", reward=one.reward, max_steps=1, **RL))
    trainer.train()
    texts = [completion[0]["content"] for completion in trainer._logs["completion"]]
    prompts = [prompt[0]["content"] for prompt in trainer._logs["prompt"]]
    (name,) = trainer._logs["rewards"]
    expected = alone(reward_folder, list(zip(prompts, texts, strict=True)))
    assert list(trainer._logs["rewards"][name]) == pytest.approx(expected, rel=1e-3, abs=1e-3)
    log = [json.loads(line) for line in (one.out / "log.jsonl").read_text().splitlines()]
    assert {"reward", "kl", "completions/mean_length"} <= log[0].keys()


def alone(folder: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
    from judgebench_hf.reward import HuggingFaceReward

    async def scores() -> list[float]:
        async with HuggingFaceReward(model=str(folder), device="cpu", threads=1).open(no_secret) as session:
            requests = [Reward((Message("user", prompt),), text) for prompt, text in pairs]
            return [
                one.score for one in await asyncio.gather(*map(session.complete, requests)) if one.score is not None
            ]

    return asyncio.run(scores())


def test_rl_by_a_judge(tiny: Path, tmp_path: Path) -> None:
    from judgebench_loops.training import finished
    from judgebench_loops.training.reward_source import Reward as Source

    judge = {"judge": "expected-score", "model": "judge", "most": 9, "normalise": True}
    source = Source(judge=judge, models={"judge": {"backend": "hf", "model": str(tiny), "device": "cpu"}})
    one = job(tmp_path, tiny, "rloo", reward=source, max_steps=2, save_every=1, **RL)
    assert [found.step for found in train(one)] == [1, 2]
    log = [json.loads(line) for line in (one.out / "log.jsonl").read_text().splitlines()]
    assert [entry["rewards/missed"] for entry in log[:2]] == [0.0, 0.0]
    assert (finished.facts(one.out) or {})["missed"] == 0
    assert all(-1 <= entry["reward"] <= 1 and entry["reward_std"] > 0 for entry in log[:2])
    records = list((one.out / "rewards").glob("*/record.jsonl"))
    assert len(records) == 2  # a run for each batch
    assert all(record.read_text().count('"line":"verdict"') == 4 for record in records)


def test_a_preference_row_without_its_probability_is_hard(tiny: Path, tmp_path: Path) -> None:
    from loops_training_kit import write

    soft = [row("reward", number, probability=1.0) for number in range(4)]
    hard = [{key: value for key, value in line.items() if key != "probability"} for line in soft]
    found = [
        train(job(tmp_path / name, tiny, "reward", data=write(tmp_path / name / "rows", lines), max_steps=2))
        for name, lines in (("soft", soft), ("hard", hard))
    ]
    assert difference(found[0][-1].folder, found[1][-1].folder) == 0.0
