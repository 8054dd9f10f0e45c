"""The papers' values of a training, where they say them."""

from collections.abc import Mapping
from typing import Any

_SELF_REWARDING = {"batch": 16, "dropout": 0.1, "save_every": 200, "scheduler": "cosine"}
_RLAIF = {"optimizer": "adafactor", "learning_rate": 1e-5, "scheduler": "constant"}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "self-rewarding-sft": {"method": "sft", "learning_rate": 5.5e-6, "final_lr_ratio": 0.2, **_SELF_REWARDING},
    "self-rewarding-dpo": {
        "method": "dpo",
        "learning_rate": 1e-6,
        "final_lr_ratio": 0.1,
        "beta": 0.1,
        **_SELF_REWARDING,
    },
    "meta-rewarding-dpo": {
        "method": "dpo",
        "learning_rate": 5e-6,
        "scheduler": "cosine",
        "batch": 32,
        "epochs": 10.0,
        "beta": 0.1,
    },
    "self-taught-sft": {
        "method": "sft",
        "learning_rate": 1e-6,
        "final_lr_ratio": 0.2,
        "warmup_steps": 100,
        "epochs": 2.0,
        "precision": "bfloat16",
    },
    "self-taught-released-sft": {
        "method": "sft",
        "learning_rate": 1e-6,
        "final_lr_ratio": 0.1,
        "warmup_steps": 100,
        "precision": "bfloat16",
    },
    "self-taught-released-dpo": {
        "method": "dpo",
        "learning_rate": 5.5e-8,
        "final_lr_ratio": 20.0,
        "max_steps": 3000,
        "max_length": 2048,
        "seed": 2,
        "beta": 0.1,
        "nll": 1.5,
        "precision": "bfloat16",
    },
    "rlaif-sft": {"method": "sft", "batch": 128, "epochs": 1.0, "max_length": 1152, **_RLAIF},
    "rlaif-reward": {"method": "reward", "batch": 128, "epochs": 3.0, "max_length": 1152, **_RLAIF},
    "rlaif-rl": {
        "method": "rloo",
        "batch": 128,
        "epochs": 8.0,
        "beta": 0.05,
        "temperature": 0.9,
        "max_prompt": 1024,
        "max_response": 128,
        **_RLAIF,
    },
}
"""By name; options of `Training`.

What is departed from, and what was chosen where a paper says nothing:

- self-rewarding (Yuan et al. 2024, section 3.1.3): that DPO's learning rate falls by a cosine is said of SFT alone.
  The papers stop early, by a comparison of checkpoints; the number of epochs is the option's default. How far dropout
  reaches into the model: see `Training`.
- meta-rewarding (Wu et al. 2024, appendix A): a checkpoint is kept at each of the ten epochs' ends, to choose from.
- self-taught (Wang et al. 2024, table 7): at most two epochs. Its batch is not said; nor is the release's.
- self-taught-released: the configuration of the released model, which is not the paper's. Its learning rate of 5.5e-8
  with a last one of 1.1e-6 rises twentyfold and is almost surely a slip; it stands as it was published.
- rlaif (Lee et al. 2024, appendix): two to three epochs of a reward model, 128 a batch for summaries (else 32); 1,024
  tokens of input and 128 of output. Schedules are not said: constant. Adafactor with this learning rate as it is, and
  without scaling by the weights' size. RL without a learned value: see `Training`.
"""
