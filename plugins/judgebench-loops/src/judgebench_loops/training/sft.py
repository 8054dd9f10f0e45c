"""Supervised fine-tuning by TRL, on the tokens of the completion alone."""

from typing import Any

from judgebench_loops.training.job import Job


def trainer(job: Job, arguments: dict[str, Any], rows: Any, adapter: Any) -> Any:
    """TRL's SFTTrainer on rows of `prompt` and `completion`.

    The loss is the mean over all tokens of completions in one optimizer step, the end of the turn among them; tokens of
    prompts have the label -100.
    """
    from trl import SFTConfig, SFTTrainer

    config = SFTConfig(**arguments, completion_only_loss=True, packing=False)
    return SFTTrainer(model=str(job.model), args=config, train_dataset=rows, peft_config=adapter)
