"""Settings, presets, jobs as JSON, rows and what a child process says, without torch."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from judgebench_loops.training import finished, process, rows
from judgebench_loops.training.arguments import arguments, dropout, dropouts, schedule
from judgebench_loops.training.job import Job, Merge, as_json, from_json, identity
from judgebench_loops.training.reward_source import Reward, imported
from judgebench_loops.training.settings import PRESETS, Training, steps
from loops_training_kit import job, row, write
from loops_training_kit import rows as made

from judgebench import ConfigError, DataError, JudgebenchError, build


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_settings(name: str) -> None:
    built = build(Training, dict(PRESETS[name]), name)
    assert steps(built, 10_000) >= 1


def test_presets_have_the_papers_numbers() -> None:
    sft = Training(**PRESETS["self-rewarding-sft"])
    assert sft.learning_rate * (sft.final_lr_ratio or 0) == pytest.approx(1.1e-6)
    dpo = Training(**PRESETS["self-rewarding-dpo"])
    assert dpo.learning_rate * (dpo.final_lr_ratio or 0) == pytest.approx(1e-7)
    released = Training(**PRESETS["self-taught-released-dpo"])
    assert released.learning_rate * (released.final_lr_ratio or 0) == pytest.approx(1.1e-6)
    assert (released.beta, released.nll, released.seed) == (0.1, 1.5, 2)
    assert steps(Training(**PRESETS["meta-rewarding-dpo"]), 320) == 100
    assert Training(**PRESETS["rlaif-rl"]).kl == pytest.approx(0.05 / 0.95)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"batch": 6, "per_device_batch": 4}, "no multiple"),
        ({"method": "rloo", "batch": 9, "generations": 2}, "does not hold"),
        ({"scheduler": "constant", "final_lr_ratio": 0.1}, "has no final_lr_ratio"),
        ({"scheduler": "linear", "final_lr_ratio": 1.5}, "cannot rise"),
        ({"method": "dpo", "beta": 0.0}, "learns nothing"),
    ],
)
def test_contradictions_are_refused(more: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        Training(**{"method": "sft", **more})
    assert raised.value.hint


@pytest.mark.parametrize("more", [{"dropout": 1.0}, {"epochs": 0.0}, {"lora_rank": -1}, {"beta": 1.0}, {"what": 1}])
def test_wrong_values_are_refused_where_options_are_read(more: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError):
        build(Training, {"method": "dpo", **more}, "train.dpo")


@pytest.mark.parametrize(
    ("given", "count", "expected"),
    [
        ({"batch": 4, "per_device_batch": 2}, 8, 2),
        ({"batch": 4, "per_device_batch": 2}, 9, 3),  # the last step is of one row
        ({"batch": 4, "per_device_batch": 2, "epochs": 1.5}, 8, 3),
        ({"batch": 4, "per_device_batch": 2, "epochs": 2.3}, 9, 7),
        ({"batch": 16, "max_steps": 7}, 3, 7),
        ({"method": "rloo", "batch": 8, "generations": 4}, 5, 2),  # two prompts a step, one is left over
        ({"method": "rloo", "batch": 8, "generations": 4, "epochs": 2.5}, 5, 5),
    ],
)
def test_steps(given: Mapping[str, Any], count: int, expected: int) -> None:
    assert steps(Training(**{"method": "sft", **given}), count) == expected


@pytest.mark.parametrize(("given", "count"), [({"method": "sft"}, 0), ({"method": "grpo", "batch": 8}, 3)])
def test_too_few_rows_take_no_step(given: Mapping[str, Any], count: int) -> None:
    with pytest.raises(ConfigError, match="are needed"):
        steps(Training(**given), count)


def test_rows_at_once() -> None:
    assert [Training("sft", batch=n).rows_at_once for n in (1, 2, 3, 6, 16)] == [1, 2, 1, 2, 4]
    assert Training("sft", batch=6, per_device_batch=3).passes == 2


def test_how_the_learning_rate_falls() -> None:
    rising = schedule(Training("sft", learning_rate=2.0, final_lr_ratio=20.0))
    assert rising == {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr_rate": 20.0}}
    falling = schedule(Training("sft", learning_rate=2.0, scheduler="linear", final_lr_ratio=0.25))
    assert falling["lr_scheduler_kwargs"] == {"lr_end": 0.5, "power": 1.0}


def test_dropout_is_the_models_or_the_adapters() -> None:
    class Config:
        attention_dropout = 0.3
        hidden_dropout = None

    brought = dropouts(Config())
    assert brought == ("attention_dropout",)
    whole = Training("dpo", dropout=0.1)
    assert dropout(whole, brought) == {"attention_dropout": 0.1}
    assert arguments(whole, Path("out"), brought)["disable_dropout"] is False
    lora = Training("dpo", dropout=0.1, lora_rank=4)
    assert dropout(lora, brought) == {"attention_dropout": 0.0}
    assert arguments(lora, Path("out"), brought)["disable_dropout"] is True
    assert dropout(Training("sft"), brought) == {"attention_dropout": 0.0}
    with pytest.raises(ConfigError, match="architecture has none"):
        dropout(whole, ())


def test_only_frozen_weights_are_held_in_bfloat16() -> None:
    def held(**more: Any) -> str:
        found = arguments(Training("sft", **more), Path("out"), ())["model_init_kwargs"]["dtype"]
        assert isinstance(found, str)
        return found

    assert held(precision="bfloat16") == held(lora_rank=4) == "float32"
    assert held(precision="bfloat16", lora_rank=4) == "bfloat16"


def test_jobs_survive_json(tmp_path: Path) -> None:
    reward = Reward(judge={"judge": "expected-score", "model": "m"}, models={"m": "hf:x"})
    jobs = [
        job(tmp_path / "a", Path("model"), "dpo", reference="other", nll=0.5),
        job(tmp_path / "b", Path("model"), "rloo", reward=reward, max_response=8),
    ]
    for one in jobs:
        again = from_json(as_json(one))
        assert isinstance(again, Job)
        assert as_json(again) == as_json(one)
        assert again.settings == one.settings
        assert again.reward == one.reward
    merge = Merge(Path("a"), "b", Path("c"))
    assert from_json(as_json(merge)) == merge
    for text in (b"{", b"{}", b"[]", b'{"task": "train", "of": {"settings": {"method": "magic"}}}'):
        with pytest.raises(DataError, match="this is no job"):
            from_json(text)


def test_what_a_method_has_no_use_for_is_refused(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    with pytest.raises(ConfigError, match="needs a reward"):
        Job(Training("rloo"), "m", data, out)
    with pytest.raises(ConfigError, match="no use for a reward"):
        Job(Training("sft"), "m", data, out, reward=Reward(model="r"))
    with pytest.raises(ConfigError, match="no other reference"):
        Job(Training("sft"), "m", data, out, reference="r")


def test_a_reward_is_said_once() -> None:
    for given in ({}, {"model": "a", "function": "b:c"}):
        with pytest.raises(ConfigError, match="the reward is said by"):
            Reward(**given)


def test_functions_are_imported() -> None:
    assert imported("json:dumps") is json.dumps
    for path in ("nowhere:f", "json:nothing", "json", "json:__name__"):
        with pytest.raises(ConfigError, match="reward function"):
            imported(path)


def test_a_training_is_told_by_its_rows_and_settings_not_by_its_place(tmp_path: Path) -> None:
    one = job(tmp_path / "a", Path("OWNER/NAME"), "sft")
    assert identity(one) == identity(job(tmp_path / "b", Path("OWNER/NAME"), "sft"))
    assert identity(one) != identity(job(tmp_path / "c", Path("OWNER/NAME"), "sft", count=3))
    assert identity(one) != identity(job(tmp_path / "d", Path("OWNER/NAME"), "sft", seed=4))
    finished.begin(one.out, identity(one))
    assert finished.is_same(one.out, json.loads(json.dumps(identity(one))))
    assert not finished.is_same(one.out, {**identity(one), "model": "OTHER/NAME"})


def test_marks_appear_whole(tmp_path: Path) -> None:
    assert finished.checkpoints(tmp_path) is None
    finished.end(tmp_path, [2, 10], {"rows": 3})
    found = finished.checkpoints(tmp_path)
    assert found == tuple(finished.Checkpoint(step, tmp_path / f"checkpoint-{step}") for step in (2, 10))
    assert [path.name for path in tmp_path.iterdir()] == [finished.DONE]
    (tmp_path / finished.DONE).write_text("{")
    with pytest.raises(DataError):
        finished.checkpoints(tmp_path)


@pytest.mark.parametrize("method", ["sft", "dpo", "reward", "rloo"])
def test_rows_keep_what_the_trainer_takes(tmp_path: Path, method: str) -> None:
    lines = [{**line, "images": [], "tools": "[]", "margin": 2.0, "labels": [1]} for line in made(method)]
    found = rows.read(write(tmp_path, lines), method)
    wanted = {*rows.COLUMNS[method]} | ({rows.SOFT} if method == "reward" else set())
    assert all(set(line) == wanted for line in found)
    assert [line["prompt"] for line in found] == [line["prompt"] for line in lines]


def test_rows_of_parquet_and_of_a_file_are_the_same(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    lines = made("reward")
    folder = write(tmp_path / "a", lines)
    table = tmp_path / "b" / "train.parquet"
    table.parent.mkdir()
    parquet.write_table(pyarrow.Table.from_pylist(lines), table)
    found = rows.read(folder, "reward")
    assert found == rows.read(folder / "train.jsonl", "reward") == rows.read(table.parent, "reward")
    assert [line["probability"] for line in found] == [1.0, 0.9, 0.8, 0.7]


def test_a_hard_label_is_certain(tmp_path: Path) -> None:
    line = row("reward", 0)
    del line["probability"]
    assert rows.read(write(tmp_path, [line]), "reward")[0]["probability"] == 1.0


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("sft", {"completion": "a text"}),
        ("sft", {"prompt": []}),
        ("dpo", {"rejected": [{"role": "assistant"}]}),
        ("reward", {"probability": 1.5}),
        ("reward", {"probability": True}),
        ("reward", {"probability": "0.5"}),
    ],
)
def test_wrong_rows_are_named(tmp_path: Path, method: str, more: Mapping[str, Any]) -> None:
    with pytest.raises(DataError, match="row 2") as raised:
        rows.read(write(tmp_path, [row(method, 0), {**row(method, 1), **more}]), method)
    assert raised.value.hint


def test_files_that_are_no_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no rows"):
        rows.read(tmp_path, "sft")
    for text in ("", "{", "[]\n"):
        (tmp_path / "train.jsonl").write_text(text)
        with pytest.raises(DataError):
            rows.read(tmp_path, "sft")
    (tmp_path / "train.jsonl").unlink()
    (tmp_path / "train.parquet").write_text("no table")
    with pytest.raises(DataError):
        rows.read(tmp_path, "sft")


def test_a_child_that_fails_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "train.log"
    log.parent.mkdir()
    log.write_text("error: of an earlier process\nhint: none\n")
    with pytest.raises(JudgebenchError, match="this is no job") as raised:
        process.carry_out(b"{}", tmp_path / "out", log)
    assert str(log) in raised.value.hint
    assert "earlier" not in raised.value.message
    assert log.read_text().startswith("error: of an earlier process")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("code", "said", "message", "hint"),
    [
        (1, "Traceback\nValueError: too bad\n", "ValueError: too bad", "see"),
        (1, "", "it said nothing", "see"),
        (2, "warning: x\nerror: no template\nhint: give one\n", "no template", "give one; see"),
        (-9, "", "ended by SIGKILL", "memory"),
        (-15, "", "ended by SIGTERM", "see"),
    ],
)
def test_last_words(tmp_path: Path, code: int, said: str, message: str, hint: str) -> None:
    log = tmp_path / "log"
    log.write_text("before\n" + said)
    error = process._failure(code, log, len("before\n"))
    assert message in error.message
    assert hint in error.hint
    assert str(log) in error.hint


def test_the_child_has_what_the_environment_does_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert process._environment()["GOMP_SPINCOUNT"] == "1000"
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    assert process._environment()["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    assert "GOMP_SPINCOUNT" not in process._environment()


def test_the_module_says_how_it_is_called() -> None:
    done = subprocess.run([sys.executable, "-m", process.MODULE], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage:" in done.stderr
