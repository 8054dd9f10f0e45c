"""What the trainers learn from: labels, losses, advantages and steps, against computations by hand."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from loops_training_kit import RL, job, message, of_length, prepared, row, said, train, trained, weights, write
from loops_training_kit import rows as made

from judgebench import ConfigError, DataError

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")]
pytest.importorskip("trl", reason="needs torch, transformers and trl")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a chat template."""
    from hf_kit import tiny_model

    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


def token_ids(tokenizer: Any, line: Mapping[str, Any], answer: str) -> tuple[list[int], int]:
    """Ids of prompt and answer, and how many are the prompt's."""
    prompt = tokenizer.apply_chat_template(line["prompt"], add_generation_prompt=True, return_dict=False)
    return tokenizer.apply_chat_template(line["prompt"] + line[answer], return_dict=False), len(prompt)


def token_logprobs(model: Any, ids: Sequence[int], prompt: int) -> list[float]:
    import torch

    with torch.no_grad():
        values = model(input_ids=torch.tensor([ids])).logits[0].float().log_softmax(-1)
    return [float(values[k - 1, ids[k]]) for k in range(prompt, len(ids))]


def plain(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


def logged(trainer: Any, name: str) -> list[float]:
    return [entry[name] for entry in trainer.state.log_history if name in entry]


def test_sft_learns_the_answer_alone(tiny: Path, tmp_path: Path) -> None:
    trainer = prepared(job(tmp_path, tiny, "sft", batch=4, per_device_batch=4, max_steps=1))
    model, tokenizer = plain(tiny)
    (batch,) = list(trainer.get_train_dataloader())
    expected, said_ones = {}, []
    for line in made("sft"):
        ids, prompt = token_ids(tokenizer, line, "completion")
        expected[tuple(ids)] = [-100] * prompt + ids[prompt:]
        said_ones += token_logprobs(model, ids, prompt)
    for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True):
        length = int(mask.sum())
        assert labels[:length].tolist() == expected.pop(tuple(ids[:length].tolist()))
        assert set(labels[length:].tolist()) <= {-100}
    assert not expected
    assert logged(trained(trainer), "loss") == pytest.approx([-sum(said_ones) / len(said_ones)], rel=1e-4)


@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("nll", [0.0, 1.5])
def test_the_first_loss_of_dpo(tiny: Path, tmp_path: Path, rank: int, nll: float) -> None:
    one = job(tmp_path, tiny, "dpo", batch=4, per_device_batch=4, max_steps=1, lora_rank=rank, nll=nll)
    trainer = trained(prepared(one))
    model, tokenizer = plain(tiny)
    chosen = [x for line in made("dpo") for x in token_logprobs(model, *token_ids(tokenizer, line, "chosen"))]
    expected = math.log(2) - nll * sum(chosen) / len(chosen)
    assert logged(trainer, "loss") == pytest.approx([expected], rel=1e-5)
    assert nll or expected == math.log(2)


def test_dpo_is_tied_to_another_reference(tiny: Path, tmp_path: Path) -> None:
    from hf_kit import tiny_model

    other = tiny_model(tmp_path / "other", seed=7)
    one = job(tmp_path, tiny, "dpo", batch=4, per_device_batch=4, max_steps=1, reference=str(other), beta=0.01)
    (model, tokenizer), (reference, _) = plain(tiny), plain(other)

    def ratio(line: Mapping[str, Any], which: str) -> float:
        given = token_ids(tokenizer, line, which)
        return sum(token_logprobs(model, *given)) - sum(token_logprobs(reference, *given))

    differences = [ratio(line, "chosen") - ratio(line, "rejected") for line in made("dpo")]
    expected = sum(math.log1p(math.exp(-0.01 * d)) for d in differences) / 4
    assert logged(trained(prepared(one)), "loss") == pytest.approx([expected], rel=1e-4)


@pytest.mark.parametrize("rank", [0, 4])
def test_soft_labels_of_a_reward_model(tiny: Path, tmp_path: Path, rank: int) -> None:
    import torch

    one = job(tmp_path, tiny, "reward", batch=4, per_device_batch=4, max_steps=1, lora_rank=rank)
    trainer = prepared(one)
    trainer.model.eval()
    _, tokenizer = plain(tiny)

    def score(line: Mapping[str, Any], which: str) -> float:
        ids, _ = token_ids(tokenizer, line, which)
        with torch.no_grad():
            return float(trainer.model(input_ids=torch.tensor([ids])).logits[0, 0])

    losses = []
    for line in made("reward"):
        d, p = score(line, "chosen") - score(line, "rejected"), line["probability"]
        losses.append(p * math.log1p(math.exp(-d)) + (1 - p) * math.log1p(math.exp(d)))
    assert {line["probability"] for line in made("reward")} == {1.0, 0.9, 0.8, 0.7}
    trainer.model.train()
    assert logged(trained(trainer), "loss") == pytest.approx([sum(losses) / 4], rel=1e-5)


