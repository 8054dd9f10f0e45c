"""RL by TRL: responses drawn from the model while it trains, scored by a reward model, a judge or a function."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import ConfigError
from judgebench_loops.training.job import Job
from judgebench_loops.training.reward_source import Scorer

MISSED = "rewards/missed"
"""What the number of responses without a reward is logged as, at each step."""


def trainer(job: Job, arguments: dict[str, Any], rows: Any, adapter: Any, scorer: Scorer | None) -> Any:
    """TRL's RLOOTrainer or GRPOTrainer on rows of `prompt`. How they map the paper's objective: see `Training`.

    `scorer` gives the rewards; None: the reward model `job.reward.model` does, as TRL takes one.
    """
    import trl

    settings = job.settings
    shared = {
        **arguments,
        "beta": settings.kl,
        "num_generations": settings.generations,
        "temperature": settings.temperature,
        "max_completion_length": settings.max_response,
    }
    if scorer is None:
        assert job.reward is not None
        assert job.reward.model is not None
        model, tokenizer = reward_model(job.reward.model, arguments["model_init_kwargs"]["dtype"])
        reward: dict[str, Any] = {"reward_funcs": [model], "reward_processing_classes": [tokenizer]}
    else:
        reward = {"reward_funcs": [rewards(scorer)]}
    given = {"model": str(job.model), "train_dataset": rows, "peft_config": adapter, **reward}
    if settings.method == "rloo":
        return by_epoch(trl.RLOOTrainer)(args=trl.RLOOConfig(**shared, normalize_advantages=False), **given)
    config = trl.GRPOConfig(**shared, scale_rewards="none", loss_type="dr_grpo")
    return by_epoch(trl.GRPOTrainer)(args=config, **given)


def by_epoch(kind: type[Any]) -> type[Any]:
    """The trainer with an order of prompts that seed and epoch decide.

    TRL's own comes out of one stream of chance over all epochs, which a training that is continued begins anew.
    """
    from torch.utils.data import Sampler

    class Order(Sampler):  # type: ignore[misc]
        """TRL's sampler, sown at the beginning of each epoch."""

        def __init__(self, plain: Any) -> None:
            self.plain = plain

        def __iter__(self) -> Iterator[int]:
            return iter(self.plain)

        def __len__(self) -> int:
            return len(self.plain)

        def set_epoch(self, epoch: int) -> None:
            """transformers calls it before each epoch."""
            self.plain.generator.manual_seed(self.plain.seed + epoch)

    class ByEpoch(kind):  # type: ignore[misc]
        """TRL's trainer, whose epochs are each in an order of their own."""

        def _get_train_sampler(self, dataset: Any = None) -> Order:
            return Order(super()._get_train_sampler(dataset))

    ByEpoch.__name__ = kind.__name__
    return ByEpoch


def reward_model(name: str, dtype: str) -> tuple[Any, Any]:
    """A reward model of one output and its tokenizer. ConfigError for another kind of model."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    if (Path(name) / "adapter_config.json").is_file():
        raise ConfigError(f"the reward model {name} is an adapter", "merge it into its base first")
    config = AutoConfig.from_pretrained(name)
    heads = [one for one in config.architectures or () if one.endswith("ForSequenceClassification")]
    if not heads or config.num_labels != 1:
        raise ConfigError(f"{name} is no reward model of one output", "train one: method=reward")
    model = AutoModelForSequenceClassification.from_pretrained(name, dtype=getattr(torch, dtype))
    return model, AutoTokenizer.from_pretrained(name)


def rewards(scorer: Scorer) -> Any:
    """A scorer in TRL's form of a reward function. A response without a reward gets no advantage and teaches nothing.

    It is left out of its group's baseline too; how many there are is logged as `rewards/missed`.
    """

    def reward(prompts: Sequence[Any], completions: Sequence[Any], log_metric: Any, **_: Any) -> list[float | None]:
        found = list(scorer(prompts, [_text(one) for one in completions]))
        log_metric(MISSED, float(sum(one is None for one in found)))
        return found

    return reward


def _text(completion: Sequence[Mapping[str, str]]) -> str:
    """The text of a response, which TRL gives as one message of the assistant."""
    (message,) = completion
    return message["content"]
