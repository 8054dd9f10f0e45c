"""Direct preference optimisation by TRL."""

from typing import Any

from judgebench_loops.training.job import Job


def trainer(job: Job, arguments: dict[str, Any], rows: Any, adapter: Any) -> Any:
    """TRL's DPOTrainer on rows of `prompt`, `chosen` and `rejected`.

    The loss of a pair is -log sigmoid(beta (log pi/ref of chosen - log pi/ref of rejected)), sums over the response's
    tokens (Rafailov et al. 2023, equation 7), plus `nll` times TRL's `sft` loss of the chosen responses.

    The reference is the model as it is at the beginning, or `job.reference`.
    """
    from trl import DPOConfig, DPOTrainer

    settings = job.settings
    losses: dict[str, Any] = {"loss_type": ["sigmoid"]}
    if settings.nll:
        losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.nll]}
    config = DPOConfig(**arguments, beta=settings.beta, **losses)
    return DPOTrainer(
        model=str(job.model),
        ref_model=None if job.reference is None else _reference(job.reference, arguments),
        args=config,
        train_dataset=rows,
        peft_config=adapter,
    )


def _reference(name: str, arguments: dict[str, Any]) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(name, dtype=getattr(torch, arguments["model_init_kwargs"]["dtype"]))