def gradients(trainer: Any) -> tuple[float, dict[str, Any]]:
    (batch,) = list(trainer.get_train_dataloader())
    loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    return float(loss), {name: weight.grad for name, weight in trainer.model.named_parameters()}


def test_an_even_label_prefers_neither(tiny: Path, tmp_path: Path) -> None:
    import torch

    even = [row("reward", number, probability=0.5) for number in range(4)]
    turned = [{**line, "chosen": line["rejected"], "rejected": line["chosen"]} for line in even]
    same = [{**line, "rejected": line["chosen"]} for line in even]
    found = []
    for name, lines in (("even", even), ("turned", turned), ("same", same)):
        data = write(tmp_path / name, lines)
        one = job(tmp_path / name, tiny, "reward", batch=4, per_device_batch=4, max_steps=1, data=data)
        found.append(gradients(prepared(one)))
    (loss, given), (turned_loss, turned_given), (same_loss, same_given) = found
    assert loss == pytest.approx(turned_loss, rel=1e-6)
    assert all(torch.allclose(given[name], turned_given[name], atol=1e-6) for name in given)
    assert any(float(one.abs().max()) > 1e-3 for one in given.values())  # it draws the two scores together
    assert same_loss == pytest.approx(math.log(2), rel=1e-6)
    assert all(float(one.abs().max()) < 1e-6 for one in same_given.values())


def constant(prompts: Sequence[Any], completions: Sequence[str]) -> list[float | None]:
    return [0.3] * len(completions)


def reward(name: str) -> Any:
    from judgebench_loops.training.reward_source import Reward

    return Reward(function=f"unused:{name}")


@pytest.mark.parametrize("method", ["rloo", "grpo"])
@pytest.mark.parametrize("rank", [0, 4])
def test_a_constant_reward_teaches_nothing(tiny: Path, tmp_path: Path, method: str, rank: int) -> None:
    import torch

    one = job(tmp_path, tiny, method, reward=reward("constant"), max_steps=2, lora_rank=rank, **RL)
    trainer = prepared(one, constant)
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters()}
    trained(trainer)
    assert list(trainer._logs["advantages"]) == pytest.approx([0.0] * 4, abs=1e-6)
    assert logged(trainer, "reward") == pytest.approx([0.3, 0.3])
    after = dict(trainer.model.named_parameters())
    assert all(torch.allclose(before[name], after[name], atol=1e-7) for name in before)


@pytest.mark.parametrize("method", ["rloo", "grpo"])
def test_advantages_against_the_group(tiny: Path, tmp_path: Path, method: str) -> None:
    one = job(tmp_path, tiny, method, reward=reward("of_length"), max_steps=1, generations=4, beta=0.05, **RL)
    trainer = trained(prepared(one, of_length))
    assert trainer.args.beta == pytest.approx(0.05 / 0.95)
    assert trainer.args.temperature == 0.9
    texts = [completion[0]["content"] for completion in trainer._logs["completion"]]
    values = [float(len(text)) for text in texts]
    assert len(set(values)) > 1
    total = sum(values)  # the first step has no KL yet
    others = [(total - value) / 3 if method == "rloo" else total / 4 for value in values]
    expected = [value - other for value, other in zip(values, others, strict=True)]
    assert list(trainer._logs["advantages"]) == pytest.approx(expected, abs=1e-4)
    assert logged(trainer, "kl") == pytest.approx([0.0], abs=1e-6)


def test_a_response_without_a_reward_is_left_out(tiny: Path, tmp_path: Path) -> None:
    def some(prompts: Sequence[Any], completions: Sequence[str]) -> list[float | None]:
        return [None, 1.0, 4.0, 4.0]

    one = job(tmp_path, tiny, "rloo", reward=reward("some"), max_steps=1, generations=4, **RL)
    trainer = trained(prepared(one, some))
    assert list(trainer._logs["advantages"]) == pytest.approx([0.0, -3.0, 1.5, 1.5])
    assert logged(trainer, "rewards/missed") == [1.0]
    assert logged(trainer, "reward") == pytest.approx([3.0])


