"""Trainings that were cut off and are continued: they end as if they had not been."""

import json
from pathlib import Path
from typing import Any

import pytest
from loops_training_kit import difference, job, rewarded, train

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")]
pytest.importorskip("trl", reason="needs torch, transformers and trl")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a chat template."""
    from hf_kit import tiny_model

    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


class Cut(Exception):
    """A training is cut off."""


def cut_off(one: Any, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train until a step has been taken and not been saved."""
    from judgebench_loops.training import work
    from transformers import TrainerCallback

    class Cutting(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == step:
                raise Cut

    def prepared(*args: Any) -> Any:
        trainer, facts = plain(*args)
        trainer.add_callback(Cutting())
        return trainer, facts

    plain = work.prepared
    with monkeypatch.context() as patch:
        patch.setattr(work, "prepared", prepared)
        with pytest.raises(Cut):
            train(one)


@pytest.mark.parametrize(("method", "rank"), [("sft", 0), ("dpo", 4), ("reward", 4), ("rloo", 4), ("grpo", 0)])
def test_a_training_that_is_continued_ends_as_one_that_was_not_cut_off(
    tiny: Path, tmp_path: Path, method: str, rank: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another epoch than it was cut off in, with dropout and a falling learning rate: to the bit."""
    more = {"count": 6, "epochs": 3.0, "save_every": 2, "scheduler": "cosine", "dropout": 0.1, "lora_rank": rank}
    more |= rewarded(method)
    whole = train(job(tmp_path / "whole", tiny, method, **more))
    one = job(tmp_path / "cut", tiny, method, **more)
    cut_off(one, 6, monkeypatch)
    assert sorted(path.name for path in one.out.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    with (one.out / "checkpoint-4" / "optimizer.pt").open("r+b") as file:
        file.truncate(1000)
    continued = train(one)
    assert [found.step for found in continued] == [found.step for found in whole]
    assert len(continued) >= 3
    for a, b in zip(whole, continued, strict=True):
        assert difference(a.folder, b.folder) == 0.0
    assert not list(one.out.glob("torn-*"))
    logs = [
        [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        for out in (whole[0].folder.parent, one.out)
    ]
    losses = [[entry["loss"] for entry in log if "loss" in entry] for log in logs]
    assert losses[0] == losses[1]


@pytest.mark.parametrize("damage", ["state", "weights", "optimizer", "chance", "step"])
def test_what_is_half_written_is_put_aside(tiny: Path, tmp_path: Path, damage: str) -> None:
    from judgebench_loops.training import checkpoints

    one = job(tmp_path, tiny, "sft", max_steps=2, save_every=1, keep_optimizer=True)
    first, last = train(one)
    assert checkpoints.last_whole(one.out) == last.folder
    state = last.folder / "trainer_state.json"
    match damage:
        case "state":
            state.write_text(state.read_text()[:50])
        case "weights":
            path = last.folder / "model.safetensors"
            path.write_bytes(path.read_bytes()[:-10])
        case "optimizer":
            path = last.folder / "optimizer.pt"
            path.write_bytes(path.read_bytes()[:-10])
        case "chance":
            (last.folder / "rng_state.pth").unlink()
        case "step":
            state.write_text(state.read_text().replace('"global_step": 2', '"global_step": 1'))
    assert checkpoints.last_whole(one.out) == first.folder
    assert (one.out / "torn-checkpoint-2").is_dir()
    assert checkpoints.steps(one.out) == [1]
