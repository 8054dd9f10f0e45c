import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hf_kit import tiny_config, tiny_model, tiny_tokenizer, user

import judgebench
from judgebench import ConfigError, NextToken, PermanentError
from judgebench.testing.opened import no_secret

pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("trl", reason="needs trl: pip install 'judgebench-hf[train]'")

import peft
import torch
import transformers
import trl
from datasets import Dataset
from judgebench_hf import live, loading
from judgebench_hf.callback import JudgebenchCallback, named

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning"),  # TRL's own settings
]

JUDGE = {"judge": "verdict", "model": "script"}
SCRIPT = {"backend": "scripted", "replies": ["[[A]]", "[[B]]"]}
BENCHMARK: dict[str, Any] = {"benchmark": "starter", "limit": 4, "max_tokens": 6}
JUDGED: dict[str, Any] = {**BENCHMARK, "judges": {"coin": JUDGE}, "models": {"script": SCRIPT}}
ROW = {
    "prompt": [{"role": "user", "content": "say {n}"}],
    "completion": [{"role": "assistant", "content": "it is {n}"}],
}
LORA = peft.LoraConfig(r=4, lora_dropout=0.2, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
Seen = Mapping[str, Any]


@dataclass
class Trained:
    """A training that was carried out, with its run folder."""

    trainer: Any
    run: Path

    @property
    def logged(self) -> dict[int, dict[str, float]]:
        """The figures of each step."""
        rows = [row for row in self.trainer.state.log_history if any("judgebench" in key for key in row)]
        return {row["step"]: {key: row[key] for key in row if "judgebench" in key} for row in rows}

    @property
    def own(self) -> list[dict[str, float]]:
        """What the training says of itself, without clock times."""
        times = ("runtime", "per_second")
        rows = [row for row in self.trainer.state.log_history if not any("judgebench" in key for key in row)]
        return [{key: row[key] for key in row if not any(word in key for word in times)} for row in rows]

    @property
    def board(self) -> Any:
        return json.loads((self.run / "board.json").read_text())

    @property
    def record(self) -> bytes:
        return (self.run / "record.jsonl").read_bytes()

    def answers(self, policy: str) -> dict[str, list[str]]:
        lines = [json.loads(line) for line in self.record.splitlines()]
        mine = [line for line in lines if line["line"] == "answer" and line["policy"].partition("#")[0] == policy]
        return {line["item"]: line["response"]["turns"] for line in mine}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with dropout, which needs chance while it trains."""
    return tiny_model(tmp_path_factory.mktemp("models") / "start", attention_dropout=0.2, max_position_embeddings=4096)


def rows(count: int = 24, **more: str) -> Dataset:
    def filled(n: int) -> dict[str, Any]:
        whole = {**ROW, **{name: [{"role": "assistant", "content": text}] for name, text in more.items()}}
        return {
            name: [{**turn, "content": turn["content"].format(n=n)} for turn in turns] for name, turns in whole.items()
        }

    return Dataset.from_list([filled(n) for n in range(count)])


def settings(kind: type[Any], folder: Path, **changed: Any) -> Any:
    """Six steps, a save every two."""
    usual = {"max_steps": 6, "save_steps": 2, "logging_steps": 1, "per_device_train_batch_size": 2, "seed": 3}
    quiet = {"use_cpu": True, "bf16": False, "report_to": "none", "disable_tqdm": True}
    return kind(output_dir=str(folder), **{**usual, **quiet, "learning_rate": 1e-3, **changed})


def sft(start: Path, folder: Path, peft_config: Any = None, **changed: Any) -> Any:
    return trl.SFTTrainer(
        transformers.AutoModelForCausalLM.from_pretrained(start),
        args=settings(trl.SFTConfig, folder, **changed),
        train_dataset=rows(),
        processing_class=tiny_tokenizer(),
        peft_config=peft_config,
    )


def dpo(start: Path, folder: Path, peft_config: Any = None, **changed: Any) -> Any:
    data = rows(chosen="it is {n}", rejected="who knows").remove_columns("completion")
    return trl.DPOTrainer(
        transformers.AutoModelForCausalLM.from_pretrained(start),
        args=settings(trl.DPOConfig, folder, **changed),
        train_dataset=data,
        processing_class=tiny_tokenizer(),
        peft_config=peft_config,
    )


def trained(trainer: Any, run: Path, resume: str | None = None, **options: Any) -> Trained:
    trainer.add_callback(JudgebenchCallback(trainer, out=run, **{**JUDGED, **options}))
    trainer.train(resume_from_checkpoint=resume)
    return Trained(trainer, run)


class Watch(transformers.TrainerCallback):
    """Keeps how the trainer's model, its tokenizer and all chance are at each save."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer, self.seen = tokenizer, list[Seen]()

    def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self.seen.append(
            {
                "modes": [module.training for module in model.modules()],
                "checkpointing": [getattr(module, "gradient_checkpointing", None) for module in model.modules()],
                "config": model.config.to_dict(),
                "generation": (id(model.generation_config), model.generation_config.to_dict()),
                "buffers": [(id(buffer), buffer.tolist()) for buffer in model.buffers()],
                "gradients": [parameter.requires_grad for parameter in model.parameters()],
                "tokenizer": (self.tokenizer.padding_side, str(self.tokenizer.init_kwargs)),
                "backend": self.tokenizer.backend_tokenizer.to_str(),
                "python": random.getstate(),
                "numpy": str(np.random.get_state()),
                "torch": torch.get_rng_state().tolist(),
            }
        )


@pytest.fixture(scope="module")
def whole(start: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, list[Seen], list[Seen]]:
    """A training with the callback, and what was seen before and after each evaluation."""
    folder = tmp_path_factory.mktemp("whole")
    trainer = sft(start, folder / "model")
    before, after = Watch(trainer.processing_class), Watch(trainer.processing_class)
    trainer.add_callback(before)
    trainer.add_callback(JudgebenchCallback(trainer, out=folder / "run", **JUDGED))
    trainer.add_callback(after)
    trainer.train()
    return Trained(trainer, folder / "run"), before.seen, after.seen


Whole = tuple[Trained, list[Seen], list[Seen]]


def test_the_figures_logged_are_those_of_the_board(whole: Whole) -> None:
    done, _, _ = whole
    assert list(done.logged) == [2, 4, 6]
    assert {"judgebench/win-rate", "judgebench/average-length"} <= done.logged[2].keys()
    for step, logged in done.logged.items():
        expected = {}
        for row in done.board["estimates"]:
            if row["subject"] == f"step-{step}":
                key = f"judgebench/{row['measure']}"
                expected |= {key: row["value"], f"{key}/low": row["low"], f"{key}/high": row["high"]}
        assert {key: logged[key] for key in logged if "against" not in key} == pytest.approx(expected)


def test_the_steps_are_a_series_and_compared_with_the_first(whole: Whole) -> None:
    done, _, _ = whole
    series = [{"name": "step-*", "kind": "policy", "subjects": ["step-2", "step-4", "step-6"]}]
    assert done.board["series"] == series
    (pair,) = [
        row
        for row in done.board["comparisons"]
        if row["measure"] == "win-rate" and {row["a"], row["b"]} == {"step-2", "step-6"}
    ]
    sign = 1 if pair["a"] == "step-6" else -1
    logged = done.logged[6]
    assert logged["judgebench/win-rate/against_first"] == pytest.approx(sign * pair["difference"])
    ends = [logged["judgebench/win-rate/against_first_low"], logged["judgebench/win-rate/against_first_high"]]
    assert ends == pytest.approx(sorted([sign * pair["low"], sign * pair["high"]]))
    assert logged["judgebench/win-rate/against_first"] == pytest.approx(
        logged["judgebench/win-rate"] - done.logged[2]["judgebench/win-rate"]
    )
    assert not any("against" in key for key in done.logged[2])


def test_the_training_is_the_same_to_the_bit(whole: Whole, start: Path, tmp_path: Path) -> None:
    done, _, _ = whole
    plain = sft(start, tmp_path)
    plain.train()
    assert done.own == Trained(plain, tmp_path).own
    assert len({row["loss"] for row in done.own if "loss" in row}) == 6
    for one, other in zip(done.trainer.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_model_tokenizer_and_chance_are_left_as_they_were(whole: Whole) -> None:
    _, before, after = whole
    assert len(before) == 3
    assert before == after
    assert all(before[0]["modes"])
    assert before[0]["generation"][1]["repetition_penalty"] == 5.0


def test_the_answers_are_those_of_the_saved_checkpoint(whole: Whole, tmp_path: Path) -> None:
    done, _, _ = whole
    checkpoint = Path(done.trainer.args.output_dir) / "checkpoint-4"
    policy = {"policy": "chat", "model": f"hf:{checkpoint}", "max_tokens": BENCHMARK["max_tokens"]}
    spec = {"benchmark": "starter", "limit": 4, "policies": {"saved": policy}, "judges": {"coin": JUDGE}}
    judgebench.run({**spec, "models": {"script": SCRIPT}, "out": str(tmp_path)})
    saved = Trained(None, tmp_path).answers("saved")
    assert len(saved) == 4
    assert done.answers("step-4") == saved


def test_the_same_training_again_asks_nothing(whole: Whole, start: Path, tmp_path: Path) -> None:
    done, _, _ = whole
    record, logged = done.record, done.logged
    again = trained(sft(start, tmp_path), done.run)
    assert again.record == record
    assert again.logged[6] == logged[6]


def test_a_continued_training_asks_nothing_again_and_keeps_counting(start: Path, tmp_path: Path) -> None:
    first = trained(sft(start, tmp_path / "model", save_steps=1, max_steps=4), tmp_path / "run", every=2)
    assert list(first.logged) == [2, 4]
    record = first.record
    continued = trained(
        sft(start, tmp_path / "model", save_steps=1, max_steps=4),
        tmp_path / "run",
        resume=str(tmp_path / "model" / "checkpoint-3"),
        every=2,
    )
    assert continued.record == record
    assert continued.logged[4] == first.logged[4]


def test_another_training_in_the_same_folder_is_other_subjects(
    start: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    short = {"max_steps": 2, "save_steps": 1}
    first = trained(sft(start, tmp_path / "one", **short), tmp_path / "run")
    other = trained(sft(start, tmp_path / "two", **short, learning_rate=0.5), tmp_path / "run")
    assert other.logged.keys() == first.logged.keys()
    subjects = {row["subject"] for row in other.board["estimates"] if row["measure"] == "average-length"}
    assert len(subjects) == 4
    lengths = {
        row["value"]
        for row in other.board["estimates"]
        if row["measure"] == "average-length" and "step-2" in row["subject"]
    }
    assert other.logged[2]["judgebench/average-length"] in lengths
    assert not any("against" in key for key in other.logged[2])
    assert "series=" in caplog.text
    apart = trained(sft(start, tmp_path / "three", **short, learning_rate=0.1), tmp_path / "run", series="third-*")
    assert "judgebench/win-rate/against_first" in apart.logged[2]
    assert {"name": "third-*", "kind": "policy", "subjects": ["third-1", "third-2"]} in apart.board["series"]


@pytest.mark.parametrize(("make", "adapter"), [(sft, LORA), (dpo, LORA), (dpo, None)])
def test_adapters_and_preference_optimisation(
    make: Callable[..., Any], adapter: Any, start: Path, tmp_path: Path
) -> None:
    short = {"max_steps": 3, "save_steps": 1, "logging_steps": 3, "learning_rate": 1e-2}
    done = trained(make(start, tmp_path / "model", peft_config=adapter, **short), tmp_path / "run")
    plain = make(start, tmp_path / "plain", peft_config=adapter, **short)
    plain.train()
    assert list(done.logged) == [1, 2, 3]
    assert "judgebench/win-rate/against_first" in done.logged[3]
    assert done.own == Trained(plain, tmp_path).own
    checkpoint = f"hf:{tmp_path / 'model' / 'checkpoint-3'}"
    spec = {"policies": {"saved": {"policy": "chat", "model": checkpoint, "max_tokens": BENCHMARK["max_tokens"]}}}
    spec |= {"benchmark": "starter", "limit": 4, "judges": {"coin": JUDGE}, "models": {"script": SCRIPT}}
    judgebench.run({**spec, "out": str(tmp_path / "saved")})
    assert done.answers("step-3") == Trained(None, tmp_path / "saved").answers("saved")


def test_one_load_answers_and_judges(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    original = loading.ready
    monkeypatch.setattr(loading, "ready", lambda *given: (loads.append(given), original(*given))[1])
    trainer = sft(start, tmp_path / "model", max_steps=2, save_steps=1)
    done = trained(trainer, tmp_path / "run", roles=("policy", "judge"))
    assert len(loads) == 2
    assert {"judgebench/win-rate", "judgebench/accuracy", "judgebench/accuracy/against_first"} <= done.logged[2].keys()
    judge = {"name": "logprob@step-*", "kind": "judge", "subjects": ["logprob@step-1", "logprob@step-2"]}
    assert judge in done.board["series"]
    accuracy = [row for row in done.board["estimates"] if row["measure"] == "accuracy"]
    assert {row["subject"] for row in accuracy} == {"logprob@step-1", "logprob@step-2"}
    assert [row["value"] for row in accuracy if row["subject"] == "logprob@step-2"] == [
        done.logged[2]["judgebench/accuracy"]
    ]


def test_a_judge_alone_needs_no_other(start: Path, tmp_path: Path) -> None:
    trainer = sft(start, tmp_path / "model", max_steps=2)
    done = trained(trainer, tmp_path / "run", roles=("judge",), judges=(), models=None)
    assert "judgebench/accuracy" in done.logged[2]
    assert "judgebench/win-rate" not in done.logged[2]


def test_several_judges_are_named(start: Path, tmp_path: Path) -> None:
    judges = ["coin=verdict@script", "verdict@other"]
    other = {"backend": "scripted", "default": "[[A]]"}
    trainer = sft(start, tmp_path / "model", max_steps=2)
    done = trained(trainer, tmp_path / "run", judges=judges, models={"script": SCRIPT, "other": other})
    assert {"judgebench/win-rate/coin", "judgebench/win-rate/verdict@other/low"} <= done.logged[2].keys()
    assert done.logged[2]["judgebench/win-rate/verdict@other"] == 50.0
    assert "judgebench/win-rate" not in done.logged[2]


def rules(tmp_path: Path) -> dict[str, Any]:
    """A model that cannot be asked."""
    (tmp_path / "rules.jsonl").write_text('{"reply": "wrong key", "error": "permanent"}\n')
    return {"backend": "scripted", "path": str(tmp_path / "rules.jsonl")}


def test_an_error_does_not_end_the_training(start: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trainer = sft(start, tmp_path / "model", max_steps=3, save_steps=1)
    with caplog.at_level(logging.WARNING, logger="judgebench_hf"):
        done = trained(trainer, tmp_path / "run", models={"script": rules(tmp_path)})
    assert trainer.state.global_step == 3
    assert done.logged == {}
    told = [line.getMessage() for line in caplog.records if line.name.startswith("judgebench_hf")]
    assert [text.splitlines()[0] for text in told] == [
        f"no figures at step {n}: scripted: wrong key" for n in (1, 2, 3)
    ]


def test_an_unforeseen_error_is_shown_whole(
    start: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(judgebench, "run", full)
    trainer = sft(start, tmp_path / "model", max_steps=2, save_steps=1)
    assert trained(trainer, tmp_path / "run").logged == {}
    assert trainer.state.global_step == 2
    told = [line for line in caplog.records if line.name.startswith("judgebench_hf")]
    assert [str(line.exc_info[1]) for line in told if line.exc_info] == ["no space left on device"] * 2


def test_strict_lets_an_error_end_the_training(start: Path, tmp_path: Path) -> None:
    trainer = sft(start, tmp_path / "model", max_steps=3, save_steps=1)
    with pytest.raises(PermanentError, match="wrong key"):
        trained(trainer, tmp_path / "run", models={"script": rules(tmp_path)}, strict=True)
    assert trainer.state.global_step == 1
    assert all(module.training for module in trainer.model.modules())


@pytest.fixture(scope="module")
def trainer(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return sft(start, tmp_path_factory.mktemp("trainer"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"every": 0}, "every is 0"),
        ({"roles": ()}, "roles are"),
        ({"roles": ("author",)}, "roles are"),
        ({"series": "step"}, "series is 'step'"),
        ({"judges": ()}, "no judge"),
    ],
)
def test_options_that_cannot_work_are_refused(trainer: Any, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        JudgebenchCallback(trainer, out="run", **{**JUDGED, **changed})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("is_fsdp_enabled", True, "FSDP"),
        ("accelerator.state", SimpleNamespace(deepspeed_plugin=SimpleNamespace(zero_stage=3)), "ZeRO-3"),
        ("processing_class", None, "no tokenizer"),
        ("processing_class.chat_template", None, "no chat template"),
    ],
)
def test_trainers_that_cannot_be_asked_are_refused(
    trainer: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: Any, message: str
) -> None:
    *path, last = name.split(".")
    holder = trainer
    for part in path:
        holder = getattr(holder, part)
    monkeypatch.setattr(holder, last, value)
    with pytest.raises(ConfigError, match=message) as raised:
        JudgebenchCallback(trainer, out="run", **JUDGED)
    assert ("judgebench run --watch" in raised.value.hint) == (message in ("FSDP", "ZeRO-3"))


def test_deepspeed_with_whole_weights_is_taken(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = SimpleNamespace(deepspeed_plugin=SimpleNamespace(zero_stage=2))
    monkeypatch.setattr(trainer.accelerator, "state", plugin)
    JudgebenchCallback(trainer, out="run", **JUDGED)


def test_weights_that_are_divided_at_loading_are_refused(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch import distributed
    from torch.distributed.tensor import distribute_tensor

    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        mesh = distributed.init_device_mesh("cpu", (1,))
        norm = trainer.model.model.norm
        monkeypatch.setitem(norm._parameters, "weight", torch.nn.Parameter(distribute_tensor(norm.weight.data, mesh)))
        with pytest.raises(ConfigError, match="divides it"):
            JudgebenchCallback(trainer, out="run", **JUDGED)
    finally:
        distributed.destroy_process_group()


def test_models_that_cannot_answer_are_refused(start: Path, tmp_path: Path) -> None:
    scores = transformers.AutoModelForSequenceClassification.from_pretrained(start, num_labels=1)
    plain = settings(transformers.TrainingArguments, tmp_path)
    trainer = transformers.Trainer(scores, plain, processing_class=tiny_tokenizer())
    with pytest.raises(ConfigError, match="cannot answer"):
        JudgebenchCallback(trainer, out="run", **JUDGED)
    prompts = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2)
    model = peft.get_peft_model(transformers.AutoModelForCausalLM.from_pretrained(start), prompts)
    trainer = transformers.Trainer(model, plain, processing_class=tiny_tokenizer())
    with pytest.raises(ConfigError, match="PROMPT_TUNING"):
        JudgebenchCallback(trainer, out="run", **JUDGED)


def stretched() -> Any:
    """A model whose rotary embedding changes for a text that is longer than 16 tokens."""
    rope = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 8, "long_factor": [4.0] * 8}
    config = tiny_config(
        rope_parameters={**rope, "original_max_position_embeddings": 16}, max_position_embeddings=256, head_dim=16
    )
    return transformers.LlamaForCausalLM(config)


def test_a_model_is_left_as_it_was_found() -> None:
    model = stretched().train()
    model.model.layers[0].eval()  # one that its owner does not train
    modes, rotary = [module.training for module in model.modules()], model.model.rotary_emb
    held, frequencies = rotary.inv_freq, rotary.inv_freq.clone()
    settings = model.generation_config
    chance = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    with suppress(KeyError), live.as_found(model):
        assert not any(module.training for module in model.modules())
        model.generation_config = None
        model(input_ids=torch.arange(40)[None])
        assert not torch.equal(rotary.inv_freq, frequencies)
        assert random.random() + np.random.rand() + float(torch.rand(1)) > 0
        raise KeyError
    assert [module.training for module in model.modules()] == modes
    assert rotary.inv_freq is held
    assert torch.equal(held, frequencies)
    assert model.generation_config is settings
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == chance


def test_tensors_that_a_model_keeps_can_be_trained_with(tmp_path: Path) -> None:
    trainer = SimpleNamespace(model=stretched().eval(), processing_class=tiny_tokenizer())
    kept = trainer.model.model.rotary_emb

    async def asked() -> None:
        async with live.backend(trainer)(model=str(tmp_path)).open(no_secret) as session:
            await session.complete(NextToken(user("a long text " * 9), ("A", "B")))

    asyncio.run(asked())
    assert not kept.long_inv_freq.is_inference()
    trainer.model.train()(input_ids=torch.arange(40)[None], labels=torch.arange(40)[None]).loss.backward()


def test_what_is_called_as_it_is_written() -> None:
    texts = ["logprob@openai:gpt-4.1", "mine=verdict@script", "length,longer=true"]
    assert named(texts) == {texts[0]: texts[0], "mine": texts[1], texts[2]: texts[2]}
    assert named({"coin": JUDGE}) == {"coin": JUDGE}