def test_kl_is_a_part_of_the_reward(tiny: Path, tmp_path: Path) -> None:
    """After a step the policy is no more the reference: advantages are of r - b KL with KL by hand."""
    one = job(
        tmp_path, tiny, "rloo", reward=reward("of_length"), max_steps=2, generations=4, beta=0.5, save_every=1, **RL
    )
    trainer = trained(prepared(one, of_length))
    (reference, tokenizer), (policy, _) = plain(tiny), plain(one.out / "checkpoint-1")
    values, found, penalties = [], [], []
    for batch in trainer._buffered_inputs:
        found += batch["advantages"].tolist()
        parts = ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask")
        for ids, mask, drawn, kept in zip(*(batch[part] for part in parts), strict=True):
            prompt, answer = ids[mask.bool()].tolist(), drawn[kept.bool()].tolist()
            policys, references = (tempered(model, prompt + answer, len(prompt)) for model in (policy, reference))
            penalties.append(sum(policys) - sum(references))
            values.append(len(tokenizer.decode(answer, skip_special_tokens=True)) - penalties[-1])
    assert max(map(abs, penalties)) > 0.1
    expected = [value - (sum(values) - value) / 3 for value in values]
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-3)


def tempered(model: Any, ids: Sequence[int], prompt: int) -> list[float]:
    """Log-probabilities as TRL has them in RL: of the distribution that is drawn from."""
    import torch

    with torch.no_grad():
        values = (model(input_ids=torch.tensor([ids])).logits[0].float() / 0.9).log_softmax(-1)
    return [float(values[k - 1, ids[k]]) for k in range(prompt, len(ids))]


@pytest.mark.parametrize(
    ("method", "count", "more"),
    [
        ("sft", 7, {"batch": 4, "per_device_batch": 2, "epochs": 1.5}),
        ("dpo", 5, {"batch": 4, "per_device_batch": 1, "epochs": 2.3}),
        ("reward", 3, {"batch": 4, "per_device_batch": 4, "epochs": 2.0}),
        ("rloo", 5, {"batch": 4, "per_device_batch": 2, "epochs": 1.5, "max_response": 4}),
        ("grpo", 4, {"batch": 8, "per_device_batch": 2, "generations": 4, "epochs": 1.0, "max_response": 4}),
        ("sft", 3, {"max_steps": 4}),
    ],
)
def test_steps_are_the_trainers(tiny: Path, tmp_path: Path, method: str, count: int, more: Mapping[str, Any]) -> None:
    from judgebench_loops.training.settings import steps

    given = {"reward": reward("constant")} if method in ("rloo", "grpo") else {}
    one = job(tmp_path, tiny, method, count=count, **given, **more)
    trainer = trained(prepared(one, constant))
    assert trainer.state.global_step == trainer.state.max_steps == steps(one.settings, count)


def test_the_learning_rate_falls_to_its_share(tiny: Path, tmp_path: Path) -> None:
    for name, more in {
        "cosine": {"scheduler": "cosine", "final_lr_ratio": 0.2},
        "linear": {"scheduler": "linear", "final_lr_ratio": 0.2},
        "rising": {"scheduler": "cosine", "final_lr_ratio": 20.0},
        "warm": {"scheduler": "constant", "warmup_steps": 2},
    }.items():
        trainer = prepared(job(tmp_path / name, tiny, "sft", max_steps=4, **more))
        optimizer = trainer.create_optimizer()
        scheduler = trainer.create_scheduler(4, optimizer)
        rates = [scheduler.get_last_lr()[0]]
        for _ in range(4):
            optimizer.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr()[0])
        shares = [rate / 2e-3 for rate in rates]
        assert shares == pytest.approx(
            {
                "cosine": [0.2 + 0.4 * (1 + math.cos(math.pi * k / 4)) for k in range(5)],
                "linear": [1.0, 0.8, 0.6, 0.4, 0.2],
                "rising": [20 - 9.5 * (1 + math.cos(math.pi * k / 4)) for k in range(5)],
                "warm": [0.0, 0.5, 1.0, 1.0, 1.0],
            }[name]
        )


