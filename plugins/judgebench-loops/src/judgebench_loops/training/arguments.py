"""Settings in the words of transformers, TRL and peft."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from judgebench import ConfigError
from judgebench_loops.training.settings import RL, Training

_OPTIMIZERS = {"adamw": "adamw_torch", "adafactor": "adafactor"}
DROPOUTS = (
    "attention_dropout",
    "hidden_dropout",
    "residual_dropout",
    "embedding_dropout",
    "attn_pdrop",
    "resid_pdrop",
    "embd_pdrop",
    "embed_dropout",
    "resid_dropout",
    "dropout",
    "activation_dropout",
    "attention_probs_dropout_prob",
    "hidden_dropout_prob",
)
"""What dropouts of the architecture's are called in transformers' configurations."""


def arguments(settings: Training, out: Path, brought: Iterable[str], on_cpu: bool = False) -> dict[str, Any]:
    """Arguments of TRL's configuration of the method.

    `brought` are the dropouts that the model's configuration has, as `dropouts` finds them. `on_cpu`: there is no
    accelerator.
    """
    found: dict[str, Any] = {
        "output_dir": str(out),
        "learning_rate": settings.learning_rate,
        **schedule(settings),
        "warmup_steps": settings.warmup_steps,
        "optim": _OPTIMIZERS[settings.optimizer],
        "weight_decay": settings.weight_decay,
        "per_device_train_batch_size": settings.rows_at_once,
        "gradient_accumulation_steps": settings.passes,
        "num_train_epochs": settings.epochs,
        "max_steps": -1 if settings.max_steps is None else settings.max_steps,
        "bf16": settings.precision == "bfloat16",
        "gradient_checkpointing": settings.gradient_checkpointing,
        "save_strategy": "epoch" if settings.save_every is None else "steps",
        "save_steps": 500 if settings.save_every is None else settings.save_every,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "logging_steps": 1,
        "report_to": [],
        "disable_tqdm": True,
        "use_cpu": on_cpu,
        "dataloader_pin_memory": not on_cpu,
        "model_init_kwargs": {"dtype": dtype(settings), **dropout(settings, brought)},
    }
    if settings.method != "sft":
        found["disable_dropout"] = settings.dropout == 0 or settings.lora_rank > 0
    if settings.method not in RL:
        found["max_length"] = settings.max_length
    return found


def schedule(settings: Training) -> dict[str, Any]:
    """How the learning rate falls, in transformers' words."""
    last = settings.final_lr_ratio or 0.0
    match settings.scheduler:
        case "cosine":
            return {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr_rate": last}}
        case "linear":
            kwargs = {"lr_end": last * settings.learning_rate, "power": 1.0}
            return {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": kwargs}
        case "constant":
            return {"lr_scheduler_type": "constant_with_warmup"}


def dtype(settings: Training) -> str:
    """What the weights are held in: those that are trained are always float32."""
    return "bfloat16" if settings.precision == "bfloat16" and settings.lora_rank else "float32"


def dropouts(config: Any) -> tuple[str, ...]:
    """Names of the dropouts in a configuration of transformers."""
    return tuple(name for name in DROPOUTS if isinstance(getattr(config, name, None), int | float))


def dropout(settings: Training, brought: Iterable[str]) -> Mapping[str, float]:
    """The value of each dropout that the model has. ConfigError where one is wanted and the model has none."""
    names = tuple(brought)
    share = 0.0 if settings.lora_rank else settings.dropout
    if share and not names:
        raise ConfigError(
            f"training: dropout is {settings.dropout}, and the model's architecture has none",
            "dropout=0; or train an adapter (lora_rank), which has dropout of its own",
        )
    return dict.fromkeys(names, share)


def adapter(settings: Training) -> Any:
    """The configuration of LoRA; None where the whole model is trained.

    A reward model's new head is trained whole beside the adapter.
    """
    if not settings.lora_rank:
        return None
    from peft import LoraConfig

    targets = settings.lora_targets
    head = {"task_type": "SEQ_CLS", "modules_to_save": ["score"]}
    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.dropout if settings.lora_dropout is None else settings.lora_dropout,
        target_modules=targets if targets == "all-linear" else targets.split("+"),
        **(head if settings.method == "reward" else {"task_type": "CAUSAL_LM"}),
    )
