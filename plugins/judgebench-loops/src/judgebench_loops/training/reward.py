"""A reward model by TRL, on soft labels."""

from typing import Any

from judgebench_loops.training.job import Job
from judgebench_loops.training.rows import SOFT


def trainer(job: Job, arguments: dict[str, Any], rows: Any, adapter: Any) -> Any:
    """TRL's RewardTrainer on rows of `prompt`, `chosen`, `rejected` and `probability`, with the loss of `soft_trainer`.

    The model is `job.model` with a new head of one output: a supervised model, or a base.
    """
    from trl import RewardConfig

    return soft_trainer()(model=str(job.model), args=RewardConfig(**arguments), train_dataset=rows, peft_config=adapter)


def soft_trainer() -> type[Any]:
    """TRL's RewardTrainer with the cross-entropy between the softmax of a pair's two scores and its soft label.

    With d the chosen response's score less the rejected one's, and p = P(chosen is the better one), that is
    -p log sigmoid(d) - (1 - p) log sigmoid(-d) = -log sigmoid(d) + (1 - p) d, and -log sigmoid(d) is TRL's own loss.
    Its mean over the pairs is the loss. Source: Lee et al. (2024), RLAIF vs. RLHF, section 3.2.1.
    """
    import torch
    from trl import RewardTrainer
    from trl.trainer.reward_trainer import DataCollatorForPreference

    class WithLabels(DataCollatorForPreference):  # type: ignore[misc]
        """TRL's own, and the labels [pairs], float32."""

        def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
            """A batch of tensors."""
            found: dict[str, Any] = super().torch_call(examples)
            return {**found, SOFT: torch.tensor([example[SOFT] for example in examples], dtype=torch.float32)}

    class SoftRewardTrainer(RewardTrainer):  # type: ignore[misc]
        """TRL's RewardTrainer on soft labels."""

        data_collator: Any
        _signature_columns: Any

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.data_collator = WithLabels(**vars(self.data_collator))

        def _set_signature_columns_if_needed(self) -> None:
            super()._set_signature_columns_if_needed()
            if SOFT not in self._signature_columns:
                self._signature_columns = [*self._signature_columns, SOFT]

        def compute_loss(
            self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            """TRL's loss of hard labels, and what soft ones add to it."""
            inputs = dict(inputs)
            probability = inputs.pop(SOFT)
            hard, outputs = super().compute_loss(model, inputs, True, num_items_in_batch)
            chosen, rejected = outputs.logits.squeeze(-1).chunk(2)
            loss = hard + ((1 - probability) * (chosen - rejected)).mean()
            return (loss, outputs) if return_outputs else loss

    return SoftRewardTrainer