def test_adafactor_takes_the_learning_rate_as_it_is(tiny: Path, tmp_path: Path) -> None:
    trainer = prepared(job(tmp_path, tiny, "sft", optimizer="adafactor", max_steps=1))
    group = trainer.create_optimizer().param_groups[0]
    assert type(trainer.optimizer).__name__ == "Adafactor"
    assert (group["lr"], group["relative_step"], group["scale_parameter"]) == (2e-3, False, False)


def test_dropout_is_in_the_model_or_in_the_adapter(tiny: Path, tmp_path: Path) -> None:
    whole = prepared(job(tmp_path / "whole", tiny, "dpo", dropout=0.1, max_steps=1)).model
    assert whole.config.attention_dropout == 0.1
    assert {layer.self_attn.attention_dropout for layer in whole.model.layers} == {0.1}
    adapted = prepared(job(tmp_path / "lora", tiny, "dpo", dropout=0.1, lora_rank=4, max_steps=1)).model
    assert adapted.config.attention_dropout == 0.0
    assert adapted.peft_config["default"].lora_dropout == 0.1
    own = prepared(job(tmp_path / "own", tiny, "sft", dropout=0.1, lora_dropout=0.3, lora_rank=4, max_steps=1)).model
    assert own.peft_config["default"].lora_dropout == 0.3


def test_rows_that_are_too_long_are_left_out_or_cut(tiny: Path, tmp_path: Path) -> None:
    from judgebench_loops.training import finished

    lines = made("sft")
    lines[1]["completion"] = said("fox " * 100)
    lines[2]["prompt"] = [message("user", "dog " * 100)]
    data = write(tmp_path / "data", lines)
    for name, more, expected in (
        ("drop", {}, {"rows": 2, "dropped": {"row too long": 1, "prompt too long": 1}, "cut": 0}),
        ("cut", {"too_long": "cut"}, {"rows": 3, "dropped": {"prompt too long": 1}, "cut": 1}),
    ):
        one = job(tmp_path / name, tiny, "sft", data=data, max_steps=1, **more)
        train(one)
        assert expected.items() <= (finished.facts(one.out) or {}).items()
    with pytest.raises(DataError, match="all 4 rows are too long") as raised:
        train(job(tmp_path / "none", tiny, "sft", data=data, max_length=4))
    assert "max_length" in raised.value.hint


def test_logs_hold_what_json_has() -> None:
    from judgebench_loops.training import work

    assert [work._finite(value) for value in (1.5, math.nan, math.inf, "a", None)] == [1.5, None, None, "a", None]


def test_rl_leaves_long_prompts_out(tiny: Path, tmp_path: Path) -> None:
    from judgebench_loops.training import work

    lines = made("rloo", 5)
    lines[2]["prompt"] = [message("user", "dog " * 100)]
    given = {"data": write(tmp_path / "data", lines), "reward": reward("constant"), "max_prompt": 64}
    one = job(tmp_path, tiny, "rloo", max_steps=1, **given, **RL)
    trainer, facts = work.prepared(one, constant)
    assert len(trainer.train_dataset) == 4
    assert facts == {"rows": 4, "dropped": {"prompt too long": 1}, "cut": 0}


def test_models_that_cannot_be_trained(tiny: Path, tmp_path: Path) -> None:
    from hf_kit import save, tiny_model
    from transformers import AutoModelForCausalLM

    bare = tmp_path / "bare"
    save(AutoModelForCausalLM.from_pretrained(tiny), bare, None)
    with pytest.raises(ConfigError, match="no chat template"):
        train(job(tmp_path / "a", bare, "sft"))
    with pytest.raises(ConfigError, match="no reward model"):
        train(job(tmp_path / "b", tiny, "rloo", reward=model_reward(tiny), **RL))
    (checkpoint,) = train(job(tmp_path / "c", tiny, "sft", lora_rank=2, max_steps=1))
    with pytest.raises(ConfigError, match="is an adapter"):
        train(job(tmp_path / "d", checkpoint.folder, "sft"))
    with pytest.raises(ConfigError, match="is an adapter"):
        train(job(tmp_path / "e", tiny, "rloo", reward=model_reward(checkpoint.folder), **RL))
    one = job(tmp_path / "f", tiny_model(tmp_path / "other", seed=5), "sft", max_steps=1)
    train(one)
    with pytest.raises(ConfigError, match="another training"):
        train(job(tmp_path / "f", tiny, "sft", max_steps=1))
    assert weights(one.out / "checkpoint-1")


def model_reward(folder: Path) -> Any:
    from judgebench_loops.training.reward_source import Reward

    return Reward(model=str(folder))
