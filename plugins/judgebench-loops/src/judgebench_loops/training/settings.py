"""What can be set of one training, and how many optimizer steps it takes."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from judgebench import ConfigError, option
from judgebench_loops.training.presets import PRESETS

__all__ = ["PRESETS", "RL", "Method", "Training", "steps"]

Method = Literal["sft", "dpo", "reward", "rloo", "grpo"]
RL: tuple[Method, ...] = ("rloo", "grpo")
"""The methods whose responses are drawn from the model while it trains."""
_AT_ONCE = 4

Count = Annotated[int, msgspec.Meta(ge=1)]
Some = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Part = Annotated[float, msgspec.Meta(ge=0, lt=1)]


@dataclass(frozen=True)
class Training:
    """One training by TRL. Options that another method has are left aside.

    `dropout`: with LoRA it is LoRA's own (`lora_dropout`), and the frozen model has none, which would blur the
    reference of DPO and RL; without LoRA it is set for whatever dropouts the architecture has (of Llama and Qwen: that
    of the attention's weights alone, not of the residuals), and an architecture without any is a ConfigError. 0
    switches off those that a model brings.

    `precision=bfloat16` computes in bfloat16. Weights that are trained stay float32; those that LoRA freezes are held
    in bfloat16.

    `nll` is the weight of the mean negative log-likelihood of a token of the chosen responses: the mean over all their
    tokens in the rows computed at once (`per_device_batch`), not a mean over responses of their sums.

    RL maximises the mean of (1 - beta) r - beta KL, as Lee et al. write it. TRL maximises r - b KL; with
    b = beta / (1 - beta) that is the same objective times 1 / (1 - beta), a factor that Adam and Adafactor do not feel
    (`kl`). Rewards are neither scaled, clipped nor normalised. `batch` counts responses, not prompts. In the place of
    the paper's REINFORCE with a learned value the baseline is:

    - `rloo`: of each response the mean reward, KL included, of the other responses to its prompt. KL is the sum over
      the response's tokens of log pi - log pi_ref, a part of the reward as in the paper; the whole response is one
      action. On-policy, one update a batch, so nothing is clipped.
    - `grpo`: the mean reward of all responses to the prompt, itself included: (n - 1) / n times rloo's advantage. KL is
      a term of the loss, a token's exp(d) - d - 1 with d = log pi_ref - log pi. Advantages are not divided by their
      deviation, and the loss is the sum over tokens divided by a constant (TRL's `dr_grpo`): no length is preferred.

    """

    method: Method = option(help="supervised fine-tuning, DPO, a reward model, or RL")
    learning_rate: Positive = option(1e-6, help="the highest one")
    scheduler: Literal["cosine", "linear", "constant"] = option("cosine", help="how the learning rate falls")
    final_lr_ratio: NotNegative | None = option(None, help="last learning rate / learning_rate; default: 0")
    warmup_steps: Some = option(0, help="steps over which the learning rate rises to learning_rate")
    optimizer: Literal["adamw", "adafactor"] = option("adamw", help="adafactor: without its own schedule and scaling")
    weight_decay: NotNegative = option(0.0, help="of weights that are matrices")
    batch: Count = option(16, help="rows (RL: responses) of one optimizer step")
    per_device_batch: Count | None = option(None, help="of them computed at once; default: 4, or what divides `batch`")
    epochs: Positive = option(1.0, help="how often each row is seen")
    max_steps: Count | None = option(None, help="so many optimizer steps, whatever `epochs` says")
    max_length: Count = option(1024, help="tokens of prompt and response; rows that are longer: `too_long`")
    too_long: Literal["drop", "cut"] = option("drop", help="longer rows are left out, or lose their end (sft, dpo)")
    dropout: Part = option(0.0, help="share of activations set to 0 in training")
    precision: Literal["float32", "bfloat16"] = option("float32", help="what is computed in")
    gradient_checkpointing: bool = option(False, help="compute activations twice instead of keeping them")
    save_every: Count | None = option(None, help="steps between checkpoints; default: at each epoch's end")
    keep_optimizer: bool = option(False, help="leave optimizer states in the checkpoints of a finished training")
    seed: Some = option(0, help="of the order of rows, of dropout, of new weights, and of what RL draws")
    lora_rank: Some = option(0, help="rank of the adapter that is trained in the model's place; 0: the whole model")
    lora_alpha: Positive = option(16.0, help="the adapter counts alpha / rank")
    lora_targets: str = option("all-linear", help="all-linear (not the head), or names of layers, with + between")
    lora_dropout: Part | None = option(None, help="dropout of the adapter; default: `dropout`")
    beta: Part = option(0.1, help="dpo: strength of the tie to the reference; rl: share of KL in the objective")
    nll: NotNegative = option(0.0, help="dpo: weight of the chosen responses' negative log-likelihood")
    generations: Annotated[int, msgspec.Meta(ge=2)] = option(2, help="rl: responses to each prompt of a batch")
    temperature: Positive = option(0.9, help="rl: of the responses")
    max_prompt: Count = option(1024, help="rl: prompts of more tokens are left out")
    max_response: Count = option(128, help="rl: tokens of a response, which ends there")

    def __post_init__(self) -> None:
        """ConfigError for options that contradict each other."""
        if self.batch % self.rows_at_once:
            raise ConfigError(
                f"training: a batch of {self.batch} is no multiple of per_device_batch={self.rows_at_once}",
                "give a per_device_batch that divides `batch`, or leave it out",
            )
        if self.method in RL and self.batch % self.generations:
            raise ConfigError(
                f"training: a batch of {self.batch} responses does not hold {self.generations} to each prompt",
                "give a batch that is a multiple of `generations`",
            )
        if self.scheduler == "constant" and self.final_lr_ratio not in (None, 1):
            raise ConfigError(
                "training: scheduler=constant has no final_lr_ratio", "scheduler=cosine or linear has one"
            )
        if self.scheduler == "linear" and (self.final_lr_ratio or 0) >= 1:
            raise ConfigError(
                "training: scheduler=linear cannot rise", "scheduler=cosine can, or final_lr_ratio below 1"
            )
        if self.method == "dpo" and self.beta == 0:
            raise ConfigError("training: DPO with beta=0 learns nothing", "the papers have beta=0.1")

    @property
    def rows_at_once(self) -> int:
        """Rows of one forward pass; `batch` divided by it is the number of passes whose gradients are added up."""
        return math.gcd(self.batch, _AT_ONCE) if self.per_device_batch is None else self.per_device_batch

    @property
    def passes(self) -> int:
        """Forward passes of one optimizer step."""
        return self.batch // self.rows_at_once

    @property
    def kl(self) -> float:
        """The weight of KL where the reward's weight is 1: beta / (1 - beta)."""
        return self.beta / (1 - self.beta)


def steps(settings: Training, rows: int) -> int:
    """Optimizer steps of a training on so many rows (those that are not too long), as transformers counts them.

    RL takes whole batches of prompts: what is left over at an epoch's end waits for a later one, in another order.
    ConfigError where there is not one row, or in RL not one whole batch of prompts.
    """
    least = settings.batch // settings.generations if settings.method in RL else 1
    if rows < least:
        raise ConfigError(
            f"training: {rows} rows, and at least {least} are needed",
            "give a smaller batch, or more prompts" if least > 1 else "what was dropped before, and why?",
        )
    if settings.max_steps is not None:
        return settings.max_steps
    if settings.method in RL:
        each = rows // least
    else:
        each = math.ceil(math.ceil(rows / settings.rows_at_once) / settings.passes)
    return math.ceil(settings.epochs * each)
